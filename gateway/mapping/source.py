"""The text of a mapping and of the code lists that it names: what people read, and what versions are told apart by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

MOST = 50
"""Versions of one mapping that are looked at; older ones stay stored."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One mapping file. `codes`: the texts of the lists that it names, by their names."""

    system: str
    operation: str
    text: str = field(repr=False)
    codes: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """As `load` has checked it."""
        found: Mapping[str, Any] = _read(self.text)
        return found

    @property
    def version(self) -> int:
        return int(self.document["version"])

    @property
    def title(self) -> str:
        return str(self.document.get("title", ""))

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex. The same text with a changed code list is another one: it translates otherwise."""
        whole = json.dumps([self.text, dict(self.codes)], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A text that translated, and since when."""

    source: Source
    first_used_at: datetime

    @property
    def key(self) -> str:
        """Names it on a page: the number alone does not, where somebody forgot to raise it."""
        return f"{self.source.version}-{self.source.digest[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A made-up case that the tests translate, too. `given`: in our vocabulary."""

    name: str
    title: str
    given: Mapping[str, Any]


def read_sources(directory: Path) -> dict[str, Source]:
    """Every mapping of one system by operation, from files that `load` takes."""
    lists = {file.stem: file.read_text(encoding="utf-8") for file in sorted((directory / "codes").glob("*.csv"))}
    found = {}
    for file in sorted(directory.glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        named = set(_lists(_read(text))) if _may_name(text, lists) else set()
        codes = {name: said for name, said in lists.items() if name in named}
        found[file.stem] = Source(system=directory.name, operation=file.stem, text=text, codes=codes)
    return found


def read_examples(directory: Path, operation: str) -> Sequence[Example]:
    """Those of one operation, in the order of their names."""
    found = []
    for file in sorted((directory / "examples").glob("*.yaml")):
        said = _read(file.read_text(encoding="utf-8"))
        if said.get("operation") == operation and isinstance(said.get("given"), dict):
            found.append(Example(name=file.stem, title=str(said.get("title", "")), given=said["given"]))
    return found


def _read(text: str) -> Any:
    return yaml.load(text, yaml.CSafeLoader)


def _may_name(text: str, lists: Iterable[str]) -> bool:
    """Most mappings name no list, and need not be read for it: what is named stands there as it is, or escaped."""
    return "\\" in text or any(name in text for name in lists)


def _lists(part: Any) -> Iterator[str]:
    """Names of code lists, wherever a rule names one."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name in {"code", "label"} and isinstance(value, str):
                yield value
            yield from _lists(value)
    elif isinstance(part, list):
        for item in part:
            yield from _lists(item)
