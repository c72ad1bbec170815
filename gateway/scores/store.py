"""The port to what is counted and what was closed. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from gateway.domain import DossierStatus
from gateway.scores.model import Busy, Count, Item, Rating, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Which open dossiers are looked at: those due before `before`, those that wait for a supplement, and those that
    are merely accepted: on paper, and received at `handed_before` or earlier, one should have been handed on; received
    at `returned_before` or earlier, it must soon go back if it does not qualify (None: no calendar says it). `packs`:
    by rule pack, how many days before the due day an apology must exist; `running` as in `Window`."""

    now: datetime
    before: datetime
    packs: Mapping[str, int]
    running: tuple[str, ...]
    agencies: tuple[str, ...] | None = None
    handed_before: datetime | None = None
    returned_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """An open dossier that needs somebody, and for what (`gateway.scores.warnings.Kind`)."""

    code: str
    agency: str
    procedure: str
    status: DossierStatus
    due_at: datetime | None
    apologised: bool
    pack: str
    kinds: tuple[str, ...]

    @property
    def cursor(self) -> str:
        return f"{self.due_at.isoformat() if self.due_at else 'infinity'}|{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnedCount:
    """How many of an agency; `first_due`: of the earliest of them."""

    agency: str
    kind: str
    count: int
    first_due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A period that was closed. `pack`: the scorecard of then, whole; empty in lists."""

    period: str
    closed_at: datetime
    closed_by: str
    pack: Mapping[str, Any]


class ScoreStore(Protocol):
    async def agencies(self, tenant: str) -> Sequence[str]:
        """Every one that dossiers or ratings name, by code."""

    async def unread(self, tenant: str, *, limit: int) -> int:
        """Dossiers whose facts were not read yet, at most `limit`."""

    async def counts(self, tenant: str, window: Window) -> Sequence[Count]: ...

    async def items(
        self, tenant: str, window: Window, figure: str, *, marks: Sequence[str], page: tuple[str, int]
    ) -> Sequence[Item]:
        """The very dossiers (messages) that a figure counts with one of `marks`, by code; `page`: those behind this
        cursor (`Item.cursor`), at most so many."""

    async def ratings(self, tenant: str, window: Window, *, limit: int) -> Sequence[Rating]: ...

    async def busy(self, tenant: str, window: Window, *, least: int, limit: int) -> Sequence[Busy]:
        """Procedures with at least so many dossiers received in the period, the most first."""

    async def due(self, tenant: str, horizon: Horizon, *, kind: str, page: tuple[str, int]) -> Sequence[Warned]:
        """Open dossiers that need somebody, the earliest due first; `kind`: of one kind only; `page`: those behind this
        cursor (`Warned.cursor`), at most so many."""

    async def due_counts(self, tenant: str, horizon: Horizon) -> Sequence[WarnedCount]: ...

    async def closed(self, tenant: str, period: str) -> Closing | None: ...

    async def closings(self, tenant: str, *, limit: int) -> Sequence[Closing]:
        """The newest first."""

    async def closed_counts(self, tenant: str, period: str, agencies: tuple[str, ...] | None) -> Sequence[Count]: ...

    async def close(self, tenant: str, closing: Closing, counts: Sequence[Count]) -> bool:
        """Freeze it. False: it was closed before, and stays as it is."""
