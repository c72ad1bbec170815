"""One run of a job: it goes on where the one before ended, tells how far it is, and stops between two items."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import structlog

from gateway.delivery.jobs.model import DONE, REFUSED, Item, Job
from gateway.delivery.jobs.store import JobStore
from gateway.domain import Context
from gateway.sdk.errors import GatewayError, IntegrityError

PAGE = 100
BEAT_S = 5.0

log = structlog.get_logger()


class StoppedError(GatewayError):
    """The run is over before its job is: it was stopped, or another run has it."""


class Run:
    """Handed to whatever does the work."""

    def __init__(
        self,
        job: Job,
        store: JobStore,
        *,
        context: Context,
        stopping: asyncio.Event,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self.job = job
        self.context = context
        self._store = store
        self._stopping = stopping
        self._atomically = atomically
        self._clock = clock

    async def each(self, act: Callable[[Item], Awaitable[bool]]) -> None:
        """`act` with each item that is not done; with what became of it, one transaction. `act` answers whether it did
        anything. What was altered is refused; any other error ends the run, as it would meet the rest, too."""
        after = 0
        while page := await self._store.items(self.job, after=after, outcome="", limit=PAGE):
            for item in page:
                await self._one(item, act)
            after = page[-1].number

    async def seen(self, count: int) -> None:
        """How far it is, of work without items."""
        if self._stopping.is_set() or not await self._store.count(self.job, count, now=self._clock()):
            raise StoppedError

    async def beat(self) -> None:
        """Signs of life, until it is cancelled: one item may take longer than the lease."""
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await self._store.keep(self.job, now=self._clock())
            except Exception:
                log.exception("job_gave_no_sign")

    async def _one(self, item: Item, act: Callable[[Item], Awaitable[bool]]) -> None:
        if self._stopping.is_set():
            raise StoppedError
        try:
            async with self._atomically():
                await self._keep()
                await self._store.tell(self.job, item, DONE if await act(item) else REFUSED)
        except IntegrityError as exc:
            async with self._atomically():
                await self._keep()
                await self._store.tell(self.job, item, exc.error_code)

    async def _keep(self) -> None:
        if not await self._store.keep(self.job, now=self._clock()):
            raise StoppedError
