"""What the tests of refunds share: a bill that was paid, the desk around it, and a worker with a rail that answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from couriers import Courier, atomically
from services import CONTEXT, NOW, PURPOSE, ListedRecorder, ScriptedExchange

from gateway.callbacks.model import EventType, Facts
from gateway.delivery.backoff import Backoff
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.payments.books import EntryKind, entry_of
from gateway.payments.memory import MemoryBills, MemoryBooks, MemoryPayments
from gateway.payments.model import Bill, BillState, Money, Payment, PaymentState, Source
from gateway.refunds.desk import Desk
from gateway.refunds.ending import Endings
from gateway.refunds.memory import MemoryRefunds
from gateway.refunds.model import Approval, Proof, Refund, RefundKind, RefundState, RefundWay, Returned, Wanted
from gateway.refunds.sending import ORDER, QUESTION, RefundOrder, RefundQuestion
from gateway.refunds.service import Refunds

RAIL = "vnpay"
LINES = [
    {"kind": "fee", "code": "P01", "name": "Phí", "amount": 2_000_000_000},
    {"kind": "charge", "code": "L01", "name": "Lệ phí", "amount": 1_000_000_000},
]
AMOUNT = 3_000_000_000
DECISION = {"decision_number": "12/QĐ-UBND", "decision_day": date(2026, 11, 23)}


def bill(**changes: Any) -> Bill:
    first: dict[str, Any] = {
        "tenant": CONTEXT.tenant,
        "bill_id": "B1",
        "dossier_code": PURPOSE.dossier_code,
        "amount": AMOUNT,
        "currency": "VND",
        "state": BillState.PAID,
        "matter": "m",
        "beneficiary": "0000111122",
        "created_at": NOW,
        "updated_at": NOW,
        "document": {"lines": LINES, "agency_id": PURPOSE.agency_id},
    }
    return Bill(**{**first, **changes})


def payment(number: int = 1, **changes: Any) -> Payment:
    first: dict[str, Any] = {
        "tenant": CONTEXT.tenant,
        "payment_id": f"P{number}",
        "bill_id": "B1",
        "dossier_code": PURPOSE.dossier_code,
        "amount": AMOUNT,
        "currency": "VND",
        "state": PaymentState.PAID,
        "system": RAIL,
        "reference": f"P{number}",
        "transaction_id": f"T{number}",
        "paid_at": NOW,
        "created_at": NOW + timedelta(seconds=number),
        "updated_at": NOW,
        "document": {"initiated_at": NOW.isoformat()},
    }
    return Payment(**{**first, **changes})


def collected(of: Bill, paid: Payment) -> Money:
    """What came in for a bill."""
    return Money(
        bill=of,
        payment=paid,
        entry_id=f"collection:{paid.payment_id}",
        amount=paid.amount,
        currency=paid.currency,
        transaction_id=paid.transaction_id,
        paid_at=NOW,
        posted_at=NOW,
        source=Source.NOTICE,
    )


def refund(number: int = 1, **changes: Any) -> Refund:
    first: dict[str, Any] = {
        "tenant": CONTEXT.tenant,
        "refund_id": f"F{number}",
        "payment_id": "P1",
        "bill_id": "B1",
        "dossier_code": PURPOSE.dossier_code,
        "agency_id": PURPOSE.agency_id,
        "rail": RAIL,
        "kind": RefundKind.WHOLE,
        "way": RefundWay.RAIL,
        "amount": AMOUNT,
        "fee": 2_000_000_000,
        "charge": 1_000_000_000,
        "currency": "VND",
        "state": RefundState.REQUESTED,
        "reason": "Hồ sơ bị từ chối",
        "requested_by": "canbo.mau",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Refund(**{**first, **changes})


def wanted(number: int = 1, **changes: Any) -> Wanted:
    first: dict[str, Any] = {
        "refund_id": f"F{number}",
        "payment_id": "P1",
        "amount": AMOUNT,
        "refundable": AMOUNT,
        "reason": "Hồ sơ bị từ chối",
        "requested_by": "canbo.mau",
        **DECISION,
    }
    return Wanted(**{**first, **changes})


PROOF = Proof(
    recorded_by="ketoan.mau",
    document_number="UNC-7",
    paid_at=NOW,
    payee_account="0011223344",
    payee_name="TRAN THI MAU",
)


class Noted:
    """Implements `AfterRefund` and `Teller`."""

    def __init__(self) -> None:
        self.returned: list[Returned] = []
        self.told: list[tuple[EventType, Facts]] = []
        self.broken: Exception | None = None

    async def refunded(self, returned: Returned) -> None:
        if self.broken:
            raise self.broken
        self.returned.append(returned)

    async def tell(self, tenant: str, event: EventType, facts: Facts) -> None:
        self.told.append((event, facts))

    @property
    def events(self) -> list[str]:
        return [event.value for event, _ in self.told]


class House:
    """`courier` is the rail; without refunds over it, `lacking` says so."""

    def __init__(self, *script: Any, lacking: tuple[str, ...] = (), **collaborators: Any) -> None:
        self.now = NOW
        self.bills, self.payments, self.refunds = MemoryBills(), MemoryPayments(), MemoryRefunds()
        self.books = MemoryBooks(self.bills, self.payments)
        self.desk = Desk(refunds=self.refunds, bills=self.bills, payments=self.payments, books=self.books)
        self.outbox, self.exchange, self.courier = MemoryOutbox(), ScriptedExchange(), Courier(*script)
        self.courier.targets = (RAIL,)  # type: ignore[assignment]
        self.exchange.lacking |= set(lacking)
        self.noted, self.leaves = Noted(), ListedRecorder()
        own: dict[str, Any] = {"atomically": atomically, "clock": self.clock}
        self.endings = Endings(self.desk, after=[self.noted], teller=self.noted, recorder=self.leaves, **own)
        self.service = Refunds(
            self.desk,
            self.endings,
            self.outbox,
            exchange=self.exchange,  # type: ignore[arg-type]
            **own,
            **collaborators,
        )
        self.worker = Worker(
            self.outbox,
            self.courier,
            name="w",
            policy=Policy(lease_s=60, settle_after_s=15, backoff=Backoff(base_s=2, cap_s=900, uniform=lambda _, m: m)),
            follow_ups={QUESTION: RefundQuestion(self.refunds, self.endings)},
            owners={ORDER: RefundOrder(self.refunds, self.endings)},
            **own,
        )

    def clock(self) -> datetime:
        return self.now

    async def open(self, *, state: BillState = BillState.PAID, **changes: Any) -> None:
        """A bill that was paid once."""
        self.bills.bills[CONTEXT.tenant, "B1"] = bill(state=state)
        await self.enter(payment(**changes))

    async def enter(self, paid: Payment) -> Money:
        await self.payments.add(paid)
        money = collected(bill(), paid)
        if paid.state is PaymentState.PAID:
            kind = EntryKind.EXCESS if paid.excess else EntryKind.COLLECTION
            assert await self.books.enter(entry_of(money, kind=kind))
        return money

    async def approved(self, **changes: Any) -> Refund:
        """One that was asked for and allowed."""
        await self.service.request(wanted(**changes), context=CONTEXT)
        return await self.service.approve("F1", Approval(approved_by="chutich.mau"), context=CONTEXT)

    async def drain(self, *, after_s: float = 0) -> Refund:
        self.now += timedelta(seconds=after_s)
        while await self.worker.drain():
            pass
        return await self.service.get("F1", context=CONTEXT)

    async def bill_state(self) -> BillState:
        found = await self.bills.find(CONTEXT.tenant, "B1")
        assert found
        return found.state

    @property
    def entered(self) -> list[Any]:
        """What the books say of refunds: account, party, amount."""
        entries = [entry for entry in self.books.entries.values() if entry.kind is EntryKind.REFUND]
        return [(line.account.value, line.party, line.amount) for entry in entries for line in entry.lines]
