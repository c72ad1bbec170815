"""What a system is called, by what was seen of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.traffic.board import NEWEST, QUARTER
from gateway.traffic.model import Grain, Row, Tally
from gateway.traffic.state import Limits, Seen, State, Why, judge
from gateway.traffic.tally import STEPS, bucket, counted, floor, together

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
        (Seen(quarter=tally(20), newest=tally(2), is_stale=True), State.UNKNOWN, Why.STALE),
        (Seen(quarter=tally(0, 20), newest=tally(0, 9), is_stale=True), State.UNKNOWN, Why.STALE),
        (Seen(quarter=tally(20), newest=NOTHING, is_stale=True, is_cut=True), State.BROKEN, Why.BREAKER),
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


@pytest.mark.parametrize("second", range(0, 60, 7))
@pytest.mark.parametrize("every_s", [1, 3, 10])
def test_a_fault_shows_within_a_minute_whenever_it_begins(second: int, every_s: int) -> None:
    """KPI-10: calls go well for half an hour, then every one fails; a minute later nobody calls the system open."""
    start = datetime(2026, 11, 27, 3, tzinfo=UTC)
    breaks = start + timedelta(minutes=30, seconds=second)
    now = breaks + timedelta(minutes=1)
    seen = _seen(start, now, breaks=breaks, every_s=every_s)
    assert judge(seen, LIMITS)[0] in {State.SLOW, State.BROKEN}
    assert judge(_seen(start, breaks, breaks=breaks, every_s=every_s), LIMITS)[0] is State.OPEN
    later = _seen(start, breaks + timedelta(minutes=2), breaks=breaks, every_s=every_s)
    assert judge(later, LIMITS)[0] is State.BROKEN


def _seen(start: datetime, now: datetime, *, breaks: datetime, every_s: int) -> Seen:
    """What the counters tell at `now` of one call every few seconds."""
    count = int((now - start).total_seconds()) // every_s
    moments = [start + timedelta(seconds=every_s * number) for number in range(count)]
    rows = [
        Row(
            index=number,
            recorded_at=at,
            kind="exchange",
            actor="worker",
            operation="x",
            system="population",
            fault="none" if at < breaks else "partner_technical",
            duration_ms=100,
        )
        for number, at in enumerate(moments)
    ]
    minutes = {key[1]: tally for key, tally in counted(rows).items() if key[0] is Grain.MINUTE}
    until = floor(now, Grain.MINUTE) + STEPS[Grain.MINUTE]
    quarter, newest = (
        together(tally for at, tally in minutes.items() if until - span <= at < until) for span in (QUARTER, NEWEST)
    )
    return Seen(quarter=quarter, newest=newest)
