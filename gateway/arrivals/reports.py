"""Word of a payment that carries no proof: it is kept, the rail is asked, and nothing is posted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from gateway.arrivals.service import Arrivals
from gateway.delivery.store import Outbox
from gateway.domain import Context
from gateway.exchange.model import Exchange
from gateway.observability import continue_trace
from gateway.payments.asking import Asking
from gateway.payments.settling import Settling
from gateway.sdk import Handled, Inbound, Receipt

VERIFY = "verify_report"
INIT = "initiate_payment"


class PaymentReports:
    """Handler of `payment_report`. Whoever knows a dossier code could send one (payment contract 2.14, trap 17)."""

    def __init__(
        self,
        arrivals: Arrivals,
        settling: Settling,
        asking: Asking,
        *,
        outbox: Outbox,
        exchange: Exchange,
        tenant: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._arrivals = arrivals
        self._settling = settling
        self._asking = asking
        self._outbox = outbox
        self._exchange = exchange
        self._tenant = tenant
        self._atomically = atomically
        self._clock = clock

    async def __call__(self, message: Inbound, body: Mapping[str, Any], system: str) -> Handled:
        async with self._atomically():
            handled = await self._arrivals(message, body, system)
            is_rail = self._exchange.offers(INIT, target=system)
            payment = await self._settling.claim(
                body, tenant=self._tenant, rail=system if is_rail else self._exchange.system_for(INIT)
            )
            if payment is not None:
                await self._asking.hurry(payment)
            if handled.receipt is not Receipt.DUPLICATE and self._exchange.offers(VERIFY, target=system):
                await self._verify(body, system)
        return handled

    async def _verify(self, body: Mapping[str, Any], system: str) -> None:
        """A rail that says whether a word was its own is asked; its "yes" is the proof."""
        trace = continue_trace("")
        context = Context(tenant=self._tenant, actor="worker", trace_id=trace.trace_id, traceparent=trace.traceparent)
        key = f"report:{body.get('reference', '')}"
        draft = self._exchange.draft(VERIFY, body, key=key, context=context, target=system)
        await self._outbox.enqueue([draft], now=self._clock())
