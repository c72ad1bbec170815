"""A mapping file that is wrong is said at start-up, with its place; the language is closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.mapping import Mappings, load
from gateway.registry import discover, mappings_directory
from gateway.sdk import ConfigurationError

HEAD = "system: echo\noperation: say\nversion: 1\n"
CODES = "ours,theirs,label_vi\na,1,Một\nb,2,Hai\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "echo"
    (made / "codes").mkdir(parents=True)
    (made / "codes" / "kind.csv").write_text(CODES)
    return made


def compiled(folder: Path, rules: str = "", *, text: str = "") -> Mappings:
    (folder / "say.yaml").write_text(text or HEAD + rules)
    return load(folder)


@pytest.mark.parametrize(
    "rule",
    [
        "{to: a}",
        "{from: a}",
        "{to: a, from: b, const: c}",
        "{to: a, from: b, script: os.system}",
        "{to: a, from: b, text: {max: 3}, number: integer}",
        "{to: a, from: b, number: float}",
        "{to: a, from: b, text: {fold: rot13}}",
        "{to: a, from: b, text: {max: many}}",
        "{to: a, from: b, text: {}}",
        "{to: a, from: b, date: iso}",
        "{to: a, from: b, date: {read: iso}}",
        "{to: a, from: b, bool: [ja]}",
        "{to: a, from: b, code: unknown_list}",
        "{to: a, from: b, label: unknown_list}",
        "{to: a, from: [b, c]}",
        "{to: a, from: b, when: '('}",
        "{to: a, from: b, each: nothing}",
        "{to: a, from: b, each: [{to: x}]}",
        "{to: 3, from: b}",
        "just text",
        "{to: a, to: b, from: c}",
    ],
)
def test_a_rule_outside_the_language_is_refused_by_name_and_place(folder: Path, rule: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        compiled(folder, f"request:\n  - {rule}\n")
    assert "mappings/echo/say.yaml" in raised.value.detail
    assert raised.value.error_code == "operator.mapping"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "{{{{",
        "system: echo\noperation: say\n",
        "system: other\noperation: say\nversion: 1\n",
        "system: echo\noperation: other\nversion: 1\n",
        "system: echo\noperation: say\nversion: one\n",
        HEAD + "script: x\n",
        HEAD + "request: {to: a, from: b}\n",
        HEAD + "version: 2\n",
        HEAD + "request: !!python/object/apply:os.system [ls]\n",
    ],
)
def test_a_file_that_is_no_mapping_is_refused(folder: Path, text: str) -> None:
    (folder / "say.yaml").write_text(text)
    with pytest.raises(ConfigurationError):
        load(folder)


@pytest.mark.parametrize("codes", ["", "a,b\n", "ours,theirs\na,1\n", CODES + "a,3,Ba\n"])
def test_a_malformed_code_list_is_refused(folder: Path, codes: str) -> None:
    (folder / "codes" / "kind.csv").write_text(codes)
    with pytest.raises(ConfigurationError, match=r"kind\.csv"):
        compiled(folder)


def test_a_label_names_the_catalogue_and_version_that_it_was_read_in(folder: Path) -> None:
    """COD-11."""
    (folder / "codes" / "lists.yaml").write_text('kind: {catalogue: Loại, version: "2017"}\n', encoding="utf-8")
    mappings = compiled(folder, "reply:\n  - {to: k, from: K, label: kind}\n")
    named = {"list": "Loại", "list_version": "2017"}
    assert mappings.reply("say", {"K": "2"}) == {"k": {"code": "2", "label_vi": "Hai", **named}}
    assert mappings.reply("say", {"K": "9"}) == {"k": {"code": "9", "label_vi": None, **named}}


@pytest.mark.parametrize(
    "told",
    [
        "kind: Loại",
        "kind: {catalogue: Loại}",
        "kind: {catalogue: Loại, version: 2017}",
        "other: {}",
        "- kind",
        "{{",
        "",
    ],
)
def test_a_catalogue_that_is_not_told_whole_is_refused(folder: Path, told: str) -> None:
    (folder / "codes" / "lists.yaml").write_text(told, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"lists\.yaml"):
        compiled(folder)


def test_an_operation_without_a_file_is_the_operators_fault(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"mappings/echo/fly\.yaml"):
        compiled(folder).request("fly", {})


@pytest.mark.parametrize("name", discover())
def test_every_mapping_that_we_ship_compiles(name: str) -> None:
    mappings = load(mappings_directory(discover()[name]))
    operations = {operation.name for operation in discover()[name].manifest.operations}
    assert {name for name in operations if name not in mappings.operations} <= {"find_dossier"}
