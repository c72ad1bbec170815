"""Payments and the inbox in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.payments.model import Payment
from gateway.payments.store import Posting


class MemoryPayments:
    def __init__(self) -> None:
        self.payments: dict[tuple[str, str], Payment] = {}
        self.postings: list[Posting] = []

    async def add(self, payment: Payment) -> None:
        self.payments[payment.tenant, payment.payment_id] = payment

    async def find(self, tenant: str, payment_id: str) -> Payment | None:
        payment = self.payments.get((tenant, payment_id))
        posted = sum((p.tenant, p.payment_id) == (tenant, payment_id) for p in self.postings)
        return payment and replace(payment, postings=posted)

    async def lock(self, tenant: str, payment_id: str) -> Payment | None:
        return await self.find(tenant, payment_id)

    async def save(self, payment: Payment) -> None:
        self.payments[payment.tenant, payment.payment_id] = payment

    async def state_of(self, tenant: str, dossier_code: str) -> str:
        found = [p for p in self.payments.values() if (p.tenant, p.dossier_code) == (tenant, dossier_code)]
        found.sort(key=lambda payment: (payment.state == "paid", payment.created_at))
        return found[-1].state.value if found else "none"

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Payment]:
        ids = [p.payment_id for p in self.payments.values() if (p.tenant, p.dossier_code) == (tenant, dossier_code)]
        found = [payment for name in ids if (payment := await self.find(tenant, name))]
        return sorted(found, key=lambda payment: (payment.created_at, payment.payment_id))

    async def post(self, posting: Posting) -> bool:
        known = {(p.tenant, p.system, p.transaction_id) for p in self.postings}
        if (posting.tenant, posting.system, posting.transaction_id) in known:
            return False
        self.postings.append(posting)
        return True


class MemoryInbox:
    def __init__(self) -> None:
        self.results: dict[tuple[str, str, str, str], str] = {}

    async def take(self, tenant: str, *, system: str, event: str, key: str, now: datetime) -> str | None:  # noqa: ARG002
        name = (tenant, system, event, key)
        if name in self.results:
            return self.results[name]
        self.results[name] = ""
        return None

    async def conclude(self, tenant: str, *, system: str, event: str, key: str, result: str) -> None:
        self.results[tenant, system, event, key] = result
