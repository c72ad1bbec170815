"""A rule's life: told once, recovered once, and unmoved by what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.alerts.course import LADDER_S, arrived, dropped, not_arrived, step
from gateway.alerts.model import Happened, Metric, News, Rule, Standing, Telling, TellingState

START = datetime(2026, 11, 27, 3, tzinfo=UTC)
HELD = Rule(name="x", metric=Metric.HELD, raise_at=10, clear_at=3, for_s=60, quiet_s=600)
SUCCESS = Rule(name="x", metric=Metric.SUCCESS, raise_at=50, clear_at=90)


def life(rule: Rule, values: list[float | None], *, every_s: int = 30) -> list[Happened | None]:
    """What is told at each look."""
    standing, told = Standing(), []
    for number, value in enumerate(values):
        standing, happened = step(rule, standing, value, now=START + timedelta(seconds=every_s * number))
        told.append(happened)
    return told


def test_it_is_told_when_it_has_been_bad_for_long_enough() -> None:
    assert life(HELD, [10, 11, 12, 13]) == [None, None, Happened.RAISED, None]


def test_a_short_peak_is_not_told() -> None:
    assert life(HELD, [10, 9, 10, 11, 0]) == [None] * 5


def test_it_is_well_again_only_beyond_the_other_threshold_and_for_as_long() -> None:
    told = life(HELD, [10, 10, 10, 5, 4, 4, 3, 2, 1, 0])
    assert told == [None, None, Happened.RAISED, None, None, None, None, None, Happened.RECOVERED, None]


def test_what_flaps_is_told_once() -> None:
    quick = Rule(name="x", metric=Metric.HELD, raise_at=10, clear_at=3, quiet_s=3600)
    told = life(quick, [10, 3, 10, 3, 10, 3])
    assert [one for one in told if one] == [Happened.RAISED, Happened.RECOVERED]


def test_what_is_still_bad_after_the_quiet_is_told_then_and_its_end_too() -> None:
    quick = Rule(name="x", metric=Metric.HELD, raise_at=10, clear_at=3, quiet_s=120)
    told = life(quick, [10, 3, 10, 10, 10, 10, 3])
    assert told == [Happened.RAISED, Happened.RECOVERED, None, None, Happened.RAISED, None, Happened.RECOVERED]


def test_between_the_thresholds_nothing_happens() -> None:
    assert life(HELD, [5] * 20) == [None] * 20
    assert [one for one in life(HELD, [10, 10, 10, *[5.0] * 20]) if one] == [Happened.RAISED]


def test_what_is_not_known_neither_raises_nor_clears() -> None:
    assert life(HELD, [None] * 10) == [None] * 10
    assert life(HELD, [10, None, 10, 10]) == [None, None, None, None]  # the seconds are counted anew
    assert life(HELD, [10, 10, 10, None, None, None, 0])[3:] == [None] * 4


def test_of_some_figures_little_is_bad() -> None:
    assert life(SUCCESS, [100, 60, 50, 60, 89, 90]) == [None, None, Happened.RAISED, None, None, Happened.RECOVERED]


def telling(tries: int = 0) -> Telling:
    news = News(happened=Happened.TEST, at=START)
    return Telling(event_id="AL1", receiver_id=1, news=news, created_at=START, due=START, tries=tries)


@pytest.mark.parametrize(("tries", "wait_s"), [*enumerate(LADDER_S), (99, LADDER_S[-1])])
def test_a_telling_that_did_not_arrive_is_tried_again_for_ever(tries: int, wait_s: float) -> None:
    after = not_arrived(telling(tries), now=START, trouble="partner.no_answer")
    assert (after.state, after.tries, after.due) == (
        TellingState.WAITING,
        tries + 1,
        START + timedelta(seconds=wait_s),
    )


def test_a_receiver_that_asks_for_time_gets_it() -> None:
    after = not_arrived(telling(), now=START, trouble="x", wait_s=900)
    assert after.due == START + timedelta(seconds=900)


def test_what_arrived_or_was_dropped_is_over() -> None:
    assert (arrived(telling()).state, arrived(telling()).due) == (TellingState.TOLD, None)
    assert (dropped(telling()).state, dropped(telling()).due) == (TellingState.DROPPED, None)
