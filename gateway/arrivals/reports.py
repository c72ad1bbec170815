"""Word of a payment that carries no proof: it is kept, the rail is asked, and nothing is posted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from gateway.arrivals.service import Arrivals
from gateway.exchange.model import Exchange
from gateway.payments.asking import Asking
from gateway.payments.settling import Settling
from gateway.sdk import Handled, Inbound, Receipt

INIT = "initiate_payment"


class PaymentReports:
    """Handler of `payment_report`. Whoever knows a dossier code could send one (payment contract 2.14, trap 17)."""

    def __init__(
        self,
        arrivals: Arrivals,
        settling: Settling,
        asking: Asking,
        *,
        exchange: Exchange,
        tenant: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
    ) -> None:
        self._arrivals = arrivals
        self._settling = settling
        self._asking = asking
        self._exchange = exchange
        self._tenant = tenant
        self._atomically = atomically

    async def __call__(self, message: Inbound, body: Mapping[str, Any], system: str) -> Handled:
        async with self._atomically():
            handled = await self._arrivals(message, body, system)
            is_rail = self._exchange.offers(INIT, target=system)
            payment = await self._settling.claim(
                body, tenant=self._tenant, rail=system if is_rail else self._exchange.system_for(INIT)
            )
            if payment is not None:
                await self._asking.hurry(payment)
            if handled.receipt is not Receipt.DUPLICATE:
                name = str(handled.answer["id"])
                await self._asking.vouch(body, tenant=self._tenant, rail=system, name=name)
        return handled
