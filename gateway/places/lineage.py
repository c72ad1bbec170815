"""What a code means on a day: followed to its successors, or traced back to what it was made of. Pure.

A unit is one period of a code. The codes that follow it are in force on the day after its last one, so every step of
a way leads on in time, and none can go in circles. One that goes on unchanged and takes others in (A is merged into B)
was itself before: B is not traced back to A.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from gateway.domain import AgencyId, InvalidValueError
from gateway.sdk.errors import NotFoundError

DAY = timedelta(days=1)
KINDS: Mapping[str, str] = {
    "province": "tỉnh, thành phố",
    "district": "huyện (tới hết 30/6/2025)",
    "ward": "phường",
    "commune": "xã",
    "special_zone": "đặc khu",
    "agency": "cơ quan",
    "centre": "trung tâm phục vụ hành chính công",
    "point": "điểm tiếp nhận",
}
"""No kind demands another above it: a tree may have one level or several, and no district anywhere (ORG-01, ORG-08)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One period of a code. `valid_to` is its last day; `successors` are in force on the day after. `alias` is the same
    body's id in the other form (QCVN 102, QĐ 20/2020)."""

    code: str
    name: str
    kind: str
    valid_from: date
    valid_to: date | None = None
    parent: str = ""
    alias: str = ""
    successors: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, date]:
        return self.code, self.valid_from

    @property
    def day_after(self) -> date | None:
        """The first day of its successors."""
        return self.valid_to + DAY if self.valid_to else None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: Unit) -> bool:
        ends = self.valid_to or date.max, other.valid_to or date.max
        return self.valid_from <= ends[1] and other.valid_from <= ends[0]


class How(StrEnum):
    """How the units of a day were found."""

    SAME = "same"
    """The code itself was in force."""
    SUCCESSORS = "successors"
    PREDECESSORS = "predecessors"
    NONE = "none"
    """Known, but neither it nor anything that followed or preceded it was in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What `code` means on the day `on`, and every period of the code itself."""

    code: str
    on: date
    how: How
    units: tuple[Unit, ...]
    periods: tuple[Unit, ...]


class Lineage:
    """A register of units that hold together (`gateway.places.sheet` checks that)."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._periods: dict[str, list[Unit]] = defaultdict(list)
        self._aliases: dict[str, list[Unit]] = defaultdict(list)
        self._origins: dict[tuple[str, date], list[Unit]] = defaultdict(list)
        for unit in sorted(units, key=lambda unit: unit.key):
            self._periods[unit.code].append(unit)
            if unit.alias:
                self._aliases[unit.alias].append(unit)
            if day := unit.day_after:
                for successor in unit.successors:
                    self._origins[successor, day].append(unit)

    @property
    def units(self) -> Iterator[Unit]:
        """Every period of every code."""
        return (unit for periods in self._periods.values() for unit in periods)

    def knows(self, code: str) -> bool:
        return code in self._periods or code in self._aliases

    def resolve(self, code: str, on: date) -> Resolution:
        """The units in force on that day which `code` (or alias) stands for. `NotFoundError`: nobody knows it."""
        periods = self._periods.get(code) or self._aliases.get(code)
        if not periods:
            raise unknown_code()
        how, found = How.SAME, {unit for unit in periods if unit.covers(on)}
        if not found:
            ended = [unit for unit in periods if unit.valid_to and unit.valid_to < on]
            if ended:
                how, found = How.SUCCESSORS, self._walk(max(ended, key=_first_day), on, self._after)
            else:
                how, found = How.PREDECESSORS, self._walk(min(periods, key=_first_day), on, self._before)
        units = tuple(sorted(found, key=lambda unit: unit.key))
        return Resolution(code=code, on=on, how=how if units else How.NONE, units=units, periods=tuple(periods))

    def kin(self, code: str) -> frozenset[Unit]:
        """Every period of the code, everything that followed it and everything that it was made of; empty: nobody knows
        it. Two communes that were merged into a third are kin to that one, never to each other."""
        own = self._periods.get(code) or self._aliases.get(code) or []
        return frozenset(unit for step in (self._after, self._before) for unit in _reached(own, step))

    def lies_in(self, unit: Unit) -> tuple[Unit, ...]:
        """What the unit lay in on its first or last day, from the nearest upwards."""
        found: dict[tuple[str, date], Unit] = {}
        waiting = [unit]
        for lower in waiting:
            for day in (lower.valid_from, lower.valid_to or date.max):
                upper = self.period(lower.parent, day) if lower.parent else None
                if upper and upper.key not in found:
                    found[upper.key] = upper
                    waiting.append(upper)
        return tuple(found.values())

    def in_force(self, on: date, *, kind: str = "", parent: str | None = None) -> tuple[Unit, ...]:
        """Units of a day, all or those of a kind or directly below `parent`."""
        found = (unit for unit in self.units if unit.covers(on))
        return tuple(u for u in found if kind in {"", u.kind} and parent in {None, u.parent})

    def period(self, code: str, day: date) -> Unit | None:
        return next((unit for unit in self._periods.get(code, ()) if unit.covers(day)), None)

    def other_form(self, agency: str, on: date) -> str:
        """The id of the same body in the other form, by the table; only at level 1 the form itself says it.
        `NotFoundError`: the table does not know it, and nothing is guessed (COD-05)."""
        if (unit := self.period(agency, on)) and unit.alias:
            return unit.alias
        if unit := next((unit for unit in self._aliases.get(agency, ()) if unit.covers(on)), None):
            return unit.code
        try:
            other = AgencyId.parse(agency).other_form
        except InvalidValueError:
            other = None
        if other is None:
            raise NotFoundError(
                "No table says the other form of this agency id on that day.",
                vi="Chưa có bảng đối chiếu mã định danh này vào ngày đó.",
                what="no_other_form",
            )
        return other.value

    def _walk(self, start: Unit, on: date, step: Callable[[Unit], Sequence[Unit]]) -> set[Unit]:
        found, seen, waiting = set(), {start}, [start]
        while waiting:
            for unit in step(waiting.pop()):
                if unit.covers(on):
                    found.add(unit)
                elif unit not in seen:
                    seen.add(unit)
                    waiting.append(unit)
        return found

    def _after(self, unit: Unit) -> Sequence[Unit]:
        if (day := unit.day_after) is None:
            return ()
        return [found for code in unit.successors if (found := self.period(code, day))]

    def _before(self, unit: Unit) -> Sequence[Unit]:
        return self._origins.get(unit.key, ())


def _reached(start: Iterable[Unit], step: Callable[[Unit], Sequence[Unit]]) -> set[Unit]:
    found, waiting = set(start), list(start)
    while waiting:
        new = [unit for unit in step(waiting.pop()) if unit not in found]
        found.update(new)
        waiting += new
    return found


def _first_day(unit: Unit) -> date:
    return unit.valid_from


def unknown_code() -> NotFoundError:
    return NotFoundError(
        "No agency or place has or had this code.",
        vi="Không có cơ quan hoặc địa danh nào mang mã này.",
        what="unknown_place",
    )
