"""What the worker's tests share: a courier that answers from a script, and a worker with an outbox in memory."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services import NOW

from gateway.delivery.backoff import Backoff
from gateway.delivery.courier import Owner
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.sdk import Accepted, Call, Outcome, SendNow, Settlement

STREAM = StreamKey(tenant="H99", target="portal", key="D1")
OTHER = StreamKey(tenant="H99", target="portal", key="D2")
DONE = Accepted(reference="x")


@dataclass(frozen=True)
class Delivered:
    outcome: Outcome
    canonical: Mapping[str, Any] = field(default_factory=dict)


Step = Outcome | BaseException | Delivered


class Courier:
    """Answers each delivery with the next of `script` (then DONE) and each question with the next of `settlements`."""

    def __init__(self, *script: Step, ask_first: bool = False) -> None:
        self.script = list(script)
        self.settlements: list[Settlement | Exception] = []
        self.sent: list[tuple[str, str, Mapping[str, Any]]] = []
        self.asked: list[str] = []
        self.rooms: dict[str, int] = {}
        self.together = 1
        self.batches: list[list[Any]] = []
        self.known: list[Mapping[str, str]] = []
        self._ask_first = ask_first

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        self.sent.append((stream.key, call.call_id, call.hints))
        self.batches.append([body.get("n") for body in (call.body, *call.parts)])
        self.known.append(call.known)
        assert context.actor == "worker"
        step = self.script.pop(0) if self.script else DONE
        if isinstance(step, BaseException):
            raise step
        return step if isinstance(step, Delivered) else Delivered(step)

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        self.asked.append(call.call_id)
        step = self.settlements.pop(0) if self.settlements else SendNow(call=call)
        if isinstance(step, Exception):
            raise step
        return step

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        return self._ask_first

    def most_together(self, stream: StreamKey, operation: str) -> int:
        return self.together

    targets = ("portal", "payment")

    def room(self, target: str, *, most: int) -> int:
        return self.rooms.get(target, most)

    @property
    def call_ids(self) -> list[str]:
        return [call_id for _, call_id, _ in self.sent]


class FollowUp:
    def __init__(self, *, needed: bool = True, waits: tuple[float, ...] = (30.0, 120.0)) -> None:
        self.is_needed, self.waits, self.concluded, self.asked = needed, waits, [], 0

    async def needed(self, stream: StreamKey) -> bool:
        return self.is_needed

    async def next_wait_s(self, stream: StreamKey, *, now: datetime) -> float | None:
        self.asked += 1
        return self.waits[self.asked - 1] if self.asked <= len(self.waits) else None

    async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
        self.concluded.append(canonical)


@contextlib.asynccontextmanager
async def atomically() -> AsyncIterator[None]:
    yield


class House:
    def __init__(self, courier: Courier, *, follow_up: FollowUp | None = None, owner: Owner | None = None) -> None:
        self.outbox = MemoryOutbox()
        self.courier = courier
        self.now = NOW
        policy = Policy(
            lease_s=60, settle_after_s=15, backoff=Backoff(base_s=2, cap_s=900, uniform=lambda _, most: most)
        )
        self.worker = Worker(
            self.outbox,
            courier,
            name="w",
            atomically=atomically,
            clock=lambda: self.now,
            policy=policy,
            follow_ups={"sync": follow_up} if follow_up else {},
            owners={"sync": owner} if owner else {},
        )

    async def put(self, *numbers: int, stream: StreamKey = STREAM) -> None:
        drafts = [
            Draft(stream=stream, operation="sync", call_id=f"C{n}", at=NOW, mapping_version=1, body={"n": n})
            for n in numbers
        ]
        await self.outbox.enqueue(drafts, now=self.now)

    async def drain(self, *, after_s: float = 0) -> None:
        self.now += timedelta(seconds=after_s)
        await self.worker.drain()

    async def view(self, stream: StreamKey = STREAM) -> Any:
        return (await self.outbox.views(stream.tenant, stream.key, now=self.now))[0]
