"""Which statement a search is. Pure.

One condition drives the search along its own index, in the order of the list; the others are looked at row by row, and
a bounded number of them. The planner is not left to choose: where two common conditions have few rows in
common, it would read the whole table in the hope of a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.database import queries
from gateway.transactions.model import Place, Wanted

SQL = queries("transactions")

_CONDITIONS = {
    "references": "AND reference = ANY(%(references)s::text[]) AND reference <> ''",
    "reference": "AND reference = %(reference)s AND reference <> ''",
    "trace_id": "AND trace_id = %(trace_id)s",
    "call_id": "AND call_id = %(call_id)s AND call_id <> ''",
    "fault": "AND fault = %(fault)s AND fault <> 'none'",
    "actor": "AND actor = %(actor)s",
    "operation": "AND operation = %(operation)s",
    "system": "AND system = %(system)s AND system <> ''",
}
"""By name, those with few rows first. What stands in them decides which index fits: partial ones leave out what is
empty."""
_NO_LOOKS = "AND left(operation, 8) <> 'console_'"
_SURE = ("references", "reference", "trace_id", "call_id")
"""Always fewest."""
_TIMES = {
    "since": "AND recorded_at >= %(since)s::timestamptz",
    "until": "AND recorded_at < %(until)s::timestamptz",
    "place": "AND recorded_at <= %(at)s::timestamptz"
    " AND (recorded_at, index) < (%(at)s::timestamptz, %(index)s::bigint)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`most`: rows that one question looks at. `probed`: as far as this it is told which of several conditions is
    rarer."""

    most: int = 20_000
    probed: int = 2_000


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Text, and its values by name."""

    text: str
    values: Mapping[str, Any]


class Question:
    """One search of one tenant, from a place on."""

    def __init__(self, tenant: str, wanted: Wanted, *, before: Place | None = None, bounds: Bounds = BOUNDS) -> None:
        self._bounds = bounds
        named: dict[str, Any] = dict(wanted.equal)
        if len(wanted.references) == 1:
            named["reference"] = wanted.references[0]
        elif wanted.references:
            named["references"] = list(wanted.references)
        self._always = [] if wanted.looks else [_NO_LOOKS]
        self.names = tuple(name for name in _CONDITIONS if name in named)
        self._values: dict[str, Any] = {"tenant": tenant, **named}
        ends = {"since": wanted.since, "until": wanted.until, "place": before}
        self._times = [_TIMES[name] for name, end in ends.items() if end is not None]
        self._values |= {"since": wanted.since, "until": wanted.until}
        if before is not None:
            self._values |= {"at": before.recorded_at, "index": before.index}

    @property
    def rivals(self) -> tuple[str, ...]:
        """The conditions of which the rarest shall drive; none where that is sure."""
        return () if {*self.names} & {*_SURE} or len(self.names) < 2 else self.names

    def driver(self, counts: Mapping[str, int]) -> str:
        """The condition to go by, as `counts` tells of the rivals; empty: time alone."""
        return min(self.names, key=lambda name: counts.get(name, 0), default="")

    def rows_of(self, name: str) -> Statement:
        return self._statement("common", [name], most=self._bounds.probed)

    def page(self, driver: str, *, limit: int) -> Statement:
        return self._statement("page", [driver], most=self._bounds.most, limit=limit)

    def end(self, driver: str) -> Statement:
        return self._statement("end", [driver], most=self._bounds.most)

    def has_rest(self, driver: str) -> bool:
        return bool(self._always) or {*self.names} > {driver}

    def _statement(self, name: str, driving: Iterable[str], **values: int) -> Statement:
        driven = [name for name in driving if name]
        rest = [*(_CONDITIONS[name] for name in self.names if name not in driven), *self._always]
        driver = [*(_CONDITIONS[name] for name in driven), *self._times]
        text = SQL[name].format(driver=" ".join(driver), rest=" ".join(rest))
        return Statement(text=text, values={**self._values, **values})
