"""Money for the pages about it, entered as the gateway enters it."""

from __future__ import annotations

from datetime import date, timedelta
from secrets import token_hex
from typing import Any

from console_house import House

from gateway.bootstrap import utc_now
from gateway.cases.model import Case, CaseKind, Opening, Owner
from gateway.observability import own_context
from gateway.payments.model import Bill, BillState, Payment, PaymentState, Source
from gateway.refunds.model import Refund, Wanted

AGENCY = "000.00.05.H99"
ACCOUNT = "3511000000001"
RAIL = "payment"
PAYER = {"full_name": "TRAN THI MAU", "personal_id": "099185000001", "address": "1 Pho Mau"}
LINES = [
    {"kind": "fee", "code": "P01", "name": "Phí thẩm định", "amount": 120_000},
    {"kind": "charge", "code": "L01", "name": "Lệ phí cấp giấy", "amount": 30_000},
]
AMOUNT = 150_000


class Money:
    """Bills of a house, and what becomes of them. Amounts are whole đồng."""

    def __init__(self, house: House) -> None:
        self.gateway = house.gateway
        self.tenant = house.gateway.tenant
        self.context = own_context(self.tenant)

    async def bill(self, **changes: Any) -> Bill:
        now, name = utc_now(), token_hex(4).upper()
        told: dict[str, Any] = {
            "tenant": self.tenant,
            "bill_id": f"B{name}",
            "dossier_code": f"{AGENCY}-261129-{name[:4]}",
            "amount": AMOUNT,
            "currency": "VND",
            "state": BillState.UNPAID,
            "matter": name,
            "beneficiary": ACCOUNT,
            "created_at": now,
            "updated_at": now,
            "document": {"lines": LINES, "agency_id": AGENCY, "payer": PAYER, "narration": "TRAN THI MAU NOP PHI"},
        }
        bill = Bill(**{**told, **changes})
        await self.gateway.stores.bills.add(bill)
        return bill

    async def attempt(self, bill: Bill, **changes: Any) -> Payment:
        now, name = utc_now(), f"P{token_hex(4).upper()}"
        told: dict[str, Any] = {
            "tenant": self.tenant,
            "payment_id": name,
            "bill_id": bill.bill_id,
            "dossier_code": bill.dossier_code,
            "amount": bill.amount,
            "currency": "VND",
            "state": PaymentState.OPENED,
            "system": RAIL,
            "reference": name,
            "created_at": now,
            "updated_at": now,
            "document": {"initiated_at": now.isoformat(), "payer": PAYER},
        }
        payment = Payment(**{**told, **changes})
        await self.gateway.stores.payments.add(payment)
        return payment

    async def paid(self, *, ago: timedelta = timedelta(), bill: Bill | None = None) -> Payment:
        """Money came for a bill; its receipts fall due."""
        payment = await self.attempt(bill or await self.bill())
        told = {
            "reference": payment.reference,
            "status": "paid",
            "amount": payment.amount,
            "currency": "VND",
            "transaction_id": f"T{payment.payment_id}",
            "paid_at": (utc_now() - ago).isoformat(),
        }
        settle = self.gateway.able.till.settling.settle
        await settle(told, tenant=self.tenant, rail=RAIL, source=Source.RECONCILIATION)
        found = await self.gateway.stores.payments.find(self.tenant, payment.payment_id)
        assert found is not None
        assert found.state is PaymentState.PAID
        return found

    async def refund(self, payment: Payment, *, by: str = "canbo.mau") -> Refund:
        """Asked for by an officer of the one-stop."""
        wanted = Wanted(
            refund_id=f"F{token_hex(4).upper()}",
            payment_id=payment.payment_id,
            amount=payment.amount,
            refundable=payment.amount,
            reason="Hồ sơ bị từ chối",
            requested_by=by,
        )
        return await self.gateway.services.refunds.request(wanted, context=self.context)

    async def case(self, kind: CaseKind = CaseKind.AMOUNT_MISMATCH, *, day: date | None = None) -> Case:
        opening = Opening(
            kind=kind,
            about=f"T{token_hex(4).upper()}",
            rail=RAIL,
            finder="notice",
            owner=Owner.RAIL,
            facts={"amount": 150_000, "listed_amount": 15_000, "reference": "PX1"},
            day=day,
        )
        return await self.gateway.able.cases.open(opening, context=self.context)
