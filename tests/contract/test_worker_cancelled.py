"""A worker that is cut off, at whatever moment: its leases run out, and the next one finds out what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from couriers import DONE, Delivered, atomically
from services import NOW

from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.policy import Policy
from gateway.delivery.postgres import PostgresOutbox
from gateway.delivery.store import Outbox
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.sdk import Call, SendNow, Settlement, TookEffect
from gateway.signing import Keyring

MOMENTS = range(1, 29)
"""Before and after: the claim, and of six messages what goes to the target and what is written of it."""


class Target:
    """Takes what it is sent, and knows what it took."""

    def __init__(self, name: str, moment: Callable[[], Awaitable[None]]) -> None:
        self.targets: Sequence[str] = (name,)
        self.took: dict[str, list[str]] = {}
        self._moment = moment

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        await self._moment()
        self.took.setdefault(stream.key, []).append(call.call_id)
        await self._moment()
        return Delivered(DONE)

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        return TookEffect(reference="x") if call.call_id in self.took.get(stream.key, ()) else SendNow(call=call)

    def room(self, target: str, *, most: int) -> int:
        return most

    def most_together(self, stream: StreamKey, operation: str) -> int:
        return 1

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        return False


class Cut:
    """Two streams of three messages, and a worker that is cancelled at its so manieth moment."""

    def __init__(self, outbox: Outbox, transaction: Any, *, at: int) -> None:
        self.left, self.now = at, NOW
        self.outbox = outbox
        self.transaction = transaction
        self.target = Target(f"T{uuid4().hex[:8]}", self.moment)
        self.streams = [StreamKey(tenant="H99", target=self.target.targets[0], key=key) for key in ("D1", "D2")]
        self.running: asyncio.Task[None] | None = None

    async def moment(self) -> None:
        self.left -= 1
        if self.left == 0 and self.running:
            self.running.cancel()
        await asyncio.sleep(0)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        """What the worker writes, with a moment before and after."""
        write = getattr(self.outbox, name)

        async def written(*values: Any, **named: Any) -> Any:
            await self.moment()
            result = await write(*values, **named)
            await self.moment()
            return result

        return written

    def worker(self, name: str) -> Worker:
        return Worker(
            self,  # type: ignore[arg-type]  # an outbox, by `__getattr__`
            self.target,
            name=name,
            atomically=self.transaction,
            clock=lambda: self.now,
            policy=Policy(),
            follow_ups={},
        )

    async def wait(self, timeout_s: float) -> None:
        """A bell that is not rung."""
        await asyncio.Event().wait()

    async def heads(self) -> Mapping[str, int]:
        views = [(await self.outbox.views(one.tenant, one.key, now=self.now)) for one in self.streams]
        return {view.stream.key: view.head for several in views for view in several if view.stream in self.streams}


@pytest.mark.parametrize("at", MOMENTS)
async def test_a_worker_that_is_cancelled_tells_nothing_wrong_and_sends_nothing_twice(
    on: Any, keyring: Keyring, at: int
) -> None:
    """SYN-08 (part)."""
    cut = Cut(PostgresOutbox(on, keyring) if on else MemoryOutbox(), on.transaction if on else atomically, at=at)
    drafts = [
        Draft(stream=stream, operation="sync", call_id=f"C{n}", at=NOW, mapping_version=1, body={"n": n})
        for stream in cut.streams
        for n in range(3)
    ]
    await cut.outbox.enqueue(drafts, now=NOW)
    cut.running = asyncio.create_task(cut.worker("w1").run(cut, stop=asyncio.Event()))
    with suppress(asyncio.CancelledError):
        await cut.running
    assert cut.running.cancelled()
    told, took = await cut.heads(), cut.target.took
    assert all(told[key] <= len(took.get(key, ())) for key in told)
    cut.now += timedelta(seconds=Policy().lease_s + 1)
    after = cut.worker("w2")
    while await after.drain():
        pass
    assert took == {key: ["C0", "C1", "C2"] for key in ("D1", "D2")}
    assert await cut.heads() == {"D1": 3, "D2": 3}
