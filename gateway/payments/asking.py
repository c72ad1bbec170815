"""When a rail is asked what became of a payment (payment contract, section 8: the query ladder)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.store import Outbox
from gateway.domain import Context
from gateway.exchange.model import Exchange
from gateway.observability import own_context
from gateway.payments.model import Payment

QUERY = "query_payment"
VERIFY = "verify_report"
FIRST_QUERY_S = 30.0
"""Seconds until the rail is asked by itself, if no notice came: the first rung."""


class Asking:
    """The questions about payments, in the outbox. A rail without `query_payment` is not asked: its notices and the
    daily reconciliation must do."""

    def __init__(self, outbox: Outbox, exchange: Exchange, *, clock: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._exchange = exchange
        self._clock = clock

    def first(self, payment: Payment, *, context: Context) -> list[Draft]:
        """The question that climbs the ladder, stored with the attempt."""
        draft = self._draft(payment, context=context)
        return [replace(d, due=payment.created_at + timedelta(seconds=FIRST_QUERY_S)) for d in draft]

    async def enqueue(self, drafts: list[Draft]) -> None:
        if drafts:
            await self._outbox.enqueue(drafts, now=self._clock())

    async def hurry(self, payment: Payment) -> None:
        """Ask now, if the ladder still stands."""
        await self._outbox.hurry(_stream(payment), now=self._clock())

    async def again(self, payment: Payment) -> bool:
        """Ask now, whether or not the ladder has ended. False: this rail cannot be asked about it."""
        drafts = self._draft(payment, context=own_context(payment.tenant))
        await self.enqueue(drafts)
        await self.hurry(payment)
        return bool(drafts)

    async def vouch(self, report: Mapping[str, Any], *, tenant: str, rail: str, name: str) -> bool:
        """Have the rail say whether a word without proof was its own: its "yes" is the proof. Each word is a stream of
        its own, so that a forged one does not stand before the true one. False: this rail vouches for nothing."""
        if not self._exchange.offers(VERIFY, target=rail):
            return False
        context = own_context(tenant)
        draft = self._exchange.draft(VERIFY, report, key=f"report:{name}", context=context, target=rail)
        await self.enqueue([draft])
        return True

    def _draft(self, payment: Payment, *, context: Context) -> list[Draft]:
        initiated_at = payment.document.get("initiated_at")
        if not initiated_at or not self._exchange.offers(QUERY, target=payment.system):
            return []
        said = {"reference": payment.reference, "initiated_at": initiated_at, "transaction_id": payment.transaction_id}
        asked = {name: value for name, value in said.items() if value}
        return [self._exchange.draft(QUERY, asked, key=payment.payment_id, context=context, target=payment.system)]


def _stream(payment: Payment) -> StreamKey:
    return StreamKey(tenant=payment.tenant, target=payment.system, key=payment.payment_id)
