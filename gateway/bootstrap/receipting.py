"""Receipts, put together: what falls due, and who hears of it. `issuing` issues it."""

from __future__ import annotations

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.stores import Stores
from gateway.callbacks.model import EventType, Teller
from gateway.receipts.model import Content, Receipt, ReceiptKind, Refunded
from gateway.receipts.service import Receipts
from gateway.refunds.model import RefundKind, Returned
from gateway.rules.packs import load_packs


class ReceiptAdjustment:
    """Implements `refunds.model.AfterRefund`: money that went back leaves its receipt adjusted (PAY-16). An excess
    never had one. The receipt names the decision, not the reason, which may speak of a person."""

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts

    async def refunded(self, returned: Returned) -> None:
        refund = returned.refund
        if refund.kind is RefundKind.EXCESS or refund.done_at is None:
            return
        await self._receipts.adjust(
            Refunded(
                tenant=refund.tenant,
                payment_id=refund.payment_id,
                refund_id=refund.refund_id,
                parts={ReceiptKind.FEE: refund.fee, ReceiptKind.CHARGE: refund.charge},
                reason=f"theo quyết định số {refund.decision_number}",
                at=refund.done_at,
            )
        )


class ReceiptNews:
    """Implements `receipts.model.Issued`: the one-stop system is told."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    async def __call__(self, receipt: Receipt, content: Content) -> None:  # noqa: ARG002 - it speaks of a person
        facts: dict[str, str | int] = {
            "payment_id": receipt.payment_id,
            "bill_id": receipt.bill_id,
            "receipt_id": receipt.receipt_id,
            "dossier_code": receipt.dossier_code,
            "agency_id": receipt.unit,
            "kind": receipt.kind.value,
            "amount": receipt.amount,
            "currency": receipt.currency,
            "state": receipt.state.value,
        }
        if receipt.supersedes:
            facts["supersedes"] = receipt.supersedes
        await self._teller.tell(receipt.tenant, EventType.RECEIPT_ISSUED, facts)


def receipts(stores: Stores) -> Receipts:
    return Receipts(stores.receipts, packs=load_packs(), clock=utc_now)
