"""Tell the one-stop systems what happened to money: ids, amounts and states, no personal data (NĐ 224/2026 Art
15(1)(g): the citizen is told at once, by them)."""

from __future__ import annotations

from gateway.callbacks.model import EventType, Teller
from gateway.payments.model import BillState, Dispute, Money


class News:
    """Implements `Consequences`."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    async def collected(self, money: Money) -> None:
        await self._money(EventType.PAYMENT_PAID, money, BillState.PAID)

    async def exceeded(self, money: Money) -> None:
        await self._money(EventType.PAYMENT_EXCESS, money, BillState.OVERPAID)

    async def disputed(self, dispute: Dispute) -> None:
        """What the rail said stays with the case: it is not proven."""
        facts = {
            "payment_id": dispute.payment_id,
            "bill_id": dispute.bill_id,
            "rail": dispute.rail,
            "case": dispute.kind,
        }
        told = {name: value for name, value in facts.items() if value}
        await self._teller.tell(dispute.tenant, EventType.PAYMENT_CASE, told)

    async def _money(self, event: EventType, money: Money, bill_state: BillState) -> None:
        bill, payment = money.bill, money.payment
        facts: dict[str, str | int] = {
            "payment_id": payment.payment_id,
            "bill_id": bill.bill_id,
            "dossier_code": bill.dossier_code,
            "agency_id": bill.agency_id,
            "rail": payment.system,
            "transaction_id": money.transaction_id,
            "amount": money.amount,
            "currency": money.currency,
            "state": payment.state.value,
            "bill_state": bill_state.value,
            "paid_at": money.paid_at.isoformat(),
        }
        await self._teller.tell(bill.tenant, event, facts)
