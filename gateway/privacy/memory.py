"""Requests of persons and breaches in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.privacy.model import Breach, Opening, Outcome, Person, PersonRequest, Place, RequestState
from gateway.privacy.store import Received


class MemoryRequests:
    """Implements `RequestStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], PersonRequest] = {}
        self.people: dict[tuple[str, int], Person] = {}

    async def receive(self, tenant: str, received: Received) -> PersonRequest:
        made = PersonRequest(
            id=len(self.kept) + 1,
            kind=received.kind,
            subject=received.subject,
            third_party=received.third_party,
            received_at=received.received_at,
            answer_due=received.answer_due,
            done_due=received.done_due,
            registered_by=received.by,
        )
        self.people[tenant, made.id] = received.person
        return self._put(tenant, made)

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, after: Place | None = None
    ) -> Sequence[PersonRequest]:
        found = [held for (owner, _), held in self.kept.items() if owner == tenant and (everything or held.is_open)]
        rest = [held for held in found if after is None or (held.done_due, held.id) > (after.due, after.id)]
        return sorted(rest, key=lambda held: (held.done_due, held.id))[:limit]

    async def find(self, tenant: str, request_id: int) -> PersonRequest | None:
        return self.kept.get((tenant, request_id))

    async def person(self, tenant: str, request_id: int) -> Person | None:
        return self.people.get((tenant, request_id))

    async def answer(self, tenant: str, request_id: int, outcome: Outcome) -> PersonRequest | None:
        held = self.kept.get((tenant, request_id))
        if held is None or held.state is not RequestState.RECEIVED:
            return None
        told = _told(held, outcome)
        return self._put(tenant, replace(told, state=RequestState.ANSWERED, answered_at=outcome.at))

    async def extend(
        self, tenant: str, request_id: int, outcome: Outcome, *, done_due: datetime
    ) -> PersonRequest | None:
        held = self.kept.get((tenant, request_id))
        if held is None or not held.is_open or held.extended_at is not None:
            return None
        return self._put(tenant, replace(_told(held, outcome), extended_at=outcome.at, done_due=done_due))

    async def end(self, tenant: str, request_id: int, outcome: Outcome) -> PersonRequest | None:
        held = self.kept.get((tenant, request_id))
        if held is None or not held.is_open:
            return None
        ended = replace(
            _told(held, outcome),
            state=outcome.state,
            answered_at=held.answered_at or outcome.at,
            ended_at=outcome.at,
            erased=outcome.erased,
            held=outcome.held,
            kept=outcome.kept,
        )
        return self._put(tenant, ended)

    def _put(self, tenant: str, request: PersonRequest) -> PersonRequest:
        self.kept[tenant, request.id] = request
        return request


def _told(held: PersonRequest, outcome: Outcome) -> PersonRequest:
    return replace(held, handled_by=outcome.by, reason=outcome.reason)


class MemoryBreaches:
    """Implements `BreachStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], Breach] = {}

    async def open(self, tenant: str, opening: Opening, *, due_at: datetime, by: str, now: datetime) -> Breach:
        made = Breach(id=len(self.kept) + 1, opening=opening, due_at=due_at, registered_at=now, registered_by=by)
        self.kept[tenant, made.id] = made
        return made

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[Breach]:
        found = [held for (owner, _), held in self.kept.items() if owner == tenant]
        waiting = [held for held in found if everything or held.closed_at is None]
        return sorted(waiting, key=lambda held: (held.due_at, held.id))

    async def find(self, tenant: str, breach_id: int) -> Breach | None:
        return self.kept.get((tenant, breach_id))

    async def notify(self, tenant: str, breach_id: int, *, by: str, late_reason: str, now: datetime) -> Breach | None:
        held = self.kept.get((tenant, breach_id))
        if held is None or held.notified_at is not None:
            return None
        self.kept[tenant, breach_id] = replace(held, notified_at=now, handled_by=by, late_reason=late_reason)
        return self.kept[tenant, breach_id]

    async def close(self, tenant: str, breach_id: int, *, by: str, measures: str, now: datetime) -> Breach | None:
        held = self.kept.get((tenant, breach_id))
        if held is None or held.closed_at is not None:
            return None
        self.kept[tenant, breach_id] = replace(held, closed_at=now, handled_by=by, measures=measures)
        return self.kept[tenant, breach_id]
