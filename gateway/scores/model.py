"""Periods, what is counted in them, and figures that can be opened to the very dossiers (KPI-09). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from gateway.domain import VIETNAM, DossierStatus
from gateway.sdk.errors import FieldProblem, UnprocessableError

RULE = "KPI/1"
"""Version of the way in which dossiers are counted (`gateway/sql/queries/scores.sql`)."""
_PERIOD = re.compile(r"(20[0-9]{2})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?", re.ASCII)


class Mark(StrEnum):
    """What one dossier (message, person) counts as in one figure. Whatever has none is not of its population."""

    YES = "y"
    NO = "n"
    EXCLUDED = "x"
    """Of the population, but it cannot be counted: nothing is said, and nothing is taken as good."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """Kỳ: a month `2026-10`, a quarter `2026-Q4` or a year `2026`. `since` and `until` are its first and last day."""

    since: date
    until: date
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """`UnprocessableError`: it is none."""
        found = _PERIOD.fullmatch(text)
        if not found:
            english, vietnamese = (
                "A period reads 2026-10, 2026-Q4 or 2026.",
                "Kỳ có dạng 2026-10, 2026-Q4 hoặc 2026.",
            )
            fields = [FieldProblem("/period", english, vietnamese)]
            raise UnprocessableError(english, vi=vietnamese, what="period", fields=fields)
        year, month, quarter = int(found[1]), found[2], found[3]
        first, count = (int(month), 1) if month else (3 * int(quarter) - 2, 3) if quarter else (1, 12)
        last = first + count - 1
        end = date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
        return cls(name=text, since=date(year, first, 1), until=end)

    @classmethod
    def month_of(cls, day: date) -> Self:
        return cls.parse(f"{day:%Y-%m}")

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.since, datetime.min.time(), VIETNAM)

    @property
    def ends(self) -> datetime:
        """The first moment that is not in it any more."""
        return datetime.combine(self.until + timedelta(days=1), datetime.min.time(), VIETNAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is counted: a period as it was at `cut_off`, of some agencies or (None) of all. `within_s`: acknowledged
    within so many seconds is in time. `running`: statuses in which a dossier's clock runs, as `pack:status`."""

    period: Period
    cut_off: datetime
    within_s: float
    running: tuple[str, ...]
    agencies: tuple[str, ...] | None = None

    @property
    def moment(self) -> datetime:
        """As of when a dossier is open or finished."""
        return min(self.cut_off, self.period.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """So many of one agency have this mark in this figure. `seconds`: of their handling, altogether."""

    agency: str
    figure: str
    mark: str
    count: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One share, opened to what it is made of. `excluded` is in neither number."""

    id: str
    numerator: int
    denominator: int
    excluded: int = 0

    @property
    def share(self) -> float | None:
        """None when there is nothing to count, which is neither nought nor good."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def lacking(self) -> int:
        return self.denominator - self.numerator


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What one dossier is scored by (`gateway.dossiers.facts`), with what other capabilities know of it. `synced`: its
    mark in the comparison with its copy; empty: it is told to nobody. `paid`: paid through this gateway."""

    code: str
    agency: str
    procedure: str = ""
    pack: str = ""
    status: DossierStatus
    channel: str = ""
    mirrored: bool = False
    created_at: datetime
    received_on: date | None
    received_at: datetime | None = None
    due_at: datetime | None = None
    apologised_at: datetime | None = None
    finished_at: datetime | None = None
    fee: int = 0
    online_payment: bool = False
    paid: bool = False
    components: int = 0
    digitised: int = 0
    reused: int = 0
    from_store: int = 0
    results: int = 0
    contacts: int = 0
    synced: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One dossier, or one message (`seq`) of it, that a figure counts; of a rating the procedure with `people`."""

    code: str
    seq: int = 0
    mark: str
    agency: str
    procedure: str
    received_on: date | None
    due_at: datetime | None
    finished_at: datetime | None
    status: int

    @property
    def cursor(self) -> str:
        return f"{self.code}/{self.seq}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """How satisfied people were with one procedure at one agency in a month."""

    month: date
    procedure: str
    agency: str
    very_satisfied: int
    satisfied: int
    dissatisfied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A procedure with many dossiers in the period (QĐ 1565/QĐ-TTg; KPI-14)."""

    procedure: str
    received: int
    finished: int
    e_results: int
    with_papers: int
    reused: int


def figure_of(counts: Sequence[Count], figure: str) -> Figure:
    """Added up over agencies."""
    by = {mark: sum(c.count for c in counts if c.figure == figure and c.mark == mark) for mark in Mark}
    return Figure(
        id=figure,
        numerator=by[Mark.YES],
        denominator=by[Mark.YES] + by[Mark.NO],
        excluded=by[Mark.EXCLUDED],
    )
