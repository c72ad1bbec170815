"""Daily reconciliation of money and its cases, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.bootstrap.ground import Ground, utc_now
from gateway.bootstrap.money import context_of
from gateway.bootstrap.stores import Stores
from gateway.cases.model import CaseKind, CaseService, Opening
from gateway.domain import local_day
from gateway.payments.model import Dispute, Source
from gateway.reconciliation.closing import Closing
from gateway.reconciliation.model import FindRefunds, OpenRefund, Settle, owner_of
from gateway.reconciliation.noting import Noting
from gateway.reconciliation.service import Reconciliation
from gateway.reconciliation.views import OurSide, RailViews
from gateway.rules.packs import load_calendar

OURS = {Source.RECONCILIATION, Source.STATEMENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDays:
    """What compares and closes days."""

    reconciliation: Reconciliation
    closing: Closing
    rails: tuple[str, ...]

    @classmethod
    def on(
        cls, ground: Ground, stores: Stores, *, cases: CaseService, settle: Settle, refunds: FindRefunds
    ) -> MoneyDays:
        ours = OurSide(books=stores.books, payments=stores.payments, statements=stores.statements)
        own = ground.settings.reconciliation
        noting = Noting(
            stores.money_days,
            cases,
            stores.payments,
            settle=settle,
            atomically=ground.database.transaction,
            clock=utc_now,
        )
        reconciliation = Reconciliation(
            stores.money_days,
            ours,
            RailViews(ours, ground.exchange, clock=utc_now, sample=own.sample),
            noting=noting,
            cases=cases,
            refunds=refunds,
            calendar=load_calendar(),
            clock=utc_now,
        )
        closing = Closing(stores.money_days, reconciliation, clock=utc_now)
        return cls(reconciliation=reconciliation, closing=closing, rails=rails_of(ground))


def rails_of(ground: Ground) -> tuple[str, ...]:
    """Every configured system through which fees are paid."""
    return tuple(
        sorted(name for name, system in ground.exchange.systems.items() if "initiate_payment" in system.operations)
    )


async def no_refunds(tenant: str, rail: str, references: Sequence[str]) -> Sequence[OpenRefund]:  # noqa: ARG001
    """Where nothing asks rails to give money back."""
    return ()


class DisputeCases:
    """A result that does not fit becomes a case; what reconciliation finds has one of its own."""

    def __init__(self, cases: CaseService) -> None:
        self._cases = cases

    async def __call__(self, dispute: Dispute) -> None:
        if dispute.source in OURS:
            return
        kind = CaseKind(dispute.kind)
        names = {"reference": dispute.reference, "payment_id": dispute.payment_id, "bill_id": dispute.bill_id}
        opening = Opening(
            kind=kind,
            about=dispute.transaction_id or dispute.reference or dispute.payment_id,
            rail=dispute.rail,
            finder=dispute.source.value,
            owner=owner_of(kind),
            facts={**dispute.told, **{name: value for name, value in names.items() if value}},
            day=local_day(utc_now()),
        )
        await self._cases.open(opening, context=context_of(dispute.tenant))
