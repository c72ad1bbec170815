"""The payer's browser comes back from the bank page. It proves nothing: the rail is asked, and a page shows what the
gateway knows (payment contract 2.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.payments.asking import Asking
from gateway.payments.model import Payment, PaymentState
from gateway.payments.store import PaymentStore
from gateway.sdk import Handled, Inbound, Receipt

PAGE = "/thanh-toan/"
SPACING = timedelta(seconds=10)
"""However often a browser comes back, a process has the rail asked of one payment no more often than this."""
MOST = 10_000
"""Payments whose last return is remembered. Beyond it the oldest are forgotten: a question too many, no more."""


class PaymentReturns:
    """Handler of `payment_return`. Anyone can send one: what it says of the result is not believed (F13)."""

    def __init__(
        self,
        payments: PaymentStore,
        asking: Asking,
        *,
        tenant: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._payments = payments
        self._asking = asking
        self._tenant = tenant
        self._atomically = atomically
        self._clock = clock
        self._hurried: dict[str, datetime] = {}

    async def __call__(self, message: Inbound, body: Mapping[str, Any], system: str) -> Handled:  # noqa: ARG002 - a handler's shape
        """`ANSWERED` with the `page` to send the browser to, an address of our own. `ABSENT`: no such
        payment, or one that began at the portal, which sends nobody to us."""
        payment = await self._payments.by_reference(self._tenant, system, str(body.get("reference", "")))
        if payment is None or payment.reference != payment.payment_id:
            return Handled(Receipt.ABSENT)
        if payment.state is not PaymentState.PAID and self._is_due(payment):
            async with self._atomically():
                await self._asking.hurry(payment)
                if report := body.get("report"):  # what a rail that cannot be asked may vouch for
                    name = f"{payment.payment_id}/{self._clock():%Y%m%d%H%M%S}"
                    await self._asking.vouch(report, tenant=self._tenant, rail=system, name=name)
        return Handled(Receipt.ANSWERED, {"page": PAGE + payment.payment_id})

    def _is_due(self, payment: Payment) -> bool:
        now = self._clock()
        last = self._hurried.pop(payment.payment_id, datetime.min.replace(tzinfo=UTC))
        due = now - last >= SPACING
        self._hurried[payment.payment_id] = now if due else last
        if len(self._hurried) > MOST:
            del self._hurried[next(iter(self._hurried))]
        return due
