"""Counting, as pure functions: into spans of time and into a histogram of fixed bounds."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from typing import Any

from gateway.domain import VIETNAM, local_day
from gateway.traffic.model import CLASSES, Grain, Row, Tally

BOUNDS = tuple(round(10 * 2 ** (step / 2)) for step in range(27))
"""Upper ends in milliseconds, each √2 of the one before: 10 to 81 920. What took longer stands behind the last."""

STEPS = {Grain.MINUTE: timedelta(minutes=1), Grain.HOUR: timedelta(hours=1), Grain.DAY: timedelta(days=1)}
KINDS = frozenset({"exchange", "inbound"})
"""What is sharing between two parties."""

Key = tuple[Grain, datetime, str, str, str]
"""Grain, beginning, kind, system, operation."""
SharingKey = tuple[date, str, str, str, str]
"""First day of the month, kind, system, actor, operation."""
_Alike = tuple[datetime, str, str, str, str]


def floor(at: datetime, grain: Grain) -> datetime:
    """When the span began that `at` lies in."""
    local = at.astimezone(VIETNAM).replace(second=0, microsecond=0)
    if grain is not Grain.MINUTE:
        local = local.replace(minute=0)
    return (local.replace(hour=0) if grain is Grain.DAY else local).astimezone(UTC)


def bucket(duration_ms: int) -> int:
    return bisect_left(BOUNDS, duration_ms)


def of_rows(rows: Sequence[Row]) -> Tally:
    faults = Counter(row.fault for row in rows)
    took = [row.duration_ms for row in rows if row.duration_ms is not None]
    places = Counter(map(bucket, took))
    latency = tuple(places[place] for place in range(max(places) + 1)) if places else ()
    return Tally(tuple(faults[name] for name in CLASSES), latency, sum(took))


def add(one: Tally, other: Tally) -> Tally:
    outcomes = tuple(a + b for a, b in zip(one.outcomes, other.outcomes, strict=True))
    latency = tuple(a + b for a, b in zip_longest(one.latency, other.latency, fillvalue=0))
    return Tally(outcomes, latency, one.sum_ms + other.sum_ms)


def together(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total = add(total, tally)
    return total


def counted(rows: Iterable[Row]) -> dict[Key, Tally]:
    """By every grain at once, without what says nothing of the system."""
    alike = _alike(row for row in rows if not row.beside)
    found: dict[Key, Tally] = {}
    for (minute, kind, system, _, operation), several in alike.items():
        one = of_rows(several)
        for grain in Grain:
            key = (grain, floor(minute, grain), kind, system, operation)
            found[key] = add(found[key], one) if key in found else one
    return found


def shared(rows: Iterable[Row]) -> dict[SharingKey, Tally]:
    """What is sharing, by month; a call of ours to one of the province's own systems is none."""
    alike = _alike(row for row in rows if row.kind in KINDS and row.system and ":" not in row.system)
    found: dict[SharingKey, Tally] = {}
    for (minute, *named), several in alike.items():
        kind, system, actor, operation = named
        key = (local_day(minute).replace(day=1), kind, system, actor, operation)
        found[key] = add(found.get(key, Tally()), Tally(of_rows(several).outcomes))
    return found


def _alike(rows: Iterable[Row]) -> dict[_Alike, list[Row]]:
    """Rows of one minute that differ in nothing that is told apart: most of them do not."""
    found: defaultdict[_Alike, list[Row]] = defaultdict(list)
    for row in rows:
        minute = row.recorded_at.replace(second=0, microsecond=0)
        found[minute, row.kind, row.system, row.actor, row.operation].append(row)
    return found


def quantile(latency: Sequence[int], share: float) -> float | None:
    """Milliseconds within which `share` of the answers came: interpolated inside a bucket, so an approximation, off by
    less than its width. Behind the last bound nothing is known: the bound itself. None: nothing was measured."""
    total = sum(latency)
    if not total:
        return None
    wanted, before = share * total, 0
    for place, count in enumerate(latency):
        if count and before + count >= wanted:
            if place >= len(BOUNDS):
                return float(BOUNDS[-1])
            low = BOUNDS[place - 1] if place else 0
            return low + (BOUNDS[place] - low) * (wanted - before) / count
        before += count
    return float(BOUNDS[-1])


def moments(grain: Grain, since: datetime, until: datetime) -> list[datetime]:
    """Every span of a plot, also those in which nothing was counted."""
    at, found = floor(since, grain), list[datetime]()
    while at < until:
        found.append(at)
        at = at + STEPS[grain]
    return found


def document(key: Key, tally: Tally) -> dict[str, Any]:
    """As the database takes it."""
    grain, at, kind, system, operation = key
    named = {"grain": grain, "at": at.isoformat(), "kind": kind, "system": system, "operation": operation}
    return {**named, "outcomes": tally.outcomes, "latency": tally.latency, "sum_ms": tally.sum_ms}
