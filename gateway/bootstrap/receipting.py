"""Receipts, put together: what falls due, and the one that issues it."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.alarms.service import Alarms
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.callbacks.model import EventType, Teller
from gateway.receipts.issuing import Issuing, Watch
from gateway.receipts.model import Content, Issued, Receipt, ReceiptKind, Refunded
from gateway.receipts.sandbox import made_up_seal
from gateway.receipts.service import Receipts
from gateway.receipts.settings import Units
from gateway.receipts.signature import Seal, UnitSigner
from gateway.refunds.model import RefundKind, Returned
from gateway.rules.packs import load_packs
from gateway.settings import Settings


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


def issuing(ground: Ground, stores: Stores, *, alarms: Alarms, told: Sequence[Issued] = ()) -> Issuing:
    """`told`: who writes what each issued receipt leads to."""
    return Issuing(
        stores.receipts,
        signer_of(ground.settings),
        units=units_of(ground.settings),
        packs=load_packs(),
        watch=Watch(recorder=ground.recorder, alarms=alarms),
        on_issued=told,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def units_of(settings: Settings) -> Units:
    return Units(settings.receipts, made_up=settings.sandbox)


def signer_of(settings: Settings) -> UnitSigner:
    """With a key for the sandbox's unit, made when it first signs."""

    def made_up() -> Seal:
        return made_up_seal(settings.state / "receipts" / "mau.p12", now=utc_now())

    return UnitSigner(made_up=made_up if settings.sandbox else None)
