"""A refund: money of a payment that goes back to the payer, as an object of its own. The payment and what was entered
into the books stay as they are (PAY-16, payment contract, section 9, row 12).

requested ─► approved ─► sent ─► pending ─► done          over the rail
    │           │          └────────┴─────► failed ─► done   (on the rail's own proof)
    │           └──────────────────────────► done          by hand: an officer records what proves it
    └───────────┴─► cancelled
`unknown` is `sent` without a clear answer, as it is shown: the rail is asked, nothing is assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from gateway.domain import Context
from gateway.payments.books import BookEntry
from gateway.payments.model import Bill, Money, Payment


class RefundState(StrEnum):
    """Trạng thái hoàn trả."""

    REQUESTED = "requested"
    APPROVED = "approved"
    """A person allowed it; by hand it waits for its proof."""
    SENT = "sent"
    """On its way to the rail; from here on it may have happened."""
    PENDING = "pending"
    """The rail has it and does not know the end yet."""
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label_vi(self) -> str:
        return _LABELS_VI[self]


_LABELS_VI = {
    RefundState.REQUESTED: "Chờ phê duyệt",
    RefundState.APPROVED: "Đã phê duyệt, chờ chi trả",
    RefundState.SENT: "Đang gửi sang kênh thanh toán",
    RefundState.PENDING: "Kênh thanh toán đang xử lý",
    RefundState.UNKNOWN: "Chưa rõ kết quả, đang hỏi lại kênh thanh toán",
    RefundState.DONE: "Đã hoàn trả",
    RefundState.FAILED: "Không hoàn trả được",
    RefundState.CANCELLED: "Đã huỷ",
}
OVER = frozenset({RefundState.DONE, RefundState.FAILED, RefundState.CANCELLED})
"""Nothing more is expected."""
ON_ITS_WAY = frozenset({RefundState.SENT, RefundState.PENDING})
"""The rail has it, or may have it."""
VOID = frozenset({RefundState.FAILED, RefundState.CANCELLED})
"""No money went, and none will."""


class RefundKind(StrEnum):
    """How much of the payment."""

    WHOLE = "whole"
    PARTIAL = "partial"
    EXCESS = "excess"
    """Money for a bill that was paid before."""


class RefundWay(StrEnum):
    """How it goes back. Once the money's data went to the treasury or the tax authority, nothing goes back over the
    rail (NĐ 252/2026 Art 61): the decision is carried out by hand, and its proof recorded."""

    RAIL = "rail"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What proves that it was paid back by hand, as a named officer recorded it. Sealed where it is stored (PAY-18)."""

    recorded_by: str
    document_number: str
    """Of the treasury's or the bank's payment order."""
    paid_at: datetime
    payee_account: str = field(default="", repr=False)
    payee_name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Khoản hoàn trả. Amounts are whole đồng; `fee` + `charge` is what it takes from the bill, or both are zero where
    it returns an excess. `reason` and `proof` may speak of a person and are sealed where they are stored."""

    tenant: str
    refund_id: str
    """1-20 characters `[0-9A-Z]`, never reused; also the rail's name of it."""
    payment_id: str
    bill_id: str
    dossier_code: str
    agency_id: str
    rail: str
    kind: RefundKind
    way: RefundWay
    amount: int
    fee: int = 0
    charge: int = 0
    currency: str
    state: RefundState
    reason: str = field(repr=False)
    requested_by: str
    decision_number: str = ""
    """Of the decision that allows it; empty until there is one."""
    decision_day: date | None = None
    approved_by: str = ""
    refund_transaction_id: str = ""
    """The rail's number of the money that went back, or that of the document by which it was paid by hand."""
    trouble: str = ""
    """Code of why it failed."""
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    done_at: datetime | None = None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One state that a refund was in, and who put it there."""

    state: RefundState
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a caller asks for. `refundable`: what it believes can still go back; another truth is a conflict, so that
    two officers who look at the same payment cannot both pay it back. `fee` and `charge`: the split, where the bill has
    both and not all of it goes back."""

    refund_id: str
    payment_id: str
    amount: int
    refundable: int
    reason: str = field(repr=False)
    requested_by: str
    decision_number: str = ""
    decision_day: date | None = None
    way: RefundWay | None = None
    """None: over the rail if it can, else by hand."""
    fee: int | None = None
    charge: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's word that the money shall go back; another person than the one who asked."""

    approved_by: str
    decision_number: str = ""
    """Of the decision, unless the request named it."""
    decision_day: date | None = None
    way: RefundWay | None = None
    """Another way than was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Money that went back, as it was just entered into the books."""

    refund: Refund
    bill: Bill
    """As it stands now."""
    payment: Payment
    entry: BookEntry


class AfterRefund(Protocol):
    """What follows from money that went back, written in the transaction that enters it: the receipt is adjusted, the
    one-stop system is told. Nothing here may call another system, and what cannot be written undoes the entry."""

    async def refunded(self, returned: Returned) -> None: ...


class Passed(Protocol):
    """What must not go back over the rail any more."""

    async def passed_on(self, payment: Payment) -> bool:
        """Whether the data of this money went to the treasury or the tax authority (NĐ 252/2026 Art 61)."""


class RefundService(Protocol):
    """`NotFoundError`: no refund, or no payment, has this id."""

    async def request(self, wanted: Wanted, *, context: Context) -> Refund:
        """Store it; the same `refund_id` finds the one that was begun. `ConflictError`: nothing was paid, or another
        amount than was believed can go back."""

    async def open_excess(self, money: Money) -> Refund:
        """For money that came a second time: it waits for a person. Joins the transaction that is open."""

    async def get(self, refund_id: str, *, context: Context) -> Refund: ...

    async def steps(self, refund_id: str, *, context: Context) -> Sequence[Step]:
        """Every state that it was in, oldest first."""

    async def of_payment(self, payment_id: str, *, context: Context) -> tuple[int, Sequence[Refund]]:
        """What can still go back, and every refund of it, oldest first."""

    async def agency_of(self, payment_id: str, *, context: Context) -> str:
        """Whose money it is; empty where there is no such payment."""

    async def approve(self, refund_id: str, approval: Approval, *, context: Context) -> Refund:
        """Let it go out, or wait for its proof. `ConflictError`: it is not waiting for that, or may not go this way."""

    async def record(self, refund_id: str, proof: Proof, *, context: Context) -> Refund:
        """It was paid back, as this proves: by hand, or over the rail where the rail does not tell."""

    async def cancel(self, refund_id: str, *, by: str, context: Context) -> Refund:
        """No money shall go back. `ConflictError`: it may be under way."""
