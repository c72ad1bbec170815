"""The port to the ledger. Writes join the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.delivery.model import StreamKey
from gateway.ledger.model import DayFigures, Line, Round, Unsynced


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which dossiers a report is about, and when the counting ends."""

    target: str
    since: date
    until: date
    """The last day, counted too."""
    within_s: float
    cut_off: datetime


class LedgerStore(Protocol):
    async def line(self, stream: StreamKey) -> Line | None: ...

    async def note(self, line: Line) -> None:
        """The newest finding replaces the one before; the evidence log keeps them all."""

    async def troubles(self, tenant: str, target: str, *, after: str = "", limit: int) -> Sequence[Line]:
        """Lines that somebody or something takes care of, by key, those after `after`."""

    async def record(self, tenant: str, found: Round) -> None:
        """Insert a round, or complete the one that began at the same moment."""

    async def last_round(self, tenant: str, target: str) -> Round | None:
        """The newest one that went through to its end."""

    async def days(self, tenant: str, period: Period) -> Sequence[DayFigures]: ...

    async def unsynced(self, tenant: str, period: Period, *, limit: int) -> Sequence[Unsynced]:
        """The very dossiers that completeness lacks, by day and code: their number is denominator minus numerator."""
