"""Open a payment: the attempt is stored before INIT leaves, so that money never arrives without a row (payment contract
2.14, traps 7 and 13). What became of it is for `settling`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.domain import Context
from gateway.exchange.model import Exchange
from gateway.payments.asking import Asking
from gateway.payments.model import Payment, PaymentState
from gateway.payments.opening import INIT, PaymentOpening, Wanted
from gateway.payments.store import PaymentStore
from gateway.sdk import (
    Accepted,
    GatewayError,
    NotFoundError,
    Outcome,
    ProtocolViolation,
    Refused,
    TransientRemoteError,
    TrustError,
    Unsettled,
)


class Payments:
    """Implements `PaymentService`."""

    def __init__(self, store: PaymentStore, *, opening: PaymentOpening, asking: Asking, exchange: Exchange) -> None:
        self._store = store
        self._opening = opening
        self._asking = asking
        self._exchange = exchange

    async def create(
        self, document: Mapping[str, Any], *, payment_id: str, context: Context, bill_id: str = "", rail: str = ""
    ) -> Payment:
        """Store the attempt, then open it at the rail. No clear answer leaves it `unknown`, and the query finds out; a
        rail that surely did not act fails the attempt, and the caller may open another. What the mapping cannot carry
        is refused before anything is stored.

        `payment_id` is the caller's to choose and never used twice: if a process died half-way, the same request
        finds the payment it began instead of opening a second one."""
        wanted = Wanted(document=document, payment_id=payment_id, bill_id=bill_id, rail=rail, context=context)
        stored = await self._opening.store(wanted)
        return await self._open(stored.payment, context=context) if stored.is_new else stored.payment

    async def get(self, payment_id: str, *, context: Context) -> Payment:
        payment = await self._store.find(context.tenant, payment_id)
        if payment is None:
            raise NotFoundError("No payment has this id.", vi="Không có giao dịch thanh toán mang mã này.")
        return payment

    async def hurry(self, payment_id: str, *, context: Context) -> None:
        await self._asking.hurry(await self.get(payment_id, context=context))

    async def _open(self, payment: Payment, *, context: Context) -> Payment:
        try:
            exchanged = await self._exchange.ask(
                INIT, payment.document, context=context, reference=payment.payment_id, target=payment.system
            )
        except (Unsettled, ProtocolViolation, TrustError):  # an answer that says nothing: the query will find out
            return await self._opening.move(payment, PaymentState.UNKNOWN)
        except TransientRemoteError:
            await self._opening.move(payment, PaymentState.FAILED)
            raise
        except GatewayError:  # a fault of ours, before or after the bytes left: the caller sees it, the query finds out
            await self._opening.move(payment, PaymentState.UNKNOWN)
            raise
        return await self._opened(payment, exchanged.outcome, exchanged.canonical)

    async def _opened(self, payment: Payment, outcome: Outcome, canonical: Mapping[str, Any]) -> Payment:
        match outcome:
            case Accepted():
                return await self._opening.move(payment, PaymentState.OPENED, pay_url=canonical["pay_url"])
            case Refused():
                return await self._opening.move(payment, PaymentState.FAILED)
        return await self._opening.move(payment, PaymentState.UNKNOWN)
