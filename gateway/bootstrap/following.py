"""What runs behind the log in the worker: its leaves are indexed, and counted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import structlog

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.traffic.counter import Counter
from gateway.transactions.indexer import Indexer

Step = Callable[[], Awaitable[int | None]]
"""Does a bounded piece of work; how much there was. Nought or None: nothing for now."""
PAUSE_S = 1.0
COMES_TOGETHER_S = 0.2
"""A rest between pieces of work: what happens meanwhile is done with one transaction instead of many."""
MUCH = 1000
"""So much in one step is a backlog, and there is no rest until it is gone; unless a step is said to take less."""
AFTER_A_FAILURE_S = 15.0

log = structlog.get_logger()


class Following:
    """Takes the steps one after the other, again and again, and rests between, unless there is very much to do."""

    def __init__(self, steps: Sequence[Step], *, much: int = MUCH, pause_s: float = PAUSE_S) -> None:
        self._steps = steps
        self._much = much
        self._pause_s = pause_s

    async def run(self, *, stop: asyncio.Event) -> None:
        while not stop.is_set():
            wait_s = await self.round()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)

    async def round(self) -> float:
        """Each step once; a step that fails does not keep the others. How long to rest, in seconds."""
        wait_s, failed = self._pause_s, False
        for step in self._steps:
            try:
                if done := await step():
                    wait_s = min(wait_s, 0.0 if done >= self._much else COMES_TOGETHER_S)
            except Exception:
                log.exception("following_failed")
                failed = True
        return AFTER_A_FAILURE_S if failed else wait_s


def indexer_of(ground: Ground, stores: Stores) -> Indexer:
    return Indexer(
        stores.office.transactions,
        stores.audit,
        tenant=ground.tenant,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def following(ground: Ground, stores: Stores, *, counter: Counter) -> Following:
    return Following([indexer_of(ground, stores).step, counter.step])
