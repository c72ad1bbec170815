"""A crowd that is refused is told so in turns, and holds no more than its share of the door meanwhile."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import pytest
from echo import House
from services import CONTEXT, NOW

from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.service import GatewayExchange
from gateway.mapping.engine import Mappings
from gateway.sdk import TransientRemoteError, WireReply, WireRequest

REFUSED = TransientRemoteError("x", what="circuit_open")
SELDOM = BreakerPolicy(failures=1, refusals_per_s=0.001)
"""Whoever is refused waits for the longest turn."""


class Sleeps:
    """`slept`: for how long each would; they do until `go`."""

    def __init__(self, *, go: bool = True) -> None:
        self.slept: list[float] = []
        self.go = asyncio.Event()
        if go:
            self.go.set()

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.go.wait()


def exchange_with(house: House, breaker: Breaker) -> GatewayExchange:
    system = replace(house.exchange.systems["echo"], breaker=breaker)
    return GatewayExchange({"echo": system}, house.attempts, clock=lambda: NOW, routes={})


async def test_a_crowd_that_is_refused_is_told_in_turns() -> None:
    sleeps = Sleeps()
    breaker = Breaker(BreakerPolicy(refusals_per_s=10.0), monotonic=lambda: 0.0, sleep=sleeps)
    for left_s in [math.inf] * 120 + [0.25]:
        await breaker.turn(REFUSED, left_s=left_s)
    assert sleeps.slept[:2] == pytest.approx([0.1, 0.2])  # the first ten were told at once
    assert sleeps.slept == [*sorted(sleeps.slept[:-1]), 0.25]
    assert sleeps.slept[-2] == 10.0


async def test_what_was_tried_and_failed_is_told_at_once() -> None:
    sleeps = Sleeps()
    breaker = Breaker(SELDOM, monotonic=lambda: 0.0, sleep=sleeps)
    for what in ("", "no_time", "not_connected"):
        await breaker.turn(TransientRemoteError("down", what=what))
    assert sleeps.slept == []


async def test_more_than_may_wait_for_their_turn_are_told_at_once() -> None:
    sleeps = Sleeps(go=False)
    breaker = Breaker(replace(SELDOM, max_in_turn=3), monotonic=lambda: 0.0, sleep=sleeps)
    turns = [asyncio.create_task(breaker.turn(REFUSED)) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert ([turn.done() for turn in turns], len(sleeps.slept)) == ([False] * 3 + [True] * 2, 3)
    turns[0].cancel()
    await asyncio.gather(turns[0], return_exceptions=True)
    another = asyncio.create_task(breaker.turn(REFUSED))  # whoever left made place
    await asyncio.sleep(0)
    assert len(sleeps.slept) == 4
    sleeps.go.set()
    await asyncio.gather(another, *turns[1:])


async def test_nobody_waits_for_a_turn_past_the_time_of_its_caller(mappings: Mappings) -> None:
    """However long the call itself took until it was refused."""
    house, sleeps = House(mappings), Sleeps()

    async def full(request: WireRequest, **_: object) -> WireReply:
        house.time += 0.75
        raise TransientRemoteError("full", what="no_room", retry_after_s=1.0)

    house.transport.send = full  # type: ignore[method-assign]
    exchange = exchange_with(house, Breaker(SELDOM, monotonic=lambda: house.time, sleep=sleeps))
    with pytest.raises(TransientRemoteError, match="full"):
        await exchange.ask("look", {"a": "1"}, context=replace(CONTEXT, until=1.0))
    assert sleeps.slept == [0.25]
    with pytest.raises(TransientRemoteError, match="full"):
        await exchange.ask("look", {"a": "1"}, context=replace(CONTEXT, until=1.25))
    assert sleeps.slept == [0.25]  # its time was over when it was refused


async def test_who_leaves_while_it_waits_for_its_turn_was_refused(mappings: Mappings) -> None:
    """Nothing was sent: its leaf says so, and is written before."""
    house, sleeps = House(mappings), Sleeps(go=False)
    breaker = Breaker(SELDOM, monotonic=lambda: house.time, sleep=sleeps)
    with pytest.raises(TransientRemoteError), breaker.guard():
        raise TransientRemoteError("down")
    asked = asyncio.create_task(exchange_with(house, breaker).ask("look", {"a": "1"}, context=CONTEXT))
    while not sleeps.slept:  # noqa: ASYNC110 - all on this loop
        await asyncio.sleep(0)
    assert (len(sleeps.slept), asked.done()) == (1, False)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await house.attempts.finish()
    assert (house.recorder.outcomes, house.transport.sent) == (["partner.circuit_open"], [])
