"""Everything about one bill's money, locked and read together, and a refund's next state written with the bill's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.payments.model import Bill, Payment
from gateway.payments.store import BillStore, Books, PaymentStore
from gateway.refunds.model import Refund
from gateway.refunds.store import RefundStore
from gateway.refunds.sums import bill_state
from gateway.sdk.errors import NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A bill, locked, the payment in question, and all that came and went for the bill."""

    bill: Bill
    payment: Payment
    payments: Sequence[Payment]
    refunds: Sequence[Refund]

    def refund(self, refund_id: str) -> Refund:
        return next(refund for refund in self.refunds if refund.refund_id == refund_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stores that a refund is about. Every method joins the transaction that is open."""

    refunds: RefundStore
    bills: BillStore
    payments: PaymentStore
    books: Books

    async def open(self, tenant: str, payment_id: str) -> Matter:
        """`NotFoundError`: there is no such payment, or it is of no bill. The bill is locked first."""
        found = await self.payments.find(tenant, payment_id)
        bill = await self.bills.lock(tenant, found.bill_id) if found else None
        payment = await self.payments.lock(tenant, payment_id)
        if bill is None or payment is None:
            raise no_payment()
        return Matter(
            bill=bill,
            payment=payment,
            payments=await self.payments.of_bill(tenant, bill.bill_id),
            refunds=await self.refunds.of_bill(tenant, bill.bill_id),
        )

    async def of_refund(self, tenant: str, refund_id: str) -> tuple[Matter, Refund]:
        """`NotFoundError`: there is none. The refund as it stands under the bill's lock."""
        found = await self.refunds.find(tenant, refund_id)
        if found is None:
            raise unknown()
        matter = await self.open(tenant, found.payment_id)
        return matter, matter.refund(refund_id)

    async def write(self, matter: Matter, refund: Refund, *, actor: str) -> Matter:
        """A new refund, or the next state of one; the bill follows. The matter as it stands then."""
        others = [other for other in matter.refunds if other.refund_id != refund.refund_id]
        if len(others) == len(matter.refunds):
            await self.refunds.add(refund, actor=actor)
        else:
            await self.refunds.save(refund, actor=actor)
        refunds = [*others, refund]
        bill, state = matter.bill, bill_state(matter.bill, matter.payments, refunds)
        if state is not bill.state:
            bill = replace(bill, state=state, updated_at=refund.updated_at)
            await self.bills.save(bill)
        return replace(matter, bill=bill, refunds=refunds)


def no_payment() -> NotFoundError:
    return NotFoundError("No payment has this id.", vi="Không có giao dịch thanh toán mang mã này.")


def unknown() -> NotFoundError:
    return NotFoundError("No refund has this id.", vi="Không có khoản hoàn trả nào mang mã này.")
