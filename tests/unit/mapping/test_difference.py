"""Two versions of a mapping, held against each other."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gateway.mapping.difference import How, compare
from gateway.mapping.model import ABSENT, Direction
from gateway.mapping.source import Source
from gateway.mapping.table import rows, skeleton

LISTS = {"gender": "ours,theirs,label_vi\nmale,1,Nam\nfemale,2,Nữ\n"}


def source(*rules: dict[str, Any], codes: dict[str, str] | None = None, version: int = 1) -> Source:
    said = {"system": "s", "operation": "o", "version": version, "request": list(rules), "reply": []}
    return Source(system="s", operation="o", text=yaml.safe_dump(said), codes=LISTS if codes is None else codes)


NAME: dict[str, Any] = {"to": "HoTen", "from": "full_name", "required": True}
FEES: dict[str, Any] = {"to": "DSPhi", "from": "fees", "each": [{"to": "Ma", "from": "code"}]}


def test_the_same_rules_are_no_difference_whatever_the_number_says() -> None:
    assert compare(source(NAME), source(NAME, version=2)).is_none


def test_a_rule_that_came_and_one_that_went_are_told() -> None:
    found = compare(source(NAME), source(FEES))
    assert [(change.how, change.place) for change in found.rules] == [
        (How.ADDED, "DSPhi"),
        (How.ADDED, "DSPhi[].Ma"),
        (How.REMOVED, "HoTen"),
    ]


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({**NAME, "required": False}, ("required",)),
        ({**NAME, "from": "name"}, ("ours",)),
        ({**NAME, "default": ""}, ("default",)),
        ({**NAME, "text": {"max": 10}}, ("verb", "argument")),
        ({"to": "HoTen", "const": "x", "required": True}, ("ours", "verb", "constant")),
        ({**NAME, "when": "a"}, ("when",)),
    ],
)
def test_what_of_a_rule_differs_is_named(changed: dict[str, Any], what: tuple[str, ...]) -> None:
    (change,) = compare(source(NAME), source(changed)).rules
    assert (change.how, change.what, change.direction) == (How.CHANGED, what, Direction.REQUEST)


def test_a_rule_inside_a_list_is_found() -> None:
    other = {**FEES, "each": [{"to": "Ma", "from": "code", "required": True}]}
    (change,) = compare(source(FEES), source(other)).rules
    assert (change.place, change.what) == ("DSPhi[].Ma", ("required",))


def test_rules_for_one_place_are_told_apart_by_their_order() -> None:
    one, other = {"to": "a", "from": "x", "when": "1"}, {"to": "a", "from": "y", "when": "2"}
    (change,) = compare(source(one, other), source(one, {**other, "from": "z"})).rules
    assert change.before is not None
    assert (change.before.turn, change.what) == (2, ("ours",))


def test_another_order_is_told() -> None:
    assert compare(source(NAME, FEES), source(FEES, NAME)).moved == [Direction.REQUEST]


def test_entries_of_code_lists_are_compared_and_change_the_digest() -> None:
    lists = {"gender": "ours,theirs,label_vi\nmale,1,Nam giới\nother,3,Khác\n"}
    before, after = source(NAME), source(NAME, codes=lists)
    assert before.digest != after.digest
    found = [(change.how, (change.after or change.before).ours) for change in compare(before, after).codes]  # type: ignore[union-attr]  # one of them is there
    assert found == [(How.CHANGED, "male"), (How.ADDED, "other"), (How.REMOVED, "female")]


def test_a_table_has_the_rules_of_a_list_beneath_it() -> None:
    table = rows(source(NAME, FEES).document, Direction.REQUEST)
    assert [(row.depth, row.ours, row.theirs, row.verb) for row in table] == [
        (0, ("full_name",), ("HoTen",), "copy"),
        (0, ("fees",), ("DSPhi",), "each"),
        (1, ("code",), ("Ma",), "copy"),
    ]
    assert table[0].default is ABSENT
    assert not table[0].has_constant


def test_a_skeleton_has_every_source() -> None:
    rules = (NAME, FEES, {"to": "x", "join": " ", "from": ["a.b", "a.0.c"]})
    assert skeleton(source(*rules).document, Direction.REQUEST) == {
        "full_name": "",
        "fees": [{"code": ""}],
        "a": {"b": "", "c": ""},
    }
