"""The port to stored payments, postings and the inbox of notices. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.payments.model import Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Money recorded as received. One per payment, and one per transaction number of the platform."""

    tenant: str
    payment_id: str
    system: str
    transaction_id: str
    amount: int
    currency: str
    source: str
    """`notice` or `query`: how we learnt of it."""
    posted_at: datetime


class PaymentStore(Protocol):
    async def add(self, payment: Payment) -> None: ...

    async def find(self, tenant: str, payment_id: str) -> Payment | None: ...

    async def lock(self, tenant: str, payment_id: str) -> Payment | None:
        """The payment, locked until the transaction ends."""

    async def save(self, payment: Payment) -> None: ...

    async def state_of(self, tenant: str, dossier_code: str) -> str:
        """How the fees of a dossier stand: `paid` once any attempt is, else the newest attempt's state, or `none`."""

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Payment]:
        """Every attempt to pay its fees, oldest first."""

    async def post(self, posting: Posting) -> bool:
        """Record money once. False: this transaction number is already posted, for another payment."""


class Inbox(Protocol):
    async def take(self, tenant: str, *, system: str, event: str, key: str, now: datetime) -> str | None:
        """Register a message. None: it is new. Otherwise what was answered to it the first time."""

    async def conclude(self, tenant: str, *, system: str, event: str, key: str, result: str) -> None:
        """Remember what a new message was answered."""
