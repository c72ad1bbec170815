"""Stops sending as a suspension begins, and goes on as it ends: what was announced happens, with nobody awake."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.delivery.store import Outbox
from gateway.maintenance.model import Window, WindowState
from gateway.maintenance.store import WindowStore
from gateway.observability import own_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """One of each worker; each step falls to one of them. A target that a person had paused before is left as it is,
    and stays paused afterwards."""

    store: WindowStore
    outbox: Outbox
    recorder: Recorder
    atomically: Callable[[], AbstractAsyncContextManager[object]]
    tenant: str
    clock: Callable[[], datetime]

    async def step(self) -> int:
        """How many targets were paused or resumed."""
        now = self.clock()
        begun = [await self._pause(window, now) for window in await self.store.pausing(self.tenant, now)]
        held = [window for window in await self.store.holding(self.tenant) if window.state(now) is WindowState.OVER]
        over = [await self._resume(window, now) for window in held]
        return sum(begun) + sum(over)

    async def _pause(self, window: Window, now: datetime) -> bool:
        target = window.plan.subject
        async with self.atomically():
            ours = any(other.plan.subject == target for other in await self.store.holding(self.tenant))
            if not await self.store.paused(self.tenant, window.id, at=now):
                return False
            if target in await self.outbox.paused(self.tenant):
                if not ours:  # a person did, who will also resume it
                    await self.store.resumed(self.tenant, window.id, at=now)
                return False
            await self.outbox.pause(self.tenant, target, now=now)
            await self._record("pause_target", window, now)
        return True

    async def _resume(self, window: Window, now: datetime) -> bool:
        target = window.plan.subject
        async with self.atomically():
            if not await self.store.resumed(self.tenant, window.id, at=now):
                return False
            others = await self.store.current(self.tenant, now)
            goes_on = any(other.plan.subject == target and other.plan.pauses for other in others)
            if goes_on or target not in await self.outbox.paused(self.tenant):  # a person resumed it meanwhile
                return False
            await self.outbox.resume(self.tenant, target, rate=window.plan.rate, now=now)
            await self._record("resume_target", window, now)
        return True

    async def _record(self, operation: str, window: Window, now: datetime) -> None:
        act = Act(
            operation=operation,
            reference=window.plan.subject,
            facts={"maintenance": window.id, "rate": str(window.plan.rate or "")},
        )
        await self.recorder.record(act.entry(own_context(self.tenant), at=now))
