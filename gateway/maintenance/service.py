"""Announce, call off, end, extend: each with its leaf. A planned suspension is told to everybody seven working days
ahead, or it says why it could not be (CON-15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.domain import VIETNAM, Context, local_day
from gateway.maintenance.model import GATEWAY, Plan, Window
from gateway.maintenance.store import WindowStore
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.packs import RulePack, pack_on
from gateway.sdk.errors import ConflictError, FieldProblem, NotFoundError, UnprocessableError

LONGEST = timedelta(days=30)
DAYS = 7
"""Where the pack in force says nothing (NĐ 47/2020 Art 43.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The calendar and the packs by which a notice is counted."""

    calendar: WorkingCalendar
    packs: Sequence[RulePack]

    def soonest(self, announced_at: datetime) -> datetime:
        """When a suspension that is announced then may begin: so many whole working days lie between, the day of the
        announcement not counted."""
        day = local_day(announced_at)
        days = pack_on(self.packs, day).outage_notice_working_days or DAYS
        return self.calendar.closes(self.calendar.after(day, days))


class Maintenance:
    """Implements `MaintenanceService`."""

    def __init__(
        self,
        store: WindowStore,
        *,
        notice: Notice,
        targets: Sequence[str],
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._notice = notice
        self._targets = frozenset(targets)
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    def soonest(self) -> datetime:
        """When a suspension that is announced now may begin."""
        return self._notice.soonest(self._clock())

    async def announce(self, plan: Plan, *, context: Context) -> Window:
        now = self._clock()
        self._check(plan, now=now)
        async with self._atomically():
            made = await self._store.add(context.tenant, plan, by=context.actor, now=now)
            late = {"force_majeure": "yes"} if plan.force_majeure else {}
            await self._record("announce_maintenance", made, context=context, facts=late)
        return made

    async def cancel(self, window_id: int, *, context: Context) -> Window:
        async with self._atomically():
            done = await self._store.cancel(context.tenant, window_id, at=self._clock())
            if done is None:
                await self._refuse(context.tenant, window_id)
            await self._record("cancel_maintenance", done, context=context)
        return done

    async def end(self, window_id: int, *, context: Context) -> Window:
        async with self._atomically():
            done = await self._store.end(context.tenant, window_id, at=self._clock())
            if done is None:
                await self._refuse(context.tenant, window_id)
            await self._record("end_maintenance", done, context=context)
        return done

    async def extend(self, window_id: int, *, ends: datetime, context: Context) -> Window:
        async with self._atomically():
            held = await self._store.find(context.tenant, window_id)
            if held is not None and ends - held.plan.begins > LONGEST:
                _wrong("/ends", "It would last longer than 30 days.", "Thời gian tạm ngừng dài quá 30 ngày.")
            done = await self._store.extend(context.tenant, window_id, ends=ends, at=self._clock())
            if done is None:
                await self._refuse(context.tenant, window_id)
            await self._record("extend_maintenance", done, context=context)
        return done

    async def current(self, tenant: str, at: datetime) -> Sequence[Window]:
        return await self._store.current(tenant, at)

    async def coming(self, tenant: str, *, limit: int = 20) -> Sequence[Window]:
        return await self._store.coming(tenant, self._clock(), limit=limit)

    async def past(self, tenant: str, *, limit: int = 20) -> Sequence[Window]:
        return await self._store.past(tenant, self._clock(), limit=limit)

    async def listed(self, tenant: str, *, before: int | None = None, limit: int = 50) -> Sequence[Window]:
        return await self._store.listed(tenant, before=before, limit=limit)

    def _check(self, plan: Plan, *, now: datetime) -> None:
        if plan.subject != GATEWAY and plan.subject not in self._targets:
            _wrong("/subject", "No such system is configured.", "Chưa cấu hình hệ thống này.")
        if not plan.text.strip():
            _wrong("/text", "Say in Vietnamese what is suspended.", "Phải ghi nội dung thông báo.")
        if plan.ends <= max(plan.begins, now):
            _wrong("/ends", "It must end later than it begins.", "Thời điểm khôi phục phải sau thời điểm bắt đầu.")
        if plan.ends - plan.begins > LONGEST:
            _wrong("/ends", "It would last longer than 30 days.", "Thời gian tạm ngừng dài quá 30 ngày.")
        soonest = self._notice.soonest(now)
        if plan.begins < soonest and not plan.force_majeure.strip():
            local = f"{soonest.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
            raise UnprocessableError(
                f"A suspension is announced seven working days ahead; announced now it may begin at {local} "
                "(Vietnam). Sooner only for force majeure, with the reason.",
                vi="Việc tạm ngừng phải thông báo trước ít nhất 07 ngày làm việc; thông báo lúc này thì sớm nhất là "
                f"{local}. Chỉ được sớm hơn trong trường hợp bất khả kháng và phải ghi lý do.",
                what="notice_too_short",
                fields=[FieldProblem("/begins", "Too soon.", "Quá sớm.")],
            )

    async def _refuse(self, tenant: str, window_id: int) -> NoReturn:
        if await self._store.find(tenant, window_id) is None:
            raise NotFoundError("No suspension has this number.", vi="Không có kế hoạch tạm ngừng mang số này.")
        raise ConflictError(
            "That does not fit its state: it has not begun, has begun, is over or was called off.",
            vi="Việc này không hợp với tình trạng của kế hoạch: chưa bắt đầu, đã bắt đầu, đã xong hoặc đã huỷ.",
            what="maintenance_state",
        )

    async def _record(
        self, operation: str, window: Window, *, context: Context, facts: Mapping[str, str | int] | None = None
    ) -> None:
        plan = window.plan
        said = {"subject": plan.subject, "begins": plan.begins.isoformat(), "ends": window.until.isoformat()}
        entry = Act(
            operation=operation,
            reference=f"maintenance:{window.id}",
            facts={**said, **(facts or {})},
            bodies={"text": plan.text.encode(), "force_majeure": plan.force_majeure.encode()},
        ).entry(context, at=self._clock())
        await self._recorder.record(entry)


def _wrong(pointer: str, english: str, vietnamese: str) -> NoReturn:
    raise UnprocessableError(
        english, vi=vietnamese, what="maintenance_plan", fields=[FieldProblem(pointer, english, vietnamese)]
    )
