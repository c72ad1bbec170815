"""Everything about money, put together: one way into the books, and what follows from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from psycopg.errors import DeadlockDetected, SerializationFailure

from gateway.alarms.model import AlarmService, Occasion
from gateway.alarms.service import Alarms
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.receipting import ReceiptAdjustment
from gateway.bootstrap.refunding import Refunding
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.taxing import vouchers
from gateway.callbacks.service import Callbacks
from gateway.cases.model import CaseKind, CaseService, Opening
from gateway.cases.service import Cases
from gateway.clients.audience import PaymentReaders
from gateway.database import is_of_all
from gateway.domain import VIETNAM, DossierStatus, local_day
from gateway.dossiers.model import ToldStep, charged
from gateway.dossiers.service import Dossiers
from gateway.dossiers.store import DossierStore
from gateway.observability import own_context
from gateway.payments.asking import Asking
from gateway.payments.beneficiaries import Beneficiaries, Beneficiary
from gateway.payments.bills import Bills
from gateway.payments.model import BillState, Dispute, Money, Source
from gateway.payments.news import News
from gateway.payments.opening import PaymentOpening
from gateway.payments.service import Payments
from gateway.payments.settling import Settling
from gateway.payments.store import BillStore
from gateway.receipts.service import Receipts
from gateway.receipts.vouchers import Vouchers
from gateway.rules.packs import load_calendar
from gateway.sdk import GatewayError

OF_RECONCILIATION = {Source.RECONCILIATION, Source.STATEMENT}
OFFICER = "Hệ thống thanh toán trực tuyến"
"""Stands where a step names who did it: nobody did."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """Through what a person is told."""

    alarms: Alarms
    cases: Cases


def cases_of(ground: Ground, stores: Stores) -> Cases:
    return Cases(stores.cases, ground.alarms, calendar=load_calendar(), recorder=ground.recorder, clock=utc_now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """What takes money in, gives it back, and tells of both."""

    bills: Bills
    payments: Payments
    asking: Asking
    settling: Settling
    vouchers: Vouchers
    callbacks: Callbacks
    refunding: Refunding

    @classmethod
    def on(
        cls, ground: Ground, stores: Stores, *, dossiers: Dossiers, receipts: Receipts, attention: Attention
    ) -> Till:
        own: dict[str, Any] = {"atomically": ground.database.transaction, "clock": utc_now}
        listed = [Beneficiary(**said.model_dump()) for said in ground.settings.payments.beneficiaries]
        bills = Bills(
            stores.bills, stores.payments, beneficiaries=Beneficiaries(listed), recorder=ground.recorder, **own
        )
        asking = Asking(stores.outbox, ground.exchange, clock=utc_now)
        opening = PaymentOpening(stores.payments, bills, asking=asking, exchange=ground.exchange, **own)
        fetched = vouchers(ground, stores, attention.alarms)
        apart = ground.database.apart
        step = DossierStep(dossiers, stores.dossiers, stores.bills, alarms=attention.alarms, apart=apart)
        callbacks = Callbacks(stores.events, stores.receivers, audience=PaymentReaders(stores.clients), clock=utc_now)
        refunding = Refunding.on(ground, stores, teller=callbacks, after=[ReceiptAdjustment(receipts)])
        news = News(callbacks)
        follows = Follows(
            collected_by=[step, receipts.due, fetched.due, news.collected],
            exceeded_by=[refunding.service.open_excess, news.exceeded],
            disputed_by=[DisputeCases(attention.cases, tell=news.disputed, clock=utc_now)],
        )
        return cls(
            bills=bills,
            payments=Payments(stores.payments, opening=opening, asking=asking, exchange=ground.exchange),
            asking=asking,
            settling=Settling(stores.bills, stores.payments, stores.books, asking=asking, consequences=follows, **own),
            vouchers=fetched,
            callbacks=callbacks,
            refunding=refunding,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """Implements `Consequences`: each part writes what it has to do into the transaction that enters the money."""

    collected_by: Sequence[Callable[[Money], Awaitable[object]]] = ()
    exceeded_by: Sequence[Callable[[Money], Awaitable[object]]] = ()
    disputed_by: Sequence[Callable[[Dispute], Awaitable[object]]] = field(default=())

    async def collected(self, money: Money) -> None:
        for part in self.collected_by:
            await part(money)

    async def exceeded(self, money: Money) -> None:
        for part in self.exceeded_by:
            await part(money)

    async def disputed(self, dispute: Dispute) -> None:
        for part in self.disputed_by:
            await part(dispute)


class DossierStep:
    """A dossier that waits for its fees (6) goes on (4) once bills for all of them were told and none is unpaid; the
    step names the proof (PAY-02). A dossier that does not wait is not moved. A step that cannot be told is an alarm:
    the money stays."""

    def __init__(
        self,
        dossiers: Dossiers,
        records: DossierStore,
        bills: BillStore,
        *,
        alarms: AlarmService,
        apart: Callable[[], AbstractAsyncContextManager[object]],
    ) -> None:
        """`apart` undoes a step that cannot be told, and nothing else of the transaction that enters the money."""
        self._apart = apart
        self._dossiers = dossiers
        self._records = records
        self._bills = bills
        self._alarms = alarms

    async def __call__(self, money: Money) -> None:
        fault: Exception | None
        try:
            try:
                fault = await self._alone(money)
            except (DeadlockDetected, SerializationFailure):  # somebody was quicker
                fault = await self._alone(money)
        except GatewayError as exc:
            fault = exc
        except Exception as exc:
            if is_of_all(exc):  # of the money, too
                raise
            log.exception("payment_step_failed", payment_id=money.payment.payment_id)
            fault = exc
        if fault is not None:
            facts = {"code": fault.error_code if isinstance(fault, GatewayError) else GatewayError.code}
            log.error("payment_step_refused", payment_id=money.payment.payment_id, code=facts["code"])
            about = f"payment:{money.payment.payment_id}"
            occasion = Occasion(kind="payment_step_refused", about=about, facts=facts)
            await self._alarms.raise_alarm(occasion, context=own_context(money.bill.tenant))

    async def _alone(self, money: Money) -> Exception | None:
        async with self._apart():
            return await self._go_on(money)

    async def _go_on(self, money: Money) -> Exception | None:
        """Why the step is refused; None: it is taken, or there is none to be taken."""
        tenant, code = money.bill.tenant, money.bill.dossier_code
        # Locked, or two bills that are paid at once would each see the other one unpaid. Bills come before dossiers.
        record = await self._records.lock(tenant, code)
        if record is None or record.status is not DossierStatus.PAYMENT_REQUESTED:
            return None
        bills = await self._bills.of_dossier(tenant, code)
        told = sum(bill.amount for bill in bills if bill.state is not BillState.CANCELLED)
        if told < charged(record.document) or any(bill.state is BillState.UNPAID for bill in bills):
            return None
        last = record.last_event_at
        step = _step(money, at=max(money.posted_at, last or money.posted_at))  # whose clock told the step before?
        (taken,) = await self._dossiers.add_together([ToldStep(code, step, own_context(tenant))])
        return taken if isinstance(taken, Exception) else None


class DisputeCases:
    """A result that does not fit becomes a case; what reconciliation finds has one of its own."""

    def __init__(
        self, cases: CaseService, *, tell: Callable[[Dispute], Awaitable[object]], clock: Callable[[], datetime]
    ) -> None:
        """`tell`: hears of those that are new; a rail repeats what was not acknowledged."""
        self._cases = cases
        self._tell = tell
        self._clock = clock

    async def __call__(self, dispute: Dispute) -> None:
        if dispute.source in OF_RECONCILIATION:
            return
        from gateway.reconciliation.model import owner_of  # disputes are rare, and most processes never have one

        began, kind = self._clock(), CaseKind(dispute.kind)
        names = {"reference": dispute.reference, "payment_id": dispute.payment_id, "bill_id": dispute.bill_id}
        opening = Opening(
            kind=kind,
            about=dispute.transaction_id or dispute.reference or dispute.payment_id,
            rail=dispute.rail,
            finder=dispute.source.value,
            owner=owner_of(kind),
            facts={**dispute.told, **{name: value for name, value in names.items() if value}},
            day=local_day(began),
        )
        case = await self._cases.open(opening, context=own_context(dispute.tenant))
        if case.opened_at >= began:
            await self._tell(dispute)


def _step(money: Money, *, at: datetime) -> dict[str, object]:
    amount = f"{money.amount:,}".replace(",", ".")
    return {
        "event_id": f"payment:{money.payment.payment_id}",
        "status": int(DossierStatus.IN_PROCESS),
        "at": at.isoformat(),
        "officer_name": OFFICER,
        "content": f"Đã nộp trực tuyến {amount} đồng lúc {_local(money.paid_at)}; mã giao dịch {money.transaction_id}, "
        f"mã tham chiếu {money.payment.reference}.",
    }


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M:%S ngày %d/%m/%Y}"
