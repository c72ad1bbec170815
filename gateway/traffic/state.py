"""How a national system is, in one word, and why; a pure function of what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.traffic.model import Tally
from gateway.traffic.tally import quantile


class State(StrEnum):
    """One word for a card."""

    OPEN = "open"
    SLOW = "slow"
    BROKEN = "broken"
    PAUSED = "paused"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"
    """Nobody asked it anything lately: nothing is known, least of all that it is well."""


class Why(StrEnum):
    """What the state was told from."""

    WELL = "well"
    SOME_FAIL = "some_fail"
    SLOW_ANSWERS = "slow_answers"
    FAILS = "fails"
    FAILS_NOW = "fails_now"
    """In the newest two minutes, though the quarter of an hour still looks better."""
    BREAKER = "breaker"
    """The breaker of the process that tells this is open; each process has its own."""
    PAUSED = "paused"
    PLANNED = "planned"
    NO_TRAFFIC = "no_traffic"
    STALE = "stale"
    """The log is not counted up to now: the figures are of earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where well ends. See `TrafficSettings`."""

    slow_ms: int
    good_from: float
    broken_below: float
    least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of one system: the last 15 minutes, the newest two of them, and what people and we ourselves do."""

    quarter: Tally
    newest: Tally
    is_paused: bool = False
    is_planned: bool = False
    is_cut: bool = False
    """A breaker of this process is open."""
    is_stale: bool = False
    """The figures are not of now."""


def judge(seen: Seen, limits: Limits) -> tuple[State, Why]:
    """What a person decided comes before what is measured; the newest minutes before the quarter of an hour."""
    if seen.is_planned:  # which may have stopped the lane by itself
        return State.MAINTENANCE, Why.PLANNED
    if seen.is_paused:
        return State.PAUSED, Why.PAUSED
    return _measured(seen, limits)


def _measured(seen: Seen, limits: Limits) -> tuple[State, Why]:
    quarter, newest = seen.quarter, seen.newest
    p95 = quantile(quarter.latency, 0.95)
    recovered = newest.answered >= limits.least and not newest.technical
    signs = (
        (_is_broken(newest, limits) and not seen.is_stale, State.BROKEN, Why.FAILS_NOW),
        (seen.is_cut, State.BROKEN, Why.BREAKER),
        (seen.is_stale, State.UNKNOWN, Why.STALE),
        (quarter.success is None, State.UNKNOWN, Why.NO_TRAFFIC),
        (_is_broken(quarter, limits) and not recovered, State.BROKEN, Why.FAILS),
        ((quarter.success or 0) < limits.good_from or newest.technical > 0, State.SLOW, Why.SOME_FAIL),
        (p95 is not None and p95 > limits.slow_ms, State.SLOW, Why.SLOW_ANSWERS),
    )
    return next(((state, why) for is_so, state, why in signs if is_so), (State.OPEN, Why.WELL))


def _is_broken(tally: Tally, limits: Limits) -> bool:
    success = tally.success
    return success is not None and tally.answered >= limits.least and success < limits.broken_below
