"""Take in, answer, extend and end what persons ask for about their data (PDP-08, PDP-11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NoReturn

from gateway.operators.model import Operator
from gateway.privacy.clocks import Law
from gateway.privacy.model import Erased, Erasure, Outcome, Person, PersonRequest, Place, RequestKind, RequestState
from gateway.privacy.store import Received, RequestStore
from gateway.sdk.errors import ConflictError, FieldProblem, NotFoundError, UnprocessableError

Subject = Callable[[str, str], bytes]
"""(tenant, number) → the keyed digest by which the log's index knows the person."""


class PersonRequests:
    """Implements `RequestService`."""

    def __init__(
        self,
        store: RequestStore,
        *,
        subject: Subject,
        erasure: Erasure,
        law: Law,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._subject = subject
        self._erasure = erasure
        self._law = law
        self._clock = clock

    async def receive(
        self, kind: RequestKind, person: Person, *, by: str, tenant: str, third_party: bool = False
    ) -> PersonRequest:
        """`third_party`: carrying it out takes somebody else, who was given the data."""
        now = self._clock()
        received = Received(
            kind=kind,
            person=person,
            subject=self._subject(tenant, person.number),
            third_party=third_party,
            received_at=now,
            answer_due=self._law.answer_due(now),
            done_due=self._law.done_due(now, third_party=third_party),
            by=by,
        )
        return await self._store.receive(tenant, received)

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, after: Place | None = None
    ) -> Sequence[PersonRequest]:
        return await self._store.listed(tenant, everything=everything, limit=limit, after=after)

    async def find(self, tenant: str, request_id: int) -> PersonRequest:
        return await self._store.find(tenant, request_id) or _unknown()

    async def person(self, tenant: str, request_id: int) -> Person:
        return await self._store.person(tenant, request_id) or _unknown()

    async def answer(self, tenant: str, request_id: int, *, by: str, reason: str) -> PersonRequest:
        outcome = self._outcome(RequestState.ANSWERED, by=by, reason=reason)
        return await self._store.answer(tenant, request_id, outcome) or await self._conflict(tenant, request_id)

    async def extend(self, tenant: str, request_id: int, *, by: str, reason: str) -> PersonRequest:
        outcome = self._outcome(RequestState.ANSWERED, by=by, reason=reason)
        held = await self.find(tenant, request_id)
        later = self._law.extended(held.done_due, third_party=held.third_party)
        done = await self._store.extend(tenant, request_id, outcome, done_due=later)
        return done or await self._conflict(tenant, request_id)

    async def finish(self, tenant: str, request_id: int, *, by: Operator, reason: str) -> PersonRequest:
        held = await self.find(tenant, request_id)
        outcome = self._outcome(RequestState.DONE, by=by.actor, reason=reason)
        if held.kind is RequestKind.ERASE and held.is_open:
            erased = await self._erasure.erase(tenant, held.subject, reference=held.reference, by=by)
            outcome = _erased(outcome, erased)
        return await self._store.end(tenant, request_id, outcome) or await self._conflict(tenant, request_id)

    async def refuse(self, tenant: str, request_id: int, *, by: str, reason: str) -> PersonRequest:
        outcome = self._outcome(RequestState.REFUSED, by=by, reason=reason)
        return await self._store.end(tenant, request_id, outcome) or await self._conflict(tenant, request_id)

    def _outcome(self, state: RequestState, *, by: str, reason: str) -> Outcome:
        if not reason.strip():
            problem = FieldProblem("/reason", "This must be written.", "Phải ghi mục này.")
            raise UnprocessableError(problem.detail, vi=problem.detail_vi, what="reason_missing", fields=[problem])
        return Outcome(state=state, by=by, reason=reason, at=self._clock())

    async def _conflict(self, tenant: str, request_id: int) -> NoReturn:
        await self.find(tenant, request_id)
        raise ConflictError(
            "This request is past that step: answered, extended or ended before.",
            vi="Yêu cầu này đã qua bước đó: đã trả lời, đã gia hạn hoặc đã kết thúc.",
        )


def _erased(outcome: Outcome, erased: Erased) -> Outcome:
    """Nothing could be erased because all of it is held or kept: then it is a refusal, for the reason of the law."""
    nothing = erased.erased == 0 and (erased.held or erased.kept)
    reason = f"{outcome.reason} — {erased.kept_reason}" if erased.kept_reason else outcome.reason
    return Outcome(
        state=RequestState.REFUSED if nothing else outcome.state,
        by=outcome.by,
        reason=reason,
        at=outcome.at,
        erased=erased.erased,
        held=erased.held,
        kept=erased.kept,
    )


def _unknown() -> NoReturn:
    raise NotFoundError("No request of a person has this number.", vi="Không có yêu cầu nào mang số này.")
