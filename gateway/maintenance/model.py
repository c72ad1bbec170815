"""A planned suspension, and who may announce it how late (NĐ 47/2020 Art 43.3, NĐ 224/2026 Art 13.1.a; CON-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.domain import Context

GATEWAY = "gateway"
"""The subject of a suspension of the gateway itself; any other one is the id of a system."""


class WindowState(StrEnum):
    """Follows from the moments; nothing else is stored."""

    ANNOUNCED = "announced"
    UNDER_WAY = "under_way"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is announced to everybody; no personal data. `ends`: when it is expected to work again. `force_majeure`:
    why the notice could not be given in time; empty: it was. `pauses`: nothing is sent to the system meanwhile, and
    afterwards at `rate` messages a second at most (None: no limit)."""

    subject: str
    begins: datetime
    ends: datetime
    text: str
    text_en: str = ""
    force_majeure: str = ""
    pauses: bool = False
    rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Kế hoạch tạm ngừng. `paused_at` and `resumed_at`: when the gateway itself did so."""

    id: int
    plan: Plan
    announced_at: datetime
    announced_by: str
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    """When somebody said that it was over, sooner or later than planned."""
    paused_at: datetime | None = None
    resumed_at: datetime | None = None

    @property
    def until(self) -> datetime:
        return self.ended_at or self.plan.ends

    def state(self, at: datetime) -> WindowState:
        if self.cancelled_at is not None:
            return WindowState.CANCELLED
        if at < self.plan.begins:
            return WindowState.ANNOUNCED
        return WindowState.UNDER_WAY if at < self.until else WindowState.OVER


class MaintenanceService(Protocol):
    """Each method that changes something writes its leaf in the same transaction."""

    async def announce(self, plan: Plan, *, context: Context) -> Window:
        """`UnprocessableError` (`caller.notice_too_short`): less than the notice that the law asks for, and no force
        majeure; (`caller.maintenance_plan`): it cannot be so."""

    async def cancel(self, window_id: int, *, context: Context) -> Window:
        """`ConflictError`: it has begun, or was called off."""

    async def end(self, window_id: int, *, context: Context) -> Window:
        """Now. `ConflictError`: it is not under way."""

    async def extend(self, window_id: int, *, ends: datetime, context: Context) -> Window:
        """Tell a later expected recovery. `ConflictError`: it is over."""

    async def current(self, tenant: str, at: datetime) -> Sequence[Window]:
        """Those under way."""

    async def listed(self, tenant: str, *, before: int | None = None, limit: int = 50) -> Sequence[Window]:
        """Newest first."""
