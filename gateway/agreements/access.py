"""Requests of others to be connected: taken in, answered in five working days, and led to an agreement (CON-12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from gateway.agreements.model import AccessRequest, AccessState, Decision, Wanted
from gateway.agreements.store import AccessStore, AgreementStore
from gateway.domain import local_day
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.packs import RulePack, pack_on
from gateway.sdk.errors import ConflictError, FieldProblem, NotFoundError, UnprocessableError

DAYS = 5
"""Where the pack in force says nothing (47/2020 Art 35.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The calendar and the packs by which clocks run."""

    calendar: WorkingCalendar
    packs: Sequence[RulePack]

    def answer_due(self, received_at: datetime) -> datetime:
        """The day on which it comes is not counted; the end of the last working day."""
        day = local_day(received_at)
        days = pack_on(self.packs, day).access_request_working_days or DAYS
        return self.calendar.closes(self.calendar.after(day, days))


class AccessRequests:
    """Implements `AccessService`."""

    def __init__(
        self, store: AccessStore, agreements: AgreementStore, *, law: Law, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._agreements = agreements
        self._law = law
        self._clock = clock

    async def receive(self, wanted: Wanted, *, received_at: datetime | None, by: str, tenant: str) -> AccessRequest:
        at = min(received_at or self._clock(), self._clock())
        due_at = self._law.answer_due(at)
        return await self._store.receive(tenant, wanted, received_at=at, due_at=due_at, by=by)

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[AccessRequest]:
        return await self._store.listed(tenant, everything=everything)

    async def find(self, tenant: str, request_id: int) -> AccessRequest:
        return await self._store.find(tenant, request_id) or _unknown()

    async def decide(self, tenant: str, request_id: int, decision: Decision) -> AccessRequest:
        await self._check(tenant, decision)
        done = await self._store.decide(tenant, request_id, decision)
        if done is None:
            await self.find(tenant, request_id)
            raise ConflictError("This request was decided before.", vi="Đề nghị này đã được trả lời trước đó.")
        return done

    async def _check(self, tenant: str, decision: Decision) -> None:
        problems = []
        if not decision.reason.strip():
            problems.append(FieldProblem("/reason", "This must be written.", "Phải ghi lý do."))
        granted = decision.state is AccessState.GRANTED
        known = decision.agreement is not None and await self._agreements.find(tenant, decision.agreement)
        if granted and not known:
            told = "A grant names a registered agreement.", "Chấp thuận phải nêu thoả thuận đã khai báo."
            problems.append(FieldProblem("/agreement", *told))
        if problems:
            raise UnprocessableError(problems[0].detail, vi=problems[0].detail_vi, what="decision", fields=problems)


def _unknown() -> NoReturn:
    raise NotFoundError("No access request has this number.", vi="Không có đề nghị kết nối nào mang số này.")
