"""The port to stored suspensions. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.maintenance.model import Plan, Window


class WindowStore(Protocol):
    async def add(self, tenant: str, plan: Plan, *, by: str, now: datetime) -> Window: ...

    async def find(self, tenant: str, window_id: int) -> Window | None: ...

    async def listed(self, tenant: str, *, before: int | None = None, limit: int) -> Sequence[Window]:
        """Newest first; only ids below `before`."""

    async def current(self, tenant: str, at: datetime) -> Sequence[Window]:
        """Under way at that moment, those that began first in front."""

    async def coming(self, tenant: str, at: datetime, *, limit: int) -> Sequence[Window]:
        """Announced and not begun, the next one first."""

    async def past(self, tenant: str, at: datetime, *, limit: int) -> Sequence[Window]:
        """Over, not called off, the newest first."""

    async def cancel(self, tenant: str, window_id: int, *, at: datetime) -> Window | None:
        """None: there is none that has not begun."""

    async def end(self, tenant: str, window_id: int, *, at: datetime) -> Window | None:
        """None: there is none under way."""

    async def extend(self, tenant: str, window_id: int, *, ends: datetime, at: datetime) -> Window | None:
        """None: there is none that is not over."""

    async def pausing(self, tenant: str, at: datetime) -> Sequence[Window]:
        """Under way, and to be paused still."""

    async def holding(self, tenant: str) -> Sequence[Window]:
        """Those for which the gateway paused the target, and has not resumed it."""

    async def paused(self, tenant: str, window_id: int, *, at: datetime) -> bool:
        """Whether it falls to the caller to pause: nobody has."""

    async def resumed(self, tenant: str, window_id: int, *, at: datetime) -> bool:
        """The same for resuming."""
