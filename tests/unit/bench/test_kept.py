"""Answers beside rows: what was answered for and is not kept is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from comparison import events, kept
from comparison.cases import CASES, STRANGE_CITIZEN
from comparison.events import Events, Sizes
from comparison.figures import Round
from comparison.questions import STRANGER_EACH, STRANGER_FIRST, strangers

ROUND = Round(
    requests=300, rate=1.0, p50_ms=1, p99_ms=1, cpu_ms=1, upstream_cpu_ms=0, postgres_cpu_ms=0, rss_mb=1, answers=300
)
TWO = {"audit_leaf": 2}


def test_each_answer_leaves_its_rows_and_one_of_a_stranger_more() -> None:
    assert kept.owed(ROUND, TWO, {}) == {"audit_leaf": (600, 600)}
    assert kept.owed(ROUND, TWO, STRANGE_CITIZEN) == {"audit_leaf": (602, 602)}


def test_of_what_was_shed_there_may_be_rows_and_need_not() -> None:
    assert kept.owed(replace(ROUND, answers=299, shed=1), TWO, STRANGE_CITIZEN) == {"audit_leaf": (599, 602)}


@pytest.mark.parametrize(("rows", "words"), [(599, "599 rows of audit_leaf, and 600"), (601, "601 rows"), (600, "")])
def test_a_row_too_few_or_too_many_is_told(rows: int, words: str) -> None:
    told = kept.complaints({"audit_leaf": rows}, {"audit_leaf": (600, 600)})
    assert told.startswith(words)
    assert bool(told) == bool(words)


def test_strangers_are_few_and_in_every_round_of_some_length() -> None:
    assert [strangers(asked) for asked in (STRANGER_FIRST, STRANGER_FIRST + 1, STRANGER_EACH)] == [0, 1, 1]
    assert strangers(STRANGER_FIRST + 10 * STRANGER_EACH + 1) == 11


def test_of_events_each_is_a_row_and_two_messages_unless_some_were_not_taken() -> None:
    told = Events(Sizes(dossiers=5))
    for number in range(7):
        told.one(number)
    rows = {"dossier": (5, 5), "dossier_event": (7, 7), "message": (19, 19)}
    assert events._owed(told, [replace(ROUND, requests=4)]) == rows
    shed = events._owed(told, [replace(ROUND, requests=4, shed=1)])
    assert shed == {**rows, "dossier_event": (4, 7), "message": (13, 19)}


def test_every_case_says_what_its_answers_leave() -> None:
    for case in CASES.values():
        assert case.leaves["audit_leaf"] > 0
        assert set(case.leaves) | set(case.of_a_stranger) <= set(kept.TABLES)
