"""Open a payment: the attempt is stored before INIT leaves, so that money never arrives without a row (payment contract
2.14, traps 7 and 13). What became of it is for `settling`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.domain import Context
from gateway.exchange.model import Exchange
from gateway.payments.asking import Asking
from gateway.payments.bills import Bills
from gateway.payments.model import Bill, Payment, PaymentState
from gateway.payments.store import PaymentStore
from gateway.sdk import (
    Accepted,
    ConfigurationError,
    GatewayError,
    NotFoundError,
    Outcome,
    ProtocolViolation,
    Refused,
    TransientRemoteError,
    TrustError,
    Unsettled,
)
from gateway.sdk.errors import FieldProblem, UnprocessableError

INIT = "initiate_payment"


class Payments:
    """Implements `PaymentService`."""

    def __init__(
        self,
        store: PaymentStore,
        bills: Bills,
        *,
        asking: Asking,
        exchange: Exchange,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._bills = bills
        self._asking = asking
        self._exchange = exchange
        self._atomically = atomically
        self._clock = clock

    async def create(
        self, document: Mapping[str, Any], *, payment_id: str, context: Context, bill_id: str = "", rail: str = ""
    ) -> Payment:
        """Store the attempt, then open it at the rail. No clear answer leaves it `unknown`, and the query finds out; a
        rail that surely did not act fails the attempt, and the caller may open another. What the mapping cannot carry
        is refused before anything is stored.

        `payment_id` is the caller's to choose and never used twice: if a process died half-way, the same request
        finds the payment it began instead of opening a second one."""
        begun = await self._store.find(context.tenant, payment_id)
        if begun is not None:
            _check_same(begun, document, bill_id=bill_id, rail=rail)
            return begun
        system = self._rail(rail)
        async with self._atomically():
            name = bill_id or f"B{payment_id[1:]}"
            bill = await self._bills.payable(document, bill_id=name, named=bool(bill_id), context=context)
            payment = self._new(payment_id, bill, document, system=system)
            self._exchange.draft(INIT, payment.document, key=payment_id, context=context, target=system)  # or refuse it
            drafts = self._asking.first(payment, context=context)
            await self._store.add(payment)
            await self._asking.enqueue(drafts)
        return await self._open(payment, context=context)

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
            return await self._move(payment, PaymentState.UNKNOWN)
        except TransientRemoteError:
            await self._move(payment, PaymentState.FAILED)
            raise
        except GatewayError:  # a fault of ours, before or after the bytes left: the caller sees it, the query finds out
            await self._move(payment, PaymentState.UNKNOWN)
            raise
        return await self._opened(payment, exchanged.outcome, exchanged.canonical)

    def _rail(self, rail: str) -> str:
        """The system to pay over. `UnprocessableError`: none of that name takes payments."""
        if not rail:
            return self._exchange.system_for(INIT)
        try:
            offered = self._exchange.offers(INIT, target=rail)
        except ConfigurationError:
            offered = False
        if not offered:
            english, vietnamese = (
                "No rail of this name takes payments here; leave `rail` out to use the usual one.",
                "Không có kênh thanh toán nào mang tên này; bỏ trống `rail` để dùng kênh mặc định.",
            )
            fields = [FieldProblem("/rail", english, vietnamese)]
            raise UnprocessableError(english, vi=vietnamese, what="rail_unknown", fields=fields)
        return rail

    def _new(self, payment_id: str, bill: Bill, document: Mapping[str, Any], *, system: str) -> Payment:
        now = self._clock()
        return Payment(
            tenant=bill.tenant,
            payment_id=payment_id,
            bill_id=bill.bill_id,
            dossier_code=bill.dossier_code,
            amount=bill.amount,
            currency=bill.currency,
            state=PaymentState.CREATED,
            system=system,
            reference=payment_id,
            created_at=now,
            updated_at=now,
            document={**bill.document, **_said(document), "reference": payment_id, "initiated_at": now.isoformat()},
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
            known = newest.state is not PaymentState.CREATED
            moved = replace(
                newest,
                state=newest.state if known else state,
                pay_url=pay_url or newest.pay_url,
                updated_at=self._clock(),
            )
            await self._store.save(moved)
        return moved


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def _check_same(begun: Payment, document: Mapping[str, Any], *, bill_id: str, rail: str) -> None:
    """One id, one payment: another fee under an old id must not be answered with the old one's state."""
    differs = any(begun.document.get(name) != value for name, value in _said(document).items())
    if differs or (bill_id and bill_id != begun.bill_id) or (rail and rail != begun.system):
        raise UnprocessableError(
            "This Idempotency-Key opened another payment before; use a new key.",
            vi="Khoá Idempotency-Key này đã dùng để mở một giao dịch khác; hãy dùng khoá mới.",
            what="idempotency_key_reused",
        )
