"""Alarms in a list, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.alarms.model import Alarm, Occasion, Settled


class MemoryAlarms:
    def __init__(self) -> None:
        self.kept: list[tuple[str, Alarm]] = []

    async def note(self, tenant: str, occasion: Occasion, *, now: datetime, since: datetime) -> Alarm:
        for place, (owner, held) in enumerate(self.kept):
            same = (held.occasion.kind, held.occasion.about) == (occasion.kind, occasion.about)
            if owner == tenant and same and held.settled_at is None and held.raised_at > since:
                again = replace(held, occasion=occasion, last_at=now, count=held.count + 1)
                self.kept[place] = (owner, again)
                return again
        alarm = Alarm(id=len(self.kept) + 1, occasion=occasion, raised_at=now, last_at=now)
        self.kept.append((tenant, alarm))
        return alarm

    async def listed(self, tenant: str, *, everything: bool, limit: int) -> Sequence[Alarm]:
        found = [alarm for owner, alarm in self.kept if owner == tenant and (everything or alarm.settled_at is None)]
        return found[::-1][:limit]

    async def page(self, tenant: str, *, everything: bool, before: int, limit: int) -> Sequence[Alarm]:
        found = await self.listed(tenant, everything=everything, limit=len(self.kept))
        return [alarm for alarm in found if alarm.id < before][:limit]

    async def find(self, tenant: str, alarm_id: int) -> Alarm | None:
        return next((alarm for owner, alarm in self.kept if (owner, alarm.id) == (tenant, alarm_id)), None)

    async def settle(self, tenant: str, alarm_id: int, settled: Settled) -> Alarm | None:
        alarm = await self.find(tenant, alarm_id)
        if alarm is None or alarm.settled_at is not None:
            return None
        done = replace(alarm, settled_at=settled.at, settled_by=settled.by, reason=settled.reason)
        self.kept[self.kept.index((tenant, alarm))] = (tenant, done)
        return done
