"""Word of a payment that carries no proof: it is kept, the platform is asked, and nothing is posted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from gateway.arrivals.service import Arrivals
from gateway.delivery.model import StreamKey
from gateway.delivery.store import Outbox
from gateway.payments.store import PaymentStore
from gateway.sdk import Handled, Inbound


class PaymentReports:
    """Handler of `payment_report`. Whoever knows a dossier code could send one (payment contract 2.14, trap 17)."""

    def __init__(
        self,
        arrivals: Arrivals,
        payments: PaymentStore,
        outbox: Outbox,
        *,
        tenant: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._arrivals = arrivals
        self._payments = payments
        self._outbox = outbox
        self._tenant = tenant
        self._atomically = atomically
        self._clock = clock

    async def __call__(self, message: Inbound, body: Mapping[str, Any], system: str) -> Handled:
        async with self._atomically():
            handled = await self._arrivals(message, body, system)
            payment = await self._payments.find(self._tenant, str(body.get("reference", "")))
            if payment is not None:
                stream = StreamKey(tenant=self._tenant, target=payment.system, key=payment.payment_id)
                await self._outbox.hurry(stream, now=self._clock())
        return handled
