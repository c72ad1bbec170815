"""Refunds, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.callbacks.model import Teller
from gateway.delivery.courier import FollowUp, Owner
from gateway.refunds.desk import Desk
from gateway.refunds.ending import Endings
from gateway.refunds.model import AfterRefund
from gateway.refunds.passing import PassedAfter
from gateway.refunds.sending import ORDER, QUESTION, RefundOrder, RefundQuestion
from gateway.refunds.service import Refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunding:
    """What gives money back. `owners` and `questions`: who hears of its messages, by operation."""

    service: Refunds
    endings: Endings
    owners: Mapping[str, Owner]
    questions: Mapping[str, FollowUp]

    @classmethod
    def on(cls, ground: Ground, stores: Stores, *, teller: Teller, after: Sequence[AfterRefund] = ()) -> Refunding:
        """`after`: what follows from money that went back, such as the receipt's adjustment."""
        desk = Desk(refunds=stores.refunds, bills=stores.bills, payments=stores.payments, books=stores.books)
        endings = Endings(
            desk,
            after=after,
            teller=teller,
            recorder=ground.recorder,
            atomically=ground.database.transaction,
            clock=utc_now,
        )
        hours = ground.settings.payments.refund_over_rail_hours
        passed = PassedAfter(hours, clock=utc_now) if hours is not None else None
        return cls(
            service=Refunds(desk, endings, stores.outbox, passed=passed, **ground.shared),
            endings=endings,
            owners={ORDER: RefundOrder(stores.refunds, endings)},
            questions={QUESTION: RefundQuestion(stores.refunds, endings)},
        )
