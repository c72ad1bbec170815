"""What a system is called, by what was seen of it."""

from __future__ import annotations

import pytest

from gateway.traffic.model import Tally
from gateway.traffic.state import Limits, Seen, State, Why, judge
from gateway.traffic.tally import bucket

LIMITS = Limits(slow_ms=5000, good_from=0.95, broken_below=0.5, least=3)
NOTHING = Tally()


def tally(well: int = 0, technical: int = 0, *, ours: int = 0, business: int = 0, took: int = 100) -> Tally:
    return Tally((well, ours, 0, technical, business), (0,) * bucket(took) + (well + technical,), 0)


@pytest.mark.parametrize(
    ("seen", "state", "why"),
    [
        (Seen(quarter=NOTHING, newest=NOTHING), State.UNKNOWN, Why.NO_TRAFFIC),
        (Seen(quarter=tally(ours=9), newest=NOTHING), State.UNKNOWN, Why.NO_TRAFFIC),
        (Seen(quarter=tally(20), newest=tally(2)), State.OPEN, Why.WELL),
        (Seen(quarter=tally(business=20), newest=tally(business=2)), State.OPEN, Why.WELL),
        (Seen(quarter=tally(18, 2), newest=NOTHING), State.SLOW, Why.SOME_FAIL),
        (Seen(quarter=tally(99, 1), newest=tally(4, 1)), State.SLOW, Why.SOME_FAIL),
        (Seen(quarter=tally(0, 2), newest=tally(0, 2)), State.SLOW, Why.SOME_FAIL),
        (Seen(quarter=tally(1, 3), newest=NOTHING), State.BROKEN, Why.FAILS),
        (Seen(quarter=tally(1000, 3), newest=tally(1, 3)), State.BROKEN, Why.FAILS_NOW),
        (Seen(quarter=tally(5, 20), newest=tally(5)), State.SLOW, Why.SOME_FAIL),
        (Seen(quarter=tally(20, took=9000), newest=NOTHING), State.SLOW, Why.SLOW_ANSWERS),
        (Seen(quarter=tally(20), newest=tally(2), is_cut=True), State.BROKEN, Why.BREAKER),
        (Seen(quarter=tally(0, 20), newest=tally(0, 9), is_planned=True), State.MAINTENANCE, Why.PLANNED),
        (Seen(quarter=tally(20), newest=NOTHING, is_planned=True, is_paused=True), State.MAINTENANCE, Why.PLANNED),
        (Seen(quarter=tally(0, 20), newest=tally(0, 9), is_paused=True), State.PAUSED, Why.PAUSED),
    ],
)
def test_a_system_is_called_what_was_seen_of_it(seen: Seen, state: State, why: Why) -> None:
    assert judge(seen, LIMITS) == (state, why)


def test_silence_is_never_good() -> None:
    """`unknown` stands for what nobody knows, whatever else is in order."""
    assert judge(Seen(quarter=NOTHING, newest=NOTHING), LIMITS)[0] is not State.OPEN
