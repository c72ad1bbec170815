"""Raise, list and settle alarms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import structlog

from gateway.alarms.model import Alarm, Occasion, Settled
from gateway.alarms.store import AlarmStore
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.sdk.errors import ConflictError, NotFoundError

SAME_FOR = timedelta(days=1)
"""The same kind about the same within this time of the first is the same alarm, with a count."""
EVER = datetime(2000, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


class Alarms:
    """Implements `AlarmService`."""

    def __init__(self, store: AlarmStore, *, recorder: Recorder, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._recorder = recorder
        self._clock = clock

    async def raise_alarm(self, occasion: Occasion, *, context: Context) -> Alarm:
        now = self._clock()
        since = EVER if occasion.lasting else now - SAME_FOR
        alarm = await self._store.note(context.tenant, occasion, now=now, since=since)
        if alarm.count == 1:
            await self._recorder.record(_entry(alarm, context))
            log.warning("alarm_raised", alarm=alarm.id, kind=occasion.kind, about=occasion.about)
        return alarm

    async def listed(self, tenant: str, *, everything: bool, limit: int) -> Sequence[Alarm]:
        return await self._store.listed(tenant, everything=everything, limit=limit)

    async def page(self, tenant: str, *, everything: bool, before: int, limit: int) -> Sequence[Alarm]:
        return await self._store.page(tenant, everything=everything, before=before, limit=limit)

    async def find(self, tenant: str, alarm_id: int) -> Alarm:
        return await self._store.find(tenant, alarm_id) or _unknown()

    async def settle(self, tenant: str, alarm_id: int, *, by: str, reason: str) -> Alarm:
        settled = Settled(by=by, reason=reason, at=self._clock())
        done = await self._store.settle(tenant, alarm_id, settled)
        if done is None:
            await self.find(tenant, alarm_id)
            raise ConflictError("This alarm was settled before.", vi="Cảnh báo này đã được xử lý trước đó.")
        return done


def _entry(alarm: Alarm, context: Context) -> Entry:
    """The leaf of an alarm that is new; each further time has the leaf of what caused it."""
    return Entry(
        kind=EntryKind.ALARM,
        tenant=context.tenant,
        actor=context.actor,
        operation="raise_alarm",
        outcome=alarm.occasion.kind,
        occurred_at=alarm.raised_at,
        trace_id=context.trace_id,
        reference=f"alarm:{alarm.id}",
        facts={"about": alarm.occasion.about, **alarm.occasion.facts},
    )


def _unknown() -> NoReturn:
    raise NotFoundError("No alarm has this number.", vi="Không có cảnh báo nào mang số này.")
