"""Bills, the attempts to pay them, and the states of both (payment contract, section 8).

A bill:     unpaid ─► paid ─► overpaid (a second payment came) ─► refund_pending ─► paid | refunded
               └────► exempt | cancelled
An attempt: created ─► opened ─► pending ─► paid
               │          ├─────────├─────► failed | expired ─► paid   (a late success is accepted on proof)
               └► unknown ┴─────────┘                 (no clear answer: query, never assume)
`created` is NEW and INIT_SENT in one: the row is there before the bytes leave. Only an explicit success or failure is
final; `paid` never goes back, refunds stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from gateway.domain import VIETNAM, Context
from gateway.sdk import InboundRequest, WireReply


class BillState(StrEnum):
    """Trạng thái khoản phải thu."""

    UNPAID = "unpaid"
    PAID = "paid"
    OVERPAID = "overpaid"
    """Money came a second time; it is owed back."""
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    EXEMPT = "exempt"
    CANCELLED = "cancelled"


class PaymentState(StrEnum):
    """Trạng thái lần thanh toán."""

    CREATED = "created"
    OPENED = "opened"
    PENDING = "pending"
    """The rail says that it does not know the end yet."""
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    """Its time at the rail is over, or the bill was paid another way. Money may still arrive."""


OPEN = {PaymentState.CREATED, PaymentState.OPENED, PaymentState.PENDING, PaymentState.UNKNOWN}
"""Attempts that have no end yet."""


class Source(StrEnum):
    """How we learnt of money."""

    NOTICE = "notice"
    QUERY = "query"
    PUSH = "push"
    """Paid at the national portal, which looked the bill up (contract 2.10)."""
    RECONCILIATION = "reconciliation"
    """The rail's own list of a day."""
    STATEMENT = "statement"
    """The bank's or the Treasury's statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Khoản phải thu: what is due for a dossier. Amounts are whole đồng.

    `matter`: digest of dossier, agency, lines and beneficiary; the same content finds the same unpaid bill. `document`:
    what the province said, with the payer; `lines` are `{kind: fee|charge, code, name, amount}` and add up to `amount`.
    """

    tenant: str
    bill_id: str
    """1-20 characters `[0-9A-Z]`."""
    dossier_code: str
    amount: int
    currency: str
    state: BillState
    matter: str
    beneficiary: str
    """The account that the money is for."""
    created_at: datetime
    updated_at: datetime
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def lines(self) -> Sequence[Mapping[str, Any]]:
        lines: Sequence[Mapping[str, Any]] = self.document.get("lines", ())
        return lines

    @property
    def agency_id(self) -> str:
        return str(self.document.get("agency_id", ""))

    @property
    def lookup_id(self) -> str:
        """MaTraCuuTT, under which the portal is told this bill: the dossier's code and a moment (contract 2.10)."""
        return f"{self.dossier_code}{self.created_at.astimezone(VIETNAM):%Y%m%d%H%M%S}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt to pay a bill. `system`: the rail."""

    tenant: str
    payment_id: str
    """1-20 characters `[0-9A-Z]`, never reused; where the attempt began here, also the rail's reference."""
    bill_id: str
    dossier_code: str
    amount: int
    currency: str
    state: PaymentState
    system: str
    reference: str
    """What the rail calls the attempt (MaThamChieu, vnp_TxnRef): our `payment_id`, unless it began at the portal."""
    pay_url: str = ""
    transaction_id: str = ""
    paid_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    excess: bool = False
    """The bill was paid before: this money is owed back."""
    notices: int = 0
    """How many times the rail told us the result, duplicates included."""
    postings: int = 0
    """How many times the fee was credited by it: 0 or 1, counted from the books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Money as it was just entered into the books, for whoever acts on it in the same transaction.

    `paid_at`: by the rail's word; `day`: its local day decides the book's day.
    """

    bill: Bill
    payment: Payment
    entry_id: str
    amount: int
    currency: str
    transaction_id: str
    paid_at: datetime
    posted_at: datetime
    source: Source


class Consequences(Protocol):
    """What follows from money, written in the transaction that enters it: the effects themselves come later, from
    outboxes. Nothing here may call another system, and what cannot be written undoes the entry."""

    async def collected(self, money: Money) -> None:
        """The bill was paid for the first time: the dossier's step, the receipt, the rail's voucher, the notice."""

    async def exceeded(self, money: Money) -> None:
        """The bill was paid before: a refund is opened."""

    async def disputed(self, dispute: Dispute) -> None:
        """A result that does not fit was not entered: a case for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A rail's result that does not fit the books. `kind`: a `CaseKind`. Holds no personal data."""

    tenant: str
    kind: str
    rail: str
    reference: str
    transaction_id: str = ""
    payment_id: str = ""
    bill_id: str = ""
    told: Mapping[str, str | int] = field(default_factory=dict)
    """What the rail said, where it differs: `amount`, `currency`, `account`."""
    source: Source


class PaymentService(Protocol):
    async def create(
        self, document: Mapping[str, Any], *, payment_id: str, context: Context, bill_id: str = "", rail: str = ""
    ) -> Payment:
        """Open a payment over `rail`, or over the usual one; the same `payment_id` finds the one that was begun.
        `document` is the bill's, or empty where `bill_id` names one. `ConflictError`: the bill is not to be paid."""

    async def get(self, payment_id: str, *, context: Context) -> Payment:
        """`NotFoundError` when unknown."""

    async def hurry(self, payment_id: str, *, context: Context) -> None:
        """The payer is back from the bank page: ask the platform now. The return itself proves nothing."""


class BillService(Protocol):
    """`NotFoundError`: no bill has this id."""

    async def issue(self, document: Mapping[str, Any], *, bill_id: str, context: Context) -> Bill:
        """Store what is due. The same `bill_id` finds the one that was begun."""

    async def get(self, bill_id: str, *, context: Context) -> Bill: ...

    async def payments(self, bill_id: str, *, context: Context) -> Sequence[Payment]:
        """Every attempt to pay it, oldest first."""

    async def cancel(self, bill_id: str, *, exempt: bool, reason: str, context: Context) -> Bill:
        """Nothing is due any more. `ConflictError`: money came for it."""


class InboundService(Protocol):
    async def receive(self, system: str, request: InboundRequest, *, context: Context) -> WireReply:
        """Verify, store once, act, and return the acknowledgement that the contract wants."""
