"""The way that messages go and the way that explains them say the same, of every mapping file and any document."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mapping import Mappings, load
from gateway.mapping.model import Direction, Rule
from gateway.sdk import ProtocolViolation
from gateway.sdk.errors import FieldProblem, UnprocessableError

FOLDERS = sorted(file.parent for file in Path(__file__).parents[3].glob("mappings/*/examples"))
SYSTEMS = {folder.name: load(folder) for folder in FOLDERS}
EVERY = [(name, operation) for name, mappings in SYSTEMS.items() for operation in mappings.operations]
VALUES = st.sampled_from(
    ["", " ", "x", " Trần ", "0", "1", "05", "31507", "2026-11-23", "2026-11-23T09:00:00", "Y", None, True, 0, 7]
) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def sources(rules: Sequence[Rule]) -> Iterator[tuple[tuple[str, ...], Sequence[Rule]]]:
    """Where rules read, each with the rules for what stands there."""
    for rule in rules:
        for path in rule.sources:
            yield path, rule.each or ()


@st.composite
def documents(draw: st.DrawFn, rules: Sequence[Rule]) -> dict[str, Any]:
    """What fits the rules here and there: objects in one another, lists of them, values of any kind in any place."""
    made: dict[str, Any] = {}
    for path, inner in sources(rules):
        if draw(st.booleans()):
            value = draw(st.lists(documents(inner) | VALUES, max_size=2) | documents(inner)) if inner else draw(VALUES)
            put(made, path, value)
    return made


def put(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    place: Any = document
    for step, following in itertools.pairwise(path):
        empty: Any = [] if following.isdigit() else {}
        if isinstance(place, list):
            place.append(empty)
            place = empty
        elif isinstance(place, dict):
            place = place.setdefault(step, empty)
    if isinstance(place, dict):
        place[path[-1]] = value
    elif isinstance(place, list):
        place.append(value)


def applied(mappings: Mappings, operation: str, direction: Direction, document: Any) -> tuple[Any, Any]:
    """The body, or what does not fit; a document that nobody could translate raises the same either way."""
    try:
        if direction is Direction.REQUEST:
            mapped = mappings.request(operation, document)
            assert mapped.version == mappings.version(operation)
            return mapped.body, ()
        return mappings.reply(operation, document), ()
    except UnprocessableError as exc:
        return None, tuple(exc.fields)
    except ProtocolViolation as exc:
        return None, exc.detail
    except (AttributeError, TypeError) as exc:
        return type(exc), ()


def explained(mappings: Mappings, operation: str, direction: Direction, document: Any) -> tuple[Any, Any]:
    try:
        tried = mappings.try_out(operation, direction, document)
    except (AttributeError, TypeError) as exc:
        return type(exc), ()
    if not tried.problems:
        return tried.body, ()
    if direction is Direction.REQUEST:
        return None, tried.problems
    return None, f"The answer of {mappings.system} does not fit its contract at {named(tried.problems)}."


def named(problems: Sequence[FieldProblem]) -> str:
    return ", ".join(problem.pointer for problem in problems)


@pytest.mark.parametrize(("system", "operation"), EVERY, ids=["-".join(each) for each in EVERY])
@settings(max_examples=25)
@given(data=st.data())
def test_a_message_is_translated_as_it_is_explained(system: str, operation: str, data: st.DataObject) -> None:
    mappings = SYSTEMS[system]
    for direction in Direction:
        document = data.draw(documents(mappings.rules(operation, direction)))
        told = applied(mappings, operation, direction, document)
        assert repr(told) == repr(explained(mappings, operation, direction, document))


@given(document=VALUES)
def test_whatever_comes_in_a_documents_place_is_treated_alike(document: Any) -> None:
    for system, operation in EVERY:
        for direction in Direction:
            told = applied(SYSTEMS[system], operation, direction, document)
            assert repr(told) == repr(explained(SYSTEMS[system], operation, direction, document))


def frozen(document: Any) -> Any:
    """The same, of mappings that are no dictionaries."""
    return MappingProxyType({k: frozen(v) for k, v in document.items()}) if isinstance(document, dict) else document


def test_any_mapping_is_a_document() -> None:
    address = {"ThuongTru": {"MaTinhThanh": "92", "ChiTiet": "Số 1"}, "HoVaTen": "Trần Thị Mẫu"}
    mappings = SYSTEMS["population"]
    expected = {
        "full_name": "Trần Thị Mẫu",
        "permanent_address": {"province_code": "92", "detail": "Số 1"},
    }
    assert mappings.reply("lookup_citizen", address) == expected
    assert mappings.reply("lookup_citizen", frozen(address)) == expected


def test_every_mapping_file_is_looked_at() -> None:
    assert len(EVERY) == len(list(Path(__file__).parents[3].glob("mappings/*/*.yaml"))) > 50
