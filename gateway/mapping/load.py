"""Read a system's mapping files and compile them; whatever is wrong with a file is said at start-up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gateway.mapping.codes import BadCodeListError, CodeList, read_code_lists
from gateway.mapping.engine import Mappings
from gateway.mapping.model import ABSENT, Direction, Rule, Translation
from gateway.mapping.verbs import BadVerbError, make
from gateway.sdk import ConfigurationError

VERBS = ("text", "number", "date", "bool", "code", "label", "each", "join", "first")
KEYS = {"to", "from", "const", "when", "required", "default", *VERBS}
FILE_KEYS = {"system", "operation", "version", "title", "request", "reply"}


class BadRuleError(Exception):
    """A rule is not one of the closed language."""


def load(directory: Path) -> Mappings:
    """Compile `<directory>/*.yaml` with its `codes/*.csv`. `ConfigurationError` names the file and the rule."""
    codes = _code_lists(directory / "codes")
    translations = {}
    for file in sorted(directory.glob("*.yaml")):
        translation = _translation(file, directory.name, codes)
        translations[translation.operation] = translation
    return Mappings(directory.name, translations)


def _code_lists(folder: Path) -> dict[str, CodeList]:
    try:
        return read_code_lists(folder)
    except BadCodeListError as exc:
        raise _wrong(folder, str(exc)) from exc


def _translation(file: Path, system: str, codes: Mapping[str, CodeList]) -> Translation:
    try:
        text = yaml.load(file.read_text(encoding="utf-8"), _EachOnce)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise _wrong(file, "not YAML, or a key stands twice") from exc
    if not isinstance(text, dict) or text.keys() - FILE_KEYS:
        raise _wrong(file, f"a mapping file has the keys {', '.join(sorted(FILE_KEYS))}")
    if (text.get("system"), text.get("operation")) != (system, file.stem) or not isinstance(text.get("version"), int):
        raise _wrong(file, "system, operation and version must fit the file's place and name")
    rules = {}
    for direction in Direction:
        try:
            rules[direction] = _rules(text.get(direction.value) or [], direction, codes)
        except (BadRuleError, BadVerbError) as exc:
            raise _wrong(file, f"{direction.value}: {exc}") from exc
    return Translation(operation=file.stem, version=text["version"], rules=rules)


def _rules(lines: Any, direction: Direction, codes: Mapping[str, CodeList]) -> tuple[Rule, ...]:
    if not isinstance(lines, list):
        raise BadRuleError("rules are a list")
    return tuple(_rule(line, direction, codes) for line in lines)


def _rule(line: Any, direction: Direction, codes: Mapping[str, CodeList]) -> Rule:
    if not isinstance(line, dict) or line.keys() - KEYS or not isinstance(line.get("to"), str):
        raise BadRuleError(f"{line!r}: a rule has `to` and of {', '.join(sorted(KEYS))}")
    verbs = [verb for verb in VERBS if verb in line]
    if len(verbs) > 1 or ("from" in line) == ("const" in line):
        raise BadRuleError(f"{line['to']}: one source and at most one verb")
    sources = line.get("from", [])
    verb = verbs[0] if verbs else "copy"
    try:
        when = re.compile(line["when"]) if "when" in line else None
        made = (
            None
            if verb in {"copy", "each", "join", "first"}
            else make(verb, line[verb], direction=direction, codes=codes)
        )
    except (BadVerbError, re.error) as exc:
        raise BadRuleError(f"{line['to']}: {exc}") from exc
    if isinstance(sources, list) and verb not in {"join", "first"} and "const" not in line:
        raise BadRuleError(f"{line['to']}: a list of sources needs join or first")
    return Rule(
        to=tuple(line["to"].split(".")),
        sources=tuple(tuple(path.split(".")) for path in ([sources] if isinstance(sources, str) else sources)),
        constant=line.get("const", ABSENT),
        verb_name=verb,
        verb=made,
        joined=line.get("join"),
        each=_rules(line["each"], direction, codes) if verb == "each" else None,
        when=when,
        required=bool(line.get("required", False)),
        default=line.get("default", ABSENT),
    )


class _EachOnce(yaml.CSafeLoader):
    """YAML where a key that stands twice in one mapping is an error; the library would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(map(str, keys))) != len(keys):
            raise yaml.constructor.ConstructorError(None, None, "a key stands twice", node.start_mark)
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


def _wrong(file: Path, what: str) -> ConfigurationError:
    place = f"mappings/{file.parent.name}/{file.name}"
    return ConfigurationError(f"{place}: {what}", vi=f"Tệp ánh xạ {place} sai: {what}", what="mapping")
