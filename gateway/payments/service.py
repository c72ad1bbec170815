"""Open a payment, learn its result, post it once.

The attempt is stored before INIT leaves, so that money never arrives without a row (payment contract 2.14, traps 7 and
13). Notice and query go through the one function `settle`; only it posts (PAY-06, PAY-08).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from gateway.delivery.model import StreamKey
from gateway.delivery.store import Outbox
from gateway.domain import Context
from gateway.exchange.model import Exchange
from gateway.payments.model import Payment, PaymentState
from gateway.payments.store import PaymentStore, Posting
from gateway.sdk import (
    Accepted,
    GatewayError,
    NotFoundError,
    Outcome,
    ProtocolViolation,
    Receipt,
    Refused,
    TransientRemoteError,
    TrustError,
    Unsettled,
)
from gateway.sdk.errors import FieldProblem, UnprocessableError

FIRST_QUERY_S = 30.0
"""Seconds until the platform is asked by itself, if no notice came (first rung of the ladder, contract section 8)."""

log = structlog.get_logger()


class Payments:
    """Implements `PaymentService`."""

    def __init__(
        self,
        store: PaymentStore,
        outbox: Outbox,
        *,
        exchange: Exchange,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._exchange = exchange
        self._atomically = atomically
        self._clock = clock

    async def create(self, document: Mapping[str, Any], *, payment_id: str, context: Context) -> Payment:
        """Store the attempt, then open it at the platform. No clear answer leaves it `unknown`, and the query finds
        out; a platform that surely did not act fails the attempt, and the caller may open another. What the mapping
        cannot carry is refused before anything is stored.

        `payment_id` is the caller's to choose and never used twice: if a process died half-way, the same request
        finds the payment it began instead of opening a second one."""
        _check_lines(document)
        begun = await self._store.find(context.tenant, payment_id)
        payment = self._new(payment_id, document, context)
        if begun is not None:
            _check_same(begun, payment)
            return begun
        self._exchange.draft("initiate_payment", payment.document, key=payment_id, context=context)  # or refuse it now
        query = {"reference": payment.payment_id, "initiated_at": payment.document["initiated_at"]}
        draft = self._exchange.draft("query_payment", query, key=payment.payment_id, context=context)
        due = payment.created_at + timedelta(seconds=FIRST_QUERY_S)
        async with self._atomically():
            await self._store.add(payment)
            await self._outbox.enqueue([replace(draft, due=due)], now=payment.created_at)
        try:
            exchanged = await self._exchange.ask(
                "initiate_payment", payment.document, context=context, reference=payment.payment_id
            )
        except (Unsettled, ProtocolViolation, TrustError):  # an answer that says nothing: the query will find out
            return await self._move(payment, PaymentState.UNKNOWN)
        except TransientRemoteError:
            await self._move(payment, PaymentState.FAILED)
            raise
        except GatewayError:  # a fault of ours, before or after the bytes left: the caller sees it, the query finds out
            await self._move(payment, PaymentState.UNKNOWN)
            raise
        return await self._opened(payment, exchanged.outcome, exchanged.canonical)

    async def get(self, payment_id: str, *, context: Context) -> Payment:
        payment = await self._store.find(context.tenant, payment_id)
        if payment is None:
            raise NotFoundError("No payment has this id.", vi="Không có giao dịch thanh toán mang mã này.")
        return payment

    async def hurry(self, payment_id: str, *, context: Context) -> None:
        await self._hurry(await self.get(payment_id, context=context))

    async def settle(self, result: Mapping[str, Any], *, tenant: str, source: str) -> Receipt:
        """The one place where a payment becomes paid or failed. Joins the transaction that is open.

        Rejected, and nothing changes: an unknown reference, another amount or currency than was asked.
        """
        async with self._atomically():
            payment = await self._store.lock(tenant, str(result.get("reference", "")))
            if payment is None:
                log.warning("payment_result_for_unknown_reference", source=source)
                return Receipt.REJECTED
            if source == "notice":
                payment = replace(payment, notices=payment.notices + 1)
                await self._store.save(payment)
            if (result.get("amount"), result.get("currency")) != (payment.amount, payment.currency):
                log.error("payment_amount_differs", payment_id=payment.payment_id, source=source)
                return Receipt.REJECTED
            if payment.state is PaymentState.PAID:
                return self._paid_already(payment, result, source)
            if result.get("status") == "paid":
                return await self._post(payment, result, source)
            if result.get("status") == "failed":
                await self._store.save(self._with(payment, state=PaymentState.FAILED))
            else:  # a code whose meaning is not public: never a failure, but a reason to ask now (trap 6)
                await self._hurry(payment)
            return Receipt.RECORDED

    def _paid_already(self, payment: Payment, result: Mapping[str, Any], source: str) -> Receipt:
        """The same money told again, or a second transfer for the same reference: that one is a person's business."""
        if result.get("status") == "paid" and result.get("transaction_id") != payment.transaction_id:
            log.error("payment_paid_twice", payment_id=payment.payment_id, source=source)
            return Receipt.REJECTED
        return Receipt.DUPLICATE

    async def _hurry(self, payment: Payment) -> None:
        stream = StreamKey(tenant=payment.tenant, target=payment.system, key=payment.payment_id)
        await self._outbox.hurry(stream, now=self._clock())

    async def _post(self, payment: Payment, result: Mapping[str, Any], source: str) -> Receipt:
        now = self._clock()
        posting = Posting(
            tenant=payment.tenant,
            payment_id=payment.payment_id,
            system=payment.system,
            transaction_id=result["transaction_id"],
            amount=payment.amount,
            currency=payment.currency,
            source=source,
            posted_at=now,
        )
        if not await self._store.post(posting):
            log.error("payment_transaction_already_posted", payment_id=payment.payment_id, source=source)
            return Receipt.REJECTED
        paid_at = datetime.fromisoformat(result["paid_at"]) if result.get("paid_at") else now
        await self._store.save(
            self._with(payment, state=PaymentState.PAID, transaction_id=result["transaction_id"], paid_at=paid_at)
        )
        return Receipt.RECORDED

    def _new(self, payment_id: str, document: Mapping[str, Any], context: Context) -> Payment:
        now = self._clock()
        full = {
            "currency": "VND",
            "narration": f"THANH TOAN HO SO {document['dossier_code']}",
            **{key: value for key, value in document.items() if value is not None},
            "reference": payment_id,
            "initiated_at": now.isoformat(),
        }
        return Payment(
            tenant=context.tenant,
            payment_id=payment_id,
            dossier_code=full["dossier_code"],
            amount=full["amount"],
            currency=full["currency"],
            state=PaymentState.CREATED,
            system=self._exchange.system_for("initiate_payment"),
            created_at=now,
            updated_at=now,
            document=full,
        )

    async def _opened(self, payment: Payment, outcome: Outcome, canonical: Mapping[str, Any]) -> Payment:
        match outcome:
            case Accepted():
                return await self._move(payment, PaymentState.OPENED, pay_url=canonical["pay_url"])
            case Refused():
                return await self._move(payment, PaymentState.FAILED)
        return await self._move(payment, PaymentState.UNKNOWN)

    async def _move(self, payment: Payment, state: PaymentState, *, pay_url: str = "") -> Payment:
        """Write what INIT told us, unless a notice was faster: it knows more."""
        async with self._atomically():
            newest = await self._store.lock(payment.tenant, payment.payment_id) or payment
            settled = newest.state in {PaymentState.PAID, PaymentState.FAILED}
            moved = self._with(newest, state=newest.state if settled else state, pay_url=pay_url or newest.pay_url)
            await self._store.save(moved)
        return moved

    def _with(self, payment: Payment, **changes: Any) -> Payment:
        return replace(payment, updated_at=self._clock(), **changes)


def _check_same(begun: Payment, asked: Payment) -> None:
    """One id, one payment: another fee under an old id must not be answered with the old one's state."""
    own = ("reference", "initiated_at")
    before, now = ({k: v for k, v in p.document.items() if k not in own} for p in (begun, asked))
    if before != now:
        raise UnprocessableError(
            "This Idempotency-Key opened another payment before; use a new key.",
            vi="Khoá Idempotency-Key này đã dùng để mở một giao dịch khác; hãy dùng khoá mới.",
            what="idempotency_key_reused",
        )


def _check_lines(document: Mapping[str, Any]) -> None:
    """Fee lines must add up to the amount: the platform's signature does not cover them (contract 2.14, trap 19)."""
    if sum(line["amount"] for line in document["lines"]) != document["amount"]:
        english, vietnamese = "The lines do not add up to the amount.", "Tổng các khoản không bằng số tiền phải nộp."
        fields = [FieldProblem("/lines", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="lines_differ", fields=fields)
