"""Daily reconciliation of money, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.cases.model import CaseService
from gateway.reconciliation.closing import Closing
from gateway.reconciliation.model import FindRefunds, OpenRefund, Settle
from gateway.reconciliation.noting import Noting
from gateway.reconciliation.service import Reconciliation
from gateway.reconciliation.views import OurSide, RailViews
from gateway.rules.packs import load_calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDays:
    """What compares and closes days."""

    reconciliation: Reconciliation
    closing: Closing
    rails: tuple[str, ...]

    @classmethod
    def on(cls, ground: Ground, stores: Stores, *, cases: CaseService, settle: Settle) -> MoneyDays:
        ours = OurSide(books=stores.books, payments=stores.payments, statements=stores.office.statements)
        own = ground.settings.reconciliation
        noting = Noting(
            stores.office.money_days,
            cases,
            stores.payments,
            settle=settle,
            atomically=ground.database.transaction,
            clock=utc_now,
        )
        reconciliation = Reconciliation(
            stores.office.money_days,
            ours,
            RailViews(ours, ground.exchange, clock=utc_now, sample=own.sample),
            noting=noting,
            cases=cases,
            refunds=refunds_under_way(stores),
            calendar=load_calendar(),
            clock=utc_now,
        )
        closing = Closing(stores.office.money_days, reconciliation, clock=utc_now)
        return cls(reconciliation=reconciliation, closing=closing, rails=rails_of(ground))


def rails_of(ground: Ground) -> tuple[str, ...]:
    """Every configured system through which fees are paid."""
    return tuple(
        sorted(name for name, system in ground.exchange.systems.items() if "initiate_payment" in system.operations)
    )


def refunds_under_way(stores: Stores) -> FindRefunds:
    """What the rails were asked to give back and have not confirmed, by the reference of the payment."""

    async def find(tenant: str, rail: str, references: Sequence[str]) -> Sequence[OpenRefund]:
        waiting = await stores.refunds.under_way(tenant, rail)
        paid = await stores.payments.by_references(tenant, rail, references) if waiting else ()
        names = {payment.payment_id: payment.reference for payment in paid}
        return [
            OpenRefund(reference=names[refund.payment_id], refund_id=refund.refund_id, amount=refund.amount)
            for refund in waiting
            if refund.payment_id in names
        ]

    return find
