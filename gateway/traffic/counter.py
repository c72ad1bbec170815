"""What a worker does for the counters: read on in the log, note how the lanes stand, forget what is old."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from gateway.delivery.model import Lane
from gateway.delivery.store import Outbox
from gateway.traffic.model import Grain, Sample
from gateway.traffic.store import TrafficStore
from gateway.traffic.tally import floor

BATCH = 2000
"""Rows in one database transaction."""


class Counter:
    """One tenant's. Any number of processes may step; each row counts once."""

    def __init__(
        self,
        store: TrafficStore,
        outbox: Outbox,
        *,
        tenant: str,
        targets: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._tenant = tenant
        self._targets = targets
        self._clock = clock
        self._sampled: datetime | None = None

    async def step(self) -> int:
        """Count the next rows, and once a minute look at the lanes. How many rows."""
        now = self._clock()
        minute = floor(now, Grain.MINUTE)
        if minute != self._sampled:
            await self._store.sample(self._tenant, await self._samples(now), now=now)
            if self._sampled is None or floor(self._sampled, Grain.HOUR) != floor(now, Grain.HOUR):
                await self._store.forget(self._tenant, now=now)
            self._sampled = minute
        return await self._store.count(self._tenant, most=BATCH, now=now)

    async def catch_up(self) -> int:
        """Until nothing is left; how many rows."""
        total = 0
        while counted := await self.step():
            total += counted
        return total

    async def _samples(self, now: datetime) -> Sequence[Sample]:
        """A target without a lane has nothing waiting, which is known."""
        lanes = {lane.target: lane for lane in await self._outbox.lanes(self._tenant)}
        return [_sample(target, lanes.get(target), now) for target in sorted({*self._targets, *lanes})]


def _sample(target: str, lane: Lane | None, now: datetime) -> Sample:
    if lane is None:
        return Sample(target=target, waiting=0, held=0, messages=0, oldest_s=0)
    age = now - lane.oldest if lane.oldest else timedelta()
    return Sample(
        target=target,
        waiting=lane.waiting + lane.claimed,
        held=lane.held,
        messages=lane.messages,
        oldest_s=max(round(age.total_seconds()), 0),
    )
