"""Two answers beside each other: the names of what differs, never the values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.shadow.model import How, Told, compare

JSON: Any = st.recursive(
    st.integers(2) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def told(canonical: Any = None, *, outcome: str = "answered", is_answer: bool = True) -> Told:
    return Told(outcome=outcome, is_answer=is_answer, canonical=canonical or {})


@pytest.mark.parametrize(
    ("used", "tried", "expected"),
    [
        (told({"a": 1}), told({"a": 1}), (How.SAME, ())),
        (told({"a": 1}), told({"a": 2}), (How.DIFFERS, ("a",))),
        (told({"a": 1}), told({}), (How.DIFFERS, ("a",))),
        (told({"a": {"b": 1, "c": 2}}), told({"a": {"b": 1, "c": 3}}), (How.DIFFERS, ("a.c",))),
        (told({"l": [{"x": 1}, {"x": 2}]}), told({"l": [{"x": 9}, {"x": 8}]}), (How.DIFFERS, ("l.x",))),
        (told({"l": [1]}), told({"l": [1, 2]}), (How.DIFFERS, ("l",))),
        (told({"a": 1}), told(outcome="absent"), (How.DIFFERS, ("outcome", "a"))),
        (told(outcome="absent"), told(outcome="absent"), (How.SAME, ())),
        (told(), told(is_answer=False), (How.WORSE, ())),
        (told(is_answer=False), told(), (How.BETTER, ())),
        (told(is_answer=False), told(is_answer=False), (How.BOTH_FAILED, ())),
    ],
)
def test_how_they_compare(used: Told, tried: Told, expected: Any) -> None:
    assert compare(used, tried) == expected


@given(st.dictionaries(st.sampled_from("abc"), JSON), st.dictionaries(st.sampled_from("abc"), JSON))
def test_equal_answers_are_the_same_and_others_are_named(one: Any, other: Any) -> None:
    how, fields = compare(told(one), told(other))
    assert (how is How.SAME) == (one == other)
    assert bool(fields) == (one != other)
