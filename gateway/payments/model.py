"""A payment attempt and its states (payment contract, section 8).

    created ─► opened ─► paid
       │          ├────► failed ─► paid   (a late success is accepted on proof)
       └► unknown ┘                        (INIT sent, no clear answer: query, never assume)
Only an explicit success or failure is final; `paid` never goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from gateway.domain import Context
from gateway.sdk import InboundRequest, WireReply


class PaymentState(StrEnum):
    """Trạng thái thanh toán."""

    CREATED = "created"
    OPENED = "opened"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt to pay the fees of a dossier. Amounts are whole đồng."""

    tenant: str
    payment_id: str
    """Also the partner's reference (MaThamChieu): 1-20 characters `[0-9A-Z]`, never reused."""
    dossier_code: str
    amount: int
    currency: str
    state: PaymentState
    system: str
    pay_url: str = ""
    transaction_id: str = ""
    paid_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    notices: int = 0
    """How many times the platform told us the result, duplicates included."""
    postings: int = 0
    """How many times the money was posted: 0 or 1, counted from the books."""


class PaymentService(Protocol):
    async def create(self, document: Mapping[str, Any], *, payment_id: str, context: Context) -> Payment:
        """Open a payment; the same `payment_id` finds the one that was begun."""

    async def get(self, payment_id: str, *, context: Context) -> Payment:
        """`NotFoundError` when unknown."""

    async def hurry(self, payment_id: str, *, context: Context) -> None:
        """The payer is back from the bank page: ask the platform now. The return itself proves nothing."""


class InboundService(Protocol):
    async def receive(self, system: str, request: InboundRequest, *, context: Context) -> WireReply:
        """Verify, store once, act, and return the acknowledgement that the contract wants."""
