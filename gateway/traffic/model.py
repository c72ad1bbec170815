"""What is counted: rows of the log by span of time, and how the lanes stood (KPI-10, KPI-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

CLASSES = ("none", "ours", "caller", "partner_technical", "partner_business")
"""Whose fault, as `transactions` decides it; counters stand in this order."""


class Grain(StrEnum):
    """How long one span is. Days are those of Vietnam."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is counted of one leaf. `beside`: it was shared, but says nothing of how the system does."""

    index: int
    recorded_at: datetime
    kind: str
    actor: str
    operation: str
    system: str
    fault: str
    duration_ms: int | None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Counters of one span. `outcomes`: in the order of `CLASSES`. `latency`: by `tally.BOUNDS`, of those rows that say
    how long they took; `sum_ms` is of the same."""

    outcomes: tuple[int, ...] = (0,) * len(CLASSES)
    latency: tuple[int, ...] = ()
    sum_ms: int = 0

    @property
    def total(self) -> int:
        return sum(self.outcomes)

    def of(self, fault: str) -> int:
        return self.outcomes[CLASSES.index(fault)]

    @property
    def technical(self) -> int:
        return self.of("partner_technical")

    @property
    def answered(self) -> int:
        """What says something of the other side: what failed on ours never reached it."""
        return self.total - self.of("ours")

    @property
    def success(self) -> float | None:
        """Share without a technical fault of theirs; a no by the rules is an answer. None: nothing was asked."""
        return 1 - self.technical / self.answered if self.answered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which spans, from `since` to before `until`. `system`: empty: all together."""

    grain: Grain
    since: datetime
    until: datetime
    kind: str = "exchange"
    system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How one lane stood; of a longer span the highest. `oldest_s`: age of the oldest message not delivered."""

    target: str
    waiting: int
    held: int
    messages: int
    oldest_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """How often one party had one operation of another in a month. `kind` `exchange`: `system` provides, `actor` asked;
    `inbound`: `system` asked, the province provides."""

    kind: str
    system: str
    actor: str
    operation: str
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """One month's statistics; every leaf before `counted` is in them."""

    month: date
    rows: Sequence[Shared]
    counted: int

    @property
    def total(self) -> int:
        return sum(row.tally.total for row in self.rows)
