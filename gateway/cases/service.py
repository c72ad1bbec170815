"""Open, list and resolve cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NoReturn

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.cases.due import due_at
from gateway.cases.model import Case, Opening
from gateway.cases.store import CaseStore, Resolved
from gateway.domain import VIETNAM, Context
from gateway.rules.calendar import WorkingCalendar
from gateway.sdk.errors import ConflictError, FieldProblem, NotFoundError, UnprocessableError

log = structlog.get_logger()


class Cases:
    """Implements `CaseService`."""

    def __init__(
        self,
        store: CaseStore,
        alarms: AlarmService,
        *,
        calendar: WorkingCalendar,
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._alarms = alarms
        self._calendar = calendar
        self._recorder = recorder
        self._clock = clock

    async def open(self, opening: Opening, *, context: Context) -> Case:
        """One alarm for all cases of a kind at a rail, with a count: a bad day is one alarm and many cases."""
        now = self._clock()
        case, new = await self._store.open(context.tenant, opening, now=now, due_at=due_at(now, self._calendar))
        if new:
            await self._recorder.record(_entry(case, context))
            occasion = Occasion(
                kind="money_case",
                about=f"{opening.rail}/{opening.kind.value}",
                facts={"case": case.id, "due": case.due_at.astimezone(VIETNAM).isoformat(timespec="minutes")},
            )
            await self._alarms.raise_alarm(occasion, context=context)
            log.warning("case_opened", case=case.id, kind=opening.kind.value, rail=opening.rail)
        return case

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, day: date | None = None, rail: str = ""
    ) -> Sequence[Case]:
        return await self._store.listed(tenant, everything=everything, limit=limit, day=day, rail=rail)

    async def find(self, tenant: str, case_id: int) -> Case:
        return await self._store.find(tenant, case_id) or _unknown()

    async def resolve(self, tenant: str, case_id: int, *, by: str, resolution: str, evidence: str = "") -> Case:
        _check(by=by, resolution=resolution, evidence=evidence)
        resolved = Resolved(by=by, resolution=resolution, evidence=evidence, at=self._clock())
        done = await self._store.resolve(tenant, case_id, resolved)
        if done is None:
            await self.find(tenant, case_id)
            raise ConflictError("This case was resolved before.", vi="Hồ sơ sai lệch này đã được xử lý trước đó.")
        return done


def _entry(case: Case, context: Context) -> Entry:
    opening = case.opening
    return Entry(
        kind=EntryKind.ALARM,
        tenant=context.tenant,
        actor=context.actor,
        operation="open_case",
        outcome=opening.kind.value,
        occurred_at=case.opened_at,
        trace_id=context.trace_id,
        system=opening.rail,
        reference=f"case:{case.id}",
        facts={"about": opening.about, "finder": opening.finder, "owner": opening.owner.value, **opening.facts},
    )


def _check(*, by: str, resolution: str, evidence: str) -> None:
    problems = []
    for pointer, text in (("/by", by), ("/resolution", resolution)):
        if not text.strip():
            problems.append(FieldProblem(pointer, "This must be written.", "Phải ghi mục này."))
    if evidence and not re.fullmatch("[0-9a-f]{64}", evidence):
        told = "64 hexadecimal digits (SHA-256), lower case.", "Phải là 64 chữ số hexa thường (SHA-256)."
        problems.append(FieldProblem("/evidence", *told))
    if problems:
        raise UnprocessableError(problems[0].detail, vi=problems[0].detail_vi, what="resolution", fields=problems)


def _unknown() -> NoReturn:
    raise NotFoundError("No case has this number.", vi="Không có hồ sơ sai lệch nào mang số này.")
