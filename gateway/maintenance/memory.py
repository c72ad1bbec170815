"""Suspensions in a list, for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.maintenance.model import Plan, Window, WindowState


class MemoryMaintenance:
    """Implements `WindowStore`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], Window] = {}

    async def add(self, tenant: str, plan: Plan, *, by: str, now: datetime) -> Window:
        made = Window(id=len(self._kept) + 1, plan=plan, announced_at=now, announced_by=by)
        self._kept[tenant, made.id] = made
        return made

    async def find(self, tenant: str, window_id: int) -> Window | None:
        return self._kept.get((tenant, window_id))

    async def listed(self, tenant: str, *, before: int | None = None, limit: int) -> Sequence[Window]:
        found = self._of(tenant, lambda window: before is None or window.id < before)
        return sorted(found, key=lambda window: -window.id)[:limit]

    async def current(self, tenant: str, at: datetime) -> Sequence[Window]:
        return self._of(tenant, lambda window: window.state(at) is WindowState.UNDER_WAY)

    async def coming(self, tenant: str, at: datetime, *, limit: int) -> Sequence[Window]:
        return self._of(tenant, lambda window: window.state(at) is WindowState.ANNOUNCED)[:limit]

    async def past(self, tenant: str, at: datetime, *, limit: int) -> Sequence[Window]:
        return self._of(tenant, lambda window: window.state(at) is WindowState.OVER)[::-1][:limit]

    async def cancel(self, tenant: str, window_id: int, *, at: datetime) -> Window | None:
        return self._change(tenant, window_id, lambda w: w.state(at) is WindowState.ANNOUNCED, cancelled_at=at)

    async def end(self, tenant: str, window_id: int, *, at: datetime) -> Window | None:
        return self._change(tenant, window_id, lambda w: w.state(at) is WindowState.UNDER_WAY, ended_at=at)

    async def extend(self, tenant: str, window_id: int, *, ends: datetime, at: datetime) -> Window | None:
        held = self._kept.get((tenant, window_id))
        open_still = held is not None and held.cancelled_at is None and held.ended_at is None and held.plan.ends > at
        if held is None or not open_still or held.plan.ends >= ends:
            return None
        return self._change(tenant, window_id, lambda _: True, plan=replace(held.plan, ends=ends))

    async def pausing(self, tenant: str, at: datetime) -> Sequence[Window]:
        return [w for w in await self.current(tenant, at) if w.plan.pauses and w.paused_at is None]

    async def holding(self, tenant: str) -> Sequence[Window]:
        return self._of(tenant, lambda window: bool(window.paused_at) and window.resumed_at is None)

    async def paused(self, tenant: str, window_id: int, *, at: datetime) -> bool:
        return self._change(tenant, window_id, lambda w: w.paused_at is None, paused_at=at) is not None

    async def resumed(self, tenant: str, window_id: int, *, at: datetime) -> bool:
        ours = self._change(tenant, window_id, lambda w: bool(w.paused_at) and w.resumed_at is None, resumed_at=at)
        return ours is not None

    def _of(self, tenant: str, wanted: Callable[[Window], bool]) -> list[Window]:
        found = [window for (owner, _), window in self._kept.items() if owner == tenant and wanted(window)]
        return sorted(found, key=lambda window: (window.plan.begins, window.id))

    def _change(self, tenant: str, window_id: int, may: Callable[[Window], bool], **changes: Any) -> Window | None:
        held = self._kept.get((tenant, window_id))
        if held is None or not may(held):
            return None
        self._kept[tenant, window_id] = made = replace(held, **changes)
        return made
