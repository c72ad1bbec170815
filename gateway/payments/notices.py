"""Results of payments that rails send: the notices, which are proven, and the words of others, which are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from gateway.payments.model import Source
from gateway.payments.settling import Settling
from gateway.payments.store import Inbox
from gateway.sdk import Handled, Inbound


class PaymentNotices:
    """The handler of inbound `payment_result` messages: each is taken once, a repeat gets the first answer (PAY-06)."""

    def __init__(
        self,
        settling: Settling,
        inbox: Inbox,
        *,
        tenant: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._settling = settling
        self._inbox = inbox
        self._tenant = tenant
        self._atomically = atomically
        self._clock = clock

    async def __call__(self, message: Inbound, result: Mapping[str, Any], system: str) -> Handled:
        name = {"system": system, "event": message.event, "key": message.key}
        async with self._atomically():
            before = await self._inbox.take(self._tenant, **name, now=self._clock())
            handled = await self._settling.settle(result, tenant=self._tenant, rail=system, source=Source.NOTICE)
            if before is None:
                await self._inbox.conclude(self._tenant, **name, result=handled.receipt.value)
        return handled
