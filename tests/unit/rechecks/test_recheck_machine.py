"""Any order of requests, outages, deaths, withdrawals, hurries and erasures: each recheck ends once, with what the
register said or with a person, is told of at least once, and is forgotten in time. Hypothesis looks for the order that
breaks it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from rechecks_house import RECEIVER, REQUEST, TENANT, House, client, recheck, verification

from gateway.callbacks.model import Lease
from gateway.domain import Context, Verdict
from gateway.lookups.model import Verification
from gateway.rechecks.model import CallbackState, Recheck, RecheckState
from gateway.sdk import TransientRemoteError, WireReply, WireRequest
from gateway.sdk.errors import TooManyRequestsError

TRUTHS = [verdict for verdict in Verdict if verdict is not Verdict.UNDETERMINED]
KEEP = timedelta(days=30)


class World:
    """A register and a receiver that break as they are told."""

    def __init__(self) -> None:
        self.mood = "up"
        self.told: list[str] = []
        self.receiver_up = True
        self.said: list[Verdict] = []

    async def verify_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        match self.mood:
            case "limited":
                raise TooManyRequestsError("slow down", retry_after_s=30)
            case "broken":
                raise ZeroDivisionError
            case "down":
                return verification(Verdict.UNDETERMINED, trouble="partner.no_answer")
        self.said.append(TRUTHS[len(self.said) % len(TRUTHS)])
        return verification(self.said[-1])

    verify_enterprise = verify_representative = verify_citizen

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        self.told.append(request.headers["webhook-id"])
        if not self.receiver_up:
            raise TransientRemoteError("down")
        return WireReply(status=200)

    async def close(self) -> None:
        return None


class Rechecking(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.world = World()
        self.house = House(self.world, self.world)  # type: ignore[arg-type]
        self.ends: dict[str, Recheck] = {}
        self.count = self.workers = 0
        self.do(self.house.clients.add(client()))
        self.do(self.house.receivers.put(RECEIVER))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(work)

    @rule(callback=st.booleans())
    def a_client_asks(self, callback: bool) -> None:
        self.count += 1
        wanted = CallbackState.WAITING if callback else CallbackState.NONE
        due = self.house.now + timedelta(seconds=60)
        new = recheck(self.count, created_at=self.house.now, due=due, callback=wanted)
        self.do(self.house.store.add(new, REQUEST))

    @rule(
        seconds=st.sampled_from((1, 60, 400, 4000, 90_000)), mood=st.sampled_from(("up", "down", "limited", "broken"))
    )
    def time_passes_and_a_worker_works(self, seconds: float, mood: str) -> None:
        self.house.now += timedelta(seconds=seconds)
        self.world.mood = mood
        self._work()

    @rule(most=st.integers(1, 3))
    def a_worker_dies_between_claim_and_answer(self, most: int) -> None:
        now = self.house.now
        self.workers += 1
        lease = Lease(owner=f"dead{self.workers}", now=now, until=now + timedelta(seconds=120))
        for found in (
            *self.do(self.house.store.claim(TENANT, recheck().operation, lease=lease, most=most)),
            *self.do(self.house.store.claim_calls(TENANT, lease=lease, most=most)),
        ):
            assert found.state is RecheckState.WAITING or found.callback is CallbackState.WAITING

    @rule(up=st.booleans())
    def the_receiver_goes_or_comes(self, up: bool) -> None:
        self.world.receiver_up = up

    @rule(number=st.integers(1, 5), act=st.sampled_from(("withdraw", "hurry")))
    def somebody_acts(self, number: int, act: str) -> None:
        do = self.house.store.withdraw if act == "withdraw" else self.house.store.hurry
        self.do(do(TENANT, f"R{number:04d}", now=self.house.now))

    @rule()
    def the_night_erases(self) -> None:
        self.do(self.house.store.erase(TENANT, ended_before=self.house.now - KEEP, now=self.house.now))

    @invariant()
    def an_end_stands_and_only_an_answer_has_a_result(self) -> None:
        """POP-05 (part)."""
        for found in self._all():
            contents = self.do(self.house.store.contents(TENANT, found.recheck_id))
            assert (contents.request is None) == (found.erased_at is not None)
            assert (contents.result is not None) == (found.state is RecheckState.ANSWERED and not found.erased_at)
            assert contents.result is None or contents.result.verdict in self.world.said
            if found.state is RecheckState.WAITING:
                assert found.due is not None
                continue
            first = self.ends.setdefault(found.recheck_id, found)
            assert (found.state, found.ended_at, found.tries) == (first.state, first.ended_at, first.tries)

    @invariant()
    def whoever_is_said_to_know_was_told(self) -> None:
        for found in self._all():
            if found.callback is CallbackState.DELIVERED:
                assert found.recheck_id in self.world.told

    def teardown(self) -> None:
        """Once everything works, everything ends, is told and is forgotten."""
        if not hasattr(self, "world"):
            return
        self.world.mood, self.world.receiver_up = "up", True
        for _ in range(12):
            self.house.now += timedelta(seconds=4000)
            for _ in range(self.count + 1):
                self._work()
        self.an_end_stands_and_only_an_answer_has_a_result()
        left = [r for r in self._all() if r.due is not None or r.state is RecheckState.WAITING]
        assert left == []
        wanted = [r.recheck_id for r in self._all() if r.callback is CallbackState.DELIVERED]
        assert set(self.world.told) >= set(wanted)
        self.house.now += KEEP + timedelta(days=1)
        self.the_night_erases()
        assert all(r.erased_at for r in self._all())

    def _all(self) -> list[Recheck]:
        if not hasattr(self, "house"):
            return []
        return list(self.do(self.house.store.latest(TENANT, state=None, limit=1000)))

    def _work(self) -> None:
        self.workers += 1
        self.do(self.house.another(f"w{self.workers}").drain())


TestRechecking = Rechecking.TestCase
TestRechecking.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
