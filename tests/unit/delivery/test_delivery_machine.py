"""Any order of events, faults, deaths, pauses, holds and releases: nothing is lost, doubled, reordered or falsely
called delivered (SYN-08). Hypothesis looks for the order that breaks it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import takewhile
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from services import NOW

from gateway.delivery.backoff import Backoff
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Draft, PastSearch, StreamKey, StreamState, Verdict
from gateway.delivery.policy import Policy
from gateway.delivery.troubles import of_operator
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.sdk import (
    Accepted,
    Call,
    Outcome,
    Pending,
    ProtocolViolation,
    Refused,
    SendNow,
    Settlement,
    TookEffect,
    TransientRemoteError,
    Unsettled,
)

TARGETS = ("portal", "payment")
STREAMS = [StreamKey(tenant="H99", target=target, key=key) for target in TARGETS for key in ("D1", "D2")]
BEFORE = ("down", "refused", "pending", "died before", "lost before")
AFTER = ("lost after", "died after", "garbled after", "pending after", "overtaken")
PARTLY = ("poisoned", "died half way", "lost half way")
"""Of a batch, the target takes the first half only: it refuses because of the rest, or says nothing any more."""
HOUR = timedelta(hours=1)
FAULTS = st.sampled_from(("", *BEFORE, *AFTER, *PARTLY))
QUESTIONS = st.sampled_from(("", "down", "garbled", "died before"))


class KilledError(BaseException):
    """The worker is no more: nothing that it would have written is written."""


@dataclass(frozen=True)
class Delivered:
    outcome: Outcome
    canonical: dict[str, Any] = field(default_factory=dict)


class World:
    """The targets as they really are: `effects` is what they did, in order. It breaks as `faults` say."""

    targets = TARGETS

    def __init__(self, overtake: Callable[[], Awaitable[None]]) -> None:
        self.overtake = overtake
        self.effects: dict[StreamKey, list[str]] = defaultdict(list)
        self.faults: list[str] = []
        self.questions: list[str] = []
        self.in_peace: set[str] = set()

    def room(self, target: str, *, most: int) -> int:
        return 0 if target in self.in_peace else most

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        return stream.key == "D1"

    def most_together(self, stream: StreamKey, operation: str) -> int:
        return 3 if stream.target == "portal" else 1

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        fault = self.faults.pop(0) if self.faults else ""
        names = [body["name"] for body in (call.body, *call.parts)]
        taken = 0 if fault in BEFORE else len(names) // 2 if fault in PARTLY else len(names)
        self.effects[stream] += names[:taken]
        match fault:
            case "down":
                raise TransientRemoteError("down")
            case "refused" | "poisoned":
                return Delivered(Refused(code="-1", reason="no", nothing_kept=not taken))
            case "pending" | "pending after":
                return Delivered(Pending(reference="R", look_again_after_s=1))
            case "lost before" | "lost after" | "lost half way":
                raise Unsettled("cut")
            case "garbled after":
                raise ProtocolViolation("?")
            case "died before" | "died after" | "died half way":
                raise KilledError
            case "overtaken":  # so slow with its paperwork that another worker took the stream over
                await self.overtake()
        return Delivered(Accepted(reference=call.call_id))

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        match self.questions.pop(0) if self.questions else "":
            case "down":
                raise TransientRemoteError("down")
            case "garbled":
                raise ProtocolViolation("?")
            case "died before":
                raise KilledError
        return TookEffect(reference="R") if call.body["name"] in self.effects[stream] else SendNow(call=call)


class Delivery(RuleBasedStateMachine):
    """The outbox and a worker against the world."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.world, self.outbox = World(self._overtake), MemoryOutbox()
        self.accepted: dict[StreamKey, list[str]] = defaultdict(list)
        self.told: dict[StreamKey, list[str]] = defaultdict(list)
        """Every message of a stream, those put in once more included."""
        self.workers = 0

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(work)

    @rule(stream=st.sampled_from(STREAMS), count=st.integers(1, 3), fault=FAULTS, question=QUESTIONS)
    def events_are_accepted_and_a_worker_works(self, stream: StreamKey, count: int, fault: str, question: str) -> None:
        names = [f"{stream.target}/{stream.key}/{len(self.accepted[stream]) + n}" for n in range(count)]
        drafts = [
            Draft(stream=stream, operation="send", call_id=name, at=NOW, mapping_version=1, body={"name": name})
            for name in names
        ]
        self.do(self.outbox.enqueue(drafts, now=self.now))
        self.accepted[stream] += names
        self.told[stream] += names
        self._work(fault, question)

    @rule(seconds=st.sampled_from((3, 20, 61, 1000)), fault=FAULTS, question=QUESTIONS)
    def time_passes_and_a_worker_works(self, seconds: float, fault: str, question: str) -> None:
        self.now += timedelta(seconds=seconds)
        self._work(fault, question)

    @rule(lane=st.sampled_from(TARGETS), act=st.sampled_from(("pause", "resume", "pace", "breaker")))
    def a_lane_stops_or_goes_on(self, lane: str, act: str) -> None:
        match act:
            case "pause":
                self.do(self.outbox.pause("H99", lane, now=self.now))
            case "breaker":
                self.world.in_peace ^= {lane}
            case _:
                self.do(self.outbox.resume("H99", lane, rate=0.5 if act == "pace" else None, now=self.now))

    @rule(stream=st.sampled_from(STREAMS), act=st.sampled_from(("hold", "ask", "tell", "hurry")))
    def a_person_acts_on_a_stream(self, stream: StreamKey, act: str) -> None:
        match act:
            case "hold":
                self.do(self.outbox.stop(stream, of_operator()))
            case "hurry":
                self.do(self.outbox.hurry(stream, now=self.now))
            case _:
                verdict, count = self._truth(stream) if act == "tell" else (Verdict.UNKNOWN, None)
                self.do(self.outbox.release(stream, verdict, now=self.now, count=count))

    def _truth(self, stream: StreamKey) -> tuple[Verdict, int | None]:
        """A person compares, and says how many of the messages in doubt have arrived."""
        view = self._view(stream)
        if view is None or view.state is not StreamState.HELD:
            return Verdict.UNKNOWN, None
        left = self.told[stream][view.head :]
        arrived = sum(1 for _ in takewhile(lambda name: name in self.world.effects[stream], left))
        return (Verdict.ARRIVED, arrived) if arrived else (Verdict.MISSING, None)

    @rule(stream=st.sampled_from(STREAMS), data=st.data(), fault=FAULTS)
    def a_person_replays_what_was_delivered(self, stream: StreamKey, data: st.DataObject, fault: str) -> None:
        """The target has it: it is asked, says so, and nothing is sent twice."""
        search = PastSearch(target=stream.target, key=stream.key, since=NOW, until=self.now + HOUR)
        past = self.do(self.outbox.delivered("H99", search))
        if past:
            chosen = data.draw(st.sampled_from(past))
            assert self.do(self.outbox.replay(chosen, now=self.now))
            self.told[stream].append(self.told[stream][chosen.seq - 1])
        self._work(fault, "")

    def _work(self, fault: str, question: str) -> None:
        self.world.faults, self.world.questions = [fault], [question]
        self.do(self._drain())
        self.world.faults, self.world.questions = [], []

    @invariant()
    def effects_are_what_was_accepted_in_order_and_once(self) -> None:
        for stream, done in self.world.effects.items() if hasattr(self, "world") else ():
            assert done == self.accepted[stream][: len(done)], stream

    @invariant()
    def nothing_is_called_delivered_that_was_not(self) -> None:
        for stream in self.accepted if hasattr(self, "accepted") else ():
            view = self._view(stream)
            assert set(self.told[stream][: view.head]) <= set(self.world.effects[stream])
            assert view.tail == len(self.told[stream])

    def teardown(self) -> None:
        """Once everything works and everybody is released, all of it arrives."""
        if not hasattr(self, "world"):
            return
        self.world.in_peace.clear()
        for target in TARGETS:
            self.do(self.outbox.resume("H99", target, now=self.now))
        for _ in range(20):
            for stream in STREAMS:
                self.do(self.outbox.release(stream, Verdict.UNKNOWN, now=self.now))
            self.now += timedelta(seconds=1000)
            self.do(self._drain())
        self.effects_are_what_was_accepted_in_order_and_once()
        assert {s: e for s, e in self.world.effects.items() if e} == {s: a for s, a in self.accepted.items() if a}

    def _view(self, stream: StreamKey) -> Any:
        views = self.do(self.outbox.views("H99", stream.key, now=self.now))
        return next((view for view in views if view.stream == stream), None)

    async def _overtake(self) -> None:
        self.now += timedelta(seconds=61)
        await self._drain()

    async def _drain(self) -> None:
        """A worker of its own name: the one before may have died."""
        self.workers += 1
        policy = Policy(lease_s=60, backoff=Backoff(base_s=2, cap_s=900, uniform=lambda _, most: most))
        worker = Worker(
            self.outbox,
            self.world,
            name=f"w{self.workers}",
            atomically=atomically,
            clock=lambda: self.now,
            policy=policy,
            follow_ups={},
        )
        with contextlib.suppress(KilledError):
            await worker.drain()


@contextlib.asynccontextmanager
async def atomically() -> AsyncIterator[None]:
    yield


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(
    max_examples=300,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
