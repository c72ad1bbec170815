"""Agreements and access requests in lists, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from gateway.agreements.model import AccessRequest, AccessState, Agreement, Decision, Terms, Wanted
from gateway.agreements.store import Suspension


class MemoryAgreements:
    """Implements `AgreementStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], Agreement] = {}

    async def add(self, tenant: str, terms: Terms, *, by: str, now: datetime) -> Agreement | None:
        if any(owner == tenant and held.terms.number == terms.number for (owner, _), held in self.kept.items()):
            return None
        made = Agreement(id=len(self.kept) + 1, terms=terms, registered_at=now, registered_by=by)
        self.kept[tenant, made.id] = made
        return made

    async def listed(self, tenant: str) -> Sequence[Agreement]:
        found = [held for (owner, _), held in self.kept.items() if owner == tenant]
        return sorted(found, key=lambda held: (held.terms.until or date.max, held.id))

    async def of(self, tenant: str, system: str, operation: str) -> Sequence[Agreement]:
        found = await self.listed(tenant)
        return [held for held in found if held.terms.system == system and held.covers(operation)]

    async def find(self, tenant: str, agreement_id: int) -> Agreement | None:
        return self.kept.get((tenant, agreement_id))

    async def set_end(self, tenant: str, agreement_id: int, *, until: date | None) -> Agreement | None:
        held = self.kept.get((tenant, agreement_id))
        return held and self._put(tenant, replace(held, terms=replace(held.terms, until=until), told=None))

    async def suspend(self, tenant: str, agreement_id: int, suspension: Suspension | None) -> Agreement | None:
        held = self.kept.get((tenant, agreement_id))
        if held is None or (held.suspended_at is None) == (suspension is None):
            return None
        at, by, reason = (suspension.at, suspension.by, suspension.reason) if suspension else (None, "", "")
        return self._put(tenant, replace(held, suspended_at=at, suspended_by=by, reason=reason))

    async def tell(self, tenant: str, agreement_id: int, *, days: int) -> bool:
        held = self.kept[tenant, agreement_id]
        if held.told is not None and held.told <= days:
            return False
        self._put(tenant, replace(held, told=days))
        return True

    def _put(self, tenant: str, agreement: Agreement) -> Agreement:
        self.kept[tenant, agreement.id] = agreement
        return agreement


class MemoryAccessRequests:
    """Implements `AccessStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], AccessRequest] = {}

    async def receive(
        self, tenant: str, wanted: Wanted, *, received_at: datetime, due_at: datetime, by: str
    ) -> AccessRequest:
        made = AccessRequest(
            id=len(self.kept) + 1, wanted=wanted, received_at=received_at, due_at=due_at, registered_by=by
        )
        self.kept[tenant, made.id] = made
        return made

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[AccessRequest]:
        found = [held for (owner, _), held in self.kept.items() if owner == tenant]
        waiting = [held for held in found if everything or held.state is AccessState.RECEIVED]
        return sorted(waiting, key=lambda held: (held.due_at, held.id))

    async def find(self, tenant: str, request_id: int) -> AccessRequest | None:
        return self.kept.get((tenant, request_id))

    async def decide(self, tenant: str, request_id: int, decision: Decision) -> AccessRequest | None:
        held = self.kept.get((tenant, request_id))
        if held is None or held.state is not AccessState.RECEIVED:
            return None
        done = replace(
            held,
            state=decision.state,
            decided_at=decision.at,
            decided_by=decision.by,
            reason=decision.reason,
            agreement=decision.agreement,
        )
        self.kept[tenant, request_id] = done
        return done
