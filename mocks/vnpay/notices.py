"""Payer's acts and the IPNs that follow from them, sent in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from mocks.vnpay.courier import Courier
from mocks.vnpay.ledger import REFUND_UNDER_WAY, REFUSED_STATUS, State, Transaction, ipn_of
from mocks.vnpay.platform import Platform

OUTCOMES = {
    "pay": State.PAID,
    "cancel": State.CANCELLED,
    "expire": State.EXPIRED,
    "fail": State.REFUSED,
    "suspect": State.SUSPECT,
}
REFUND_ENDS = {"refund_done": "00", "refund_refuse": REFUSED_STATUS}
ACTIONS = (*OUTCOMES, "wait", *REFUND_ENDS)
PAGE_ACTIONS = ("pay", "cancel", "wait", "expire")


class Notices:
    """Keeps the background tasks, so that none is lost before it is done."""

    def __init__(self, platform: Platform, courier: Courier) -> None:
        self._platform = platform
        self._courier = courier
        self._running: set[asyncio.Task[None]] = set()

    def act(self, transaction: Transaction, action: str, *, copies: int = 1) -> asyncio.Task[None] | None:
        """One of `ACTIONS`. Returns the sending of the IPN when there is one (`copies` times, one by one).

        A paid transaction does not move any more, and nothing is sent again; a failed one may still be paid. The end
        of a refund is not notified (MOCK-REFUND-SILENT).
        """
        if action in REFUND_ENDS:
            for refund in transaction.refunds:
                refund.status = REFUND_ENDS[action] if refund.status == REFUND_UNDER_WAY else refund.status
            return None
        before = transaction.state
        if action == "wait":
            transaction.waiting = before is State.OPEN
            return None
        self._platform.ledger.settle(transaction, OUTCOMES[action])
        if transaction.state is before or copies == 0:
            return None
        return self._start(self._climb(transaction, copies))

    async def settled(self) -> None:
        """Return when every sending that is under way is done."""
        await asyncio.gather(*self._running)

    async def _climb(self, transaction: Transaction, copies: int) -> None:
        settings = self._platform.settings
        parameters = ipn_of(transaction, settings)
        for _ in range(copies):
            async for ack in self._courier.deliver(parameters, settings):
                at = self._platform.now().isoformat()
                transaction.ipns.append({"at": at, "status": ack.status, "verdict": ack.verdict})

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task
