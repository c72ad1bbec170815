"""Ask for a refund, allow it, prove it, call it off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.delivery.model import Draft, StreamState, StreamView
from gateway.delivery.store import Outbox
from gateway.domain import Context
from gateway.exchange.ids import new_id
from gateway.exchange.model import Exchange
from gateway.payments.model import Money, Payment, Source
from gateway.refunds import checks, sending
from gateway.refunds.desk import Desk, Matter, no_payment, unknown
from gateway.refunds.ending import End, Endings
from gateway.refunds.model import (
    ON_ITS_WAY,
    Approval,
    Passed,
    Proof,
    Refund,
    RefundKind,
    RefundState,
    RefundWay,
    Step,
    Wanted,
)
from gateway.refunds.sums import kind_of, refundable, split

GATEWAY = "gateway"
"""Who asks for the refund of an excess."""
EXCESS = "Đã thanh toán hơn một lần cho cùng một khoản thu."
CLOCK_SKEW = timedelta(minutes=10)
CANNOT_TELL = "partner.cannot_tell"


class Refunds:
    """Implements `RefundService`."""

    def __init__(
        self,
        desk: Desk,
        endings: Endings,
        outbox: Outbox,
        *,
        exchange: Exchange,
        passed: Passed | None = None,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._endings = endings
        self._outbox = outbox
        self._exchange = exchange
        self._passed = passed
        self._atomically = atomically
        self._clock = clock

    async def request(self, wanted: Wanted, *, context: Context) -> Refund:
        async with self._atomically():
            matter = await self._desk.open(context.tenant, wanted.payment_id)
            begun = await self._desk.refunds.find(context.tenant, wanted.refund_id)
            if begun is not None:
                checks.is_same(begun, wanted)
                return begun
            checks.is_refundable(matter, wanted)
            refund = self._new(matter, wanted)
            await self._desk.write(matter, refund, actor=context.actor)
        return refund

    async def open_excess(self, money: Money) -> Refund:
        """The payment stands in its store as paid, and the bill as overpaid, before this is called."""
        async with self._atomically():
            matter = await self._desk.open(money.bill.tenant, money.payment.payment_id)
            wanted = Wanted(
                refund_id=new_id(self._clock()),
                payment_id=money.payment.payment_id,
                amount=money.amount,
                refundable=money.amount,
                reason=EXCESS,
                requested_by=GATEWAY,
            )
            refund = self._new(matter, wanted, kind=RefundKind.EXCESS)
            await self._desk.write(matter, refund, actor=GATEWAY)
        return refund

    async def get(self, refund_id: str, *, context: Context) -> Refund:
        """With what its delivery tells: no clear answer is `unknown`."""
        refund = await self._desk.refunds.find(context.tenant, refund_id)
        if refund is None:
            raise unknown()
        view = await self._view(refund)
        if refund.state not in ON_ITS_WAY or view is None:
            return refund
        is_unclear = refund.state is RefundState.SENT and view.unsettled
        state = RefundState.UNKNOWN if is_unclear else refund.state
        return replace(refund, state=state, trouble=view.trouble.code if view.trouble else "")

    async def steps(self, refund_id: str, *, context: Context) -> Sequence[Step]:
        return await self._desk.refunds.steps(context.tenant, refund_id)

    async def of_payment(self, payment_id: str, *, context: Context) -> tuple[int, Sequence[Refund]]:
        payment = await self._desk.payments.find(context.tenant, payment_id)
        if payment is None:
            raise no_payment()
        refunds = await self._desk.refunds.of_bill(context.tenant, payment.bill_id)
        own = [refund for refund in refunds if refund.payment_id == payment_id]
        return refundable(payment, own), own

    async def agency_of(self, payment_id: str, *, context: Context) -> str:
        payment = await self._desk.payments.find(context.tenant, payment_id)
        bill = await self._desk.bills.find(context.tenant, payment.bill_id) if payment else None
        return bill.agency_id if bill else ""

    async def approve(self, refund_id: str, approval: Approval, *, context: Context) -> Refund:
        async with self._atomically():
            matter, refund = await self._desk.of_refund(context.tenant, refund_id)
            if refund.state is not RefundState.REQUESTED and refund.approved_by == approval.approved_by:
                return refund
            checks.stands_at(refund, RefundState.REQUESTED)
            checks.is_another_person(refund, approval)
            approved = replace(
                refund,
                state=RefundState.APPROVED,
                way=self._way(matter.payment, approval.way or refund.way),
                approved_by=approval.approved_by,
                decision_number=approval.decision_number or refund.decision_number,
                decision_day=approval.decision_day or refund.decision_day,
                updated_at=self._clock(),
            )
            checks.has_decision(approved)
            messages = await self._messages(matter, approved, context=context)
            matter = await self._desk.write(matter, approved, actor=approval.approved_by)
            if not messages:
                return approved
            sent = replace(approved, state=RefundState.SENT, sent_at=approved.updated_at)
            await self._desk.write(matter, sent, actor=approval.approved_by)
            await self._outbox.enqueue(messages, now=approved.updated_at)
        return sent

    async def record(self, refund_id: str, proof: Proof, *, context: Context) -> Refund:
        async with self._atomically():
            matter, refund = await self._desk.of_refund(context.tenant, refund_id)
            if refund.proof == proof:
                return refund
            waits = RefundState.APPROVED if refund.way is RefundWay.BY_HAND else RefundState.SENT
            if refund.state is not RefundState.PENDING:
                checks.stands_at(refund, waits)
            checks.is_past(proof, until=self._clock() + CLOCK_SKEW)
            end = End(
                at=proof.paid_at,
                number=proof.document_number,
                source=Source.STATEMENT,
                actor=proof.recorded_by,
                proof=proof,
            )
            return await self._endings.finish(matter, refund, end)

    async def cancel(self, refund_id: str, *, by: str, context: Context) -> Refund:
        """What is under way at the rail is called off only once it is held there, so that a person has looked: it
        failed, and its message never leaves any more."""
        async with self._atomically():
            matter, refund = await self._desk.of_refund(context.tenant, refund_id)
            if refund.state is RefundState.CANCELLED:
                return refund
            if refund.state in ON_ITS_WAY:
                view = await self._view(refund)
                checks.is_held(view is not None and view.state is StreamState.HELD)
                return await self._endings.fail(matter, refund, trouble=CANNOT_TELL, actor=by)
            checks.stands_at(refund, RefundState.REQUESTED, RefundState.APPROVED)
            cancelled = replace(refund, state=RefundState.CANCELLED, updated_at=self._clock())
            await self._desk.write(matter, cancelled, actor=by)
        return cancelled

    def _new(self, matter: Matter, wanted: Wanted, *, kind: RefundKind | None = None) -> Refund:
        payment, now = matter.payment, self._clock()
        kind = kind or kind_of(payment, wanted.amount)
        said = wanted.fee, wanted.charge
        fee, charge = (
            (0, 0) if kind is RefundKind.EXCESS else split(matter.bill, matter.refunds, wanted.amount, said=said)
        )
        return Refund(
            tenant=payment.tenant,
            refund_id=wanted.refund_id,
            payment_id=payment.payment_id,
            bill_id=matter.bill.bill_id,
            dossier_code=matter.bill.dossier_code,
            agency_id=matter.bill.agency_id,
            rail=payment.system,
            kind=kind,
            way=self._way(payment, wanted.way),
            amount=wanted.amount,
            fee=fee,
            charge=charge,
            currency=payment.currency,
            state=RefundState.REQUESTED,
            reason=wanted.reason,
            requested_by=wanted.requested_by,
            decision_number=wanted.decision_number,
            decision_day=wanted.decision_day,
            created_at=now,
            updated_at=now,
        )

    def _way(self, payment: Payment, asked: RefundWay | None) -> RefundWay:
        can = sending.is_offered(self._exchange, payment.system)
        if asked is RefundWay.RAIL and not can:
            raise checks.no_rail()
        return asked or (RefundWay.RAIL if can else RefundWay.BY_HAND)

    async def _messages(self, matter: Matter, refund: Refund, *, context: Context) -> Sequence[Draft]:
        """What goes into the outbox in the transaction of the approval; nothing where it goes back by hand."""
        if refund.way is RefundWay.BY_HAND:
            return ()
        if self._passed and await self._passed.passed_on(matter.payment):
            raise checks.passed_on()
        checks.is_alone(matter, refund)
        return sending.drafts(self._exchange, refund, matter.payment, context=context)

    async def _view(self, refund: Refund) -> StreamView | None:
        views = await self._outbox.views(refund.tenant, sending.key_of(refund.refund_id), now=self._clock())
        return next((view for view in views if view.stream.target == refund.rail), None)
