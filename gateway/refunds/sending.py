"""A refund on its way over the rail: an order that leaves once, and a question that is put until there is an end.

Whatever is killed between, the rail is asked before anything is sent again: the order belongs to `RefundOrder`, so that
an unclear end of it is settled by `query_refund` (`Reconciles`), and where the rail cannot be asked, by a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.delivery.model import Draft, StreamKey
from gateway.domain import Context
from gateway.exchange.model import Exchange
from gateway.payments.model import Payment, Source
from gateway.refunds.ending import Endings
from gateway.refunds.model import ON_ITS_WAY, Refund, RefundState
from gateway.refunds.store import RefundStore
from gateway.sdk import ConfigurationError, Refused

ORDER, QUESTION = "refund_payment", "query_refund"
PREFIX = "refund:"
LADDER_S = (
    *(30, 150, 450, 1_350, 4_950, 15_750),
    *range(37_350, 259_200, 21_600),
    *range(259_200, 2_592_001, 86_400),
)
"""Ages at which a refund is asked about: like a payment to the third day, then once a day, since money takes its time
to travel back to a card; after 30 days a person looks."""


def key_of(refund_id: str) -> str:
    """The stream of a refund at its rail."""
    return PREFIX + refund_id


def is_offered(exchange: Exchange, rail: str) -> bool:
    """Whether a rail can be told to pay back, and asked whether it did. One that is not configured any more cannot."""
    try:
        return all(exchange.offers(operation, target=rail) for operation in (ORDER, QUESTION))
    except ConfigurationError:
        return False


def drafts(exchange: Exchange, refund: Refund, payment: Payment, *, context: Context) -> list[Draft]:
    """The order and the question behind it. `UnprocessableError` when the mapping cannot carry it."""
    initiated = str(payment.document.get("initiated_at") or payment.created_at.isoformat())
    named = {
        "refund_id": refund.refund_id,
        "reference": payment.reference,
        "transaction_id": payment.transaction_id,
        "initiated_at": initiated,
        "amount": refund.amount,
    }
    order = {
        **named,
        "paid_amount": payment.amount,
        "whole": refund.amount == payment.amount,
        "paid_at": payment.paid_at.isoformat() if payment.paid_at else None,
        "reason": refund.reason,
        "requested_by": refund.requested_by,
    }
    key, rail = key_of(refund.refund_id), refund.rail
    return [
        exchange.draft(operation, canonical, key=key, context=context, target=rail)
        for operation, canonical in ((ORDER, order), (QUESTION, named))
    ]


class RefundOrder:
    """Implements `delivery.courier.Owner` for `refund_payment`."""

    def __init__(self, store: RefundStore, endings: Endings) -> None:
        self._store = store
        self._endings = endings

    async def needed(self, stream: StreamKey) -> bool:
        """What a person ended meanwhile never leaves, whoever releases its stream."""
        return await _state(self._store, stream) is RefundState.SENT

    async def accepted(self, stream: StreamKey, told: Mapping[str, Any]) -> None:
        number = str(told.get("refund_transaction_id") or "")
        await self._endings.took(stream.tenant, _id(stream), number=number)

    async def refused(self, stream: StreamKey, refused: Refused) -> None:  # noqa: ARG002 - its own code is in the leaf
        await self._endings.refused(stream.tenant, _id(stream))


class RefundQuestion:
    """Implements `delivery.courier.FollowUp` for `query_refund`."""

    def __init__(self, store: RefundStore, endings: Endings) -> None:
        self._store = store
        self._endings = endings

    async def needed(self, stream: StreamKey) -> bool:
        return await _state(self._store, stream) in ON_ITS_WAY

    async def next_wait_s(self, stream: StreamKey, *, now: datetime) -> float | None:
        refund = await self._store.find(stream.tenant, _id(stream))
        age = (now - refund.sent_at).total_seconds() if refund and refund.sent_at else 0.0
        return next((rung - age for rung in LADDER_S if rung > age), None)

    async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
        """`ProtocolViolation`, so a person looks, when it is not what was asked for: money may have moved."""
        await self._endings.settle({**canonical, "refund_id": _id(stream)}, tenant=stream.tenant, source=Source.QUERY)


async def _state(store: RefundStore, stream: StreamKey) -> RefundState | None:
    refund = await store.find(stream.tenant, _id(stream))
    return refund.state if refund else None


def _id(stream: StreamKey) -> str:
    return stream.key.removeprefix(PREFIX)
