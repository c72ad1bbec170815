"""Payer's acts and the IPNs that follow from them, sent in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine

from mocks.payment.courier import Ack, Courier
from mocks.payment.ledger import State, Transaction, ipn_of
from mocks.payment.platform import Platform

OUTCOMES = {"pay": State.PAID, "cancel": State.FAILED}


class Notices:
    """Keeps the background tasks, so that none is lost before it is done."""

    def __init__(self, platform: Platform, courier: Courier) -> None:
        self._platform = platform
        self._courier = courier
        self._running: set[asyncio.Task[None]] = set()

    def act(self, transaction: Transaction, action: str, *, copies: int = 1, at: str = "") -> asyncio.Task[None] | None:
        """`pay`, `cancel` or `wait`, now or `at` another moment (yyyyMMddHHmmss, local). Returns the sending of the IPN
        when there is one (`copies` times, one by one).

        A paid transaction does not move any more, and nothing is sent again; a failed one may still be paid.
        """
        before = transaction.state
        if action == "wait":
            transaction.waiting = before is State.OPEN
            return None
        self._platform.ledger.settle(transaction, OUTCOMES[action], at=at)
        silent = transaction.state is State.FAILED and not self._platform.settings.ipn_on_cancel
        if transaction.state is before or silent or copies == 0:
            return None
        return self._start(self._climb(transaction, copies))

    async def pay_early(self, transaction: Transaction) -> None:
        """Pay at once and return after the first IPN was answered; the rest of the ladder runs in the background."""
        self._platform.ledger.settle(transaction, State.PAID)
        settings = self._platform.settings
        ladder = self._courier.deliver(ipn_of(transaction, settings), settings)
        self._note(transaction, await anext(ladder))
        self._start(self._finish(transaction, ladder))

    async def settled(self) -> None:
        """Return when every sending that is under way is done."""
        await asyncio.gather(*self._running)

    async def _climb(self, transaction: Transaction, copies: int) -> None:
        settings = self._platform.settings
        message = ipn_of(transaction, settings)
        for _ in range(copies):
            await self._finish(transaction, self._courier.deliver(message, settings))

    async def _finish(self, transaction: Transaction, ladder: AsyncIterator[Ack]) -> None:
        async for ack in ladder:
            self._note(transaction, ack)

    def _note(self, transaction: Transaction, ack: Ack) -> None:
        at = self._platform.now().isoformat()
        transaction.ipns.append({"at": at, "status": ack.status, "verdict": ack.verdict})

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task
