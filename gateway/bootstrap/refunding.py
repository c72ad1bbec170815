"""Refunds, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.bootstrap.ground import Ground, utc_now
from gateway.bootstrap.stores import Stores
from gateway.callbacks.model import Teller
from gateway.delivery.courier import FollowUp, Owner
from gateway.refunds.desk import Desk
from gateway.refunds.ending import Endings
from gateway.refunds.model import Refunded
from gateway.refunds.passing import PassedAfter
from gateway.refunds.sending import ORDER, QUESTION, RefundOrder, RefundQuestion
from gateway.refunds.service import Refunds


def endings(ground: Ground, stores: Stores, *, teller: Teller, after: Sequence[Refunded] = ()) -> Endings:
    """`after`: what follows from money that went back, such as the receipt's adjustment."""
    return Endings(
        _desk(stores),
        after=after,
        teller=teller,
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def refunds(ground: Ground, stores: Stores, ending: Endings) -> Refunds:
    hours = ground.settings.payments.refund_over_rail_hours
    passed = PassedAfter(hours, clock=utc_now) if hours is not None else None
    return Refunds(_desk(stores), ending, stores.outbox, passed=passed, **ground.shared)


def refund_owners(stores: Stores, ending: Endings) -> Mapping[str, Owner]:
    """Who owns the messages of refunds, by operation."""
    return {ORDER: RefundOrder(stores.refunds, ending)}


def refund_questions(stores: Stores, ending: Endings) -> Mapping[str, FollowUp]:
    return {QUESTION: RefundQuestion(stores.refunds, ending)}


def _desk(stores: Stores) -> Desk:
    return Desk(refunds=stores.refunds, bills=stores.bills, payments=stores.payments, books=stores.books)
