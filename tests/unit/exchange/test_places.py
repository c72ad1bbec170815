"""A target that hangs holds its part of what is everybody's, however many ask it, and the others answer all theirs."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from echo import Echo, House, LoggedInEcho, Transport
from services import CONTEXT, NOW, ListedRecorder
from starlette.responses import JSONResponse

from gateway.api.door import Door
from gateway.api.peer import PLACE
from gateway.bootstrap.ground import places_of
from gateway.clients.ways import Peer
from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import NO_ROOM, NO_TIME, Breaker, BreakerPolicy, BreakerState
from gateway.exchange.places import Places
from gateway.exchange.service import GatewayExchange
from gateway.exchange.system import System
from gateway.mapping.engine import Mappings
from gateway.sdk import GatewayError, SystemSettings, TransientRemoteError, WireReply, WireRequest
from gateway.settings import ApiSettings, Settings


class Hanging(Transport):
    """Answers nothing whose address ends as `where` says, until it is let."""

    def __init__(self, where: str = "") -> None:
        super().__init__()
        self.where = where
        self.go = asyncio.Event()

    async def send(self, request: WireRequest, **more: object) -> WireReply:
        if request.url.endswith(self.where):
            await self.go.wait()
        return await super().send(request, **more)


def taken(places: Places, whose: str, *, most: float = math.inf) -> list[ExitStack]:
    """All that it gets, each to be given back."""
    held: list[ExitStack] = []
    while len(held) < 5000:
        place = ExitStack()
        try:
            place.enter_context(places.one(whose, most=most))
        except TransientRemoteError:
            break
        held.append(place)
    return held


def test_whoever_asks_for_all_gets_half_and_leaves_some_to_whoever_comes() -> None:
    """A quarter of all is for those of whom there are few."""
    places = Places(1024)
    held = [taken(places, whose) for whose in "abcd"]
    assert [len(one) for one in held] == [384, 192, 96, 48]
    for place in held[0]:
        place.close()
    assert len(taken(places, "a")) == (768 - 192 - 96 - 48) // 2


@pytest.mark.parametrize("hot", [1, 2, 3, 7])
def test_those_that_want_all_come_to_equal_parts_and_one_is_free(hot: int) -> None:
    """However they began: what ends is asked for again."""
    places = Places(1024)
    calls = {whose: taken(places, whose) for whose in "abcdefg"[:hot]}
    for _ in range(500):
        for held in calls.values():
            held.pop().close()
            for whose in calls:
                calls[whose] += taken(places, whose)
    part = 768 / (hot + 1)
    assert all(0.95 * part < len(held) < 1.05 * part for held in calls.values())
    assert 768 - sum(map(len, calls.values())) > 0.95 * part


def test_however_many_hang_one_after_the_other_a_few_can_be_had() -> None:
    """Before, the eleventh got none until the others had come to equal parts."""
    places = Places(1024)
    held = [taken(places, whose) for whose in "abcdefghijk"]
    assert [len(one) for one in held] == [384, 192, 96, 48, *[32] * 7]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_of_few_places_who_is_alone_has_all(most: int) -> None:
    held = taken(Places(most), "a")
    assert len(held) >= most


@pytest.mark.parametrize(("serves", "has"), [(True, 384), (False, 5000)])
def test_a_healthy_target_has_its_part_of_all_that_the_process_takes_on(has: int, *, serves: bool) -> None:
    """And not of what one address may have: those who ask it may have many. Workers and commands have no door."""
    held = taken(places_of(Settings(api=ApiSettings(share_of_one=0.2, max_held_bytes=10**9)), serves=serves), "a")
    assert len(held) == has


def test_none_has_more_than_its_own() -> None:
    for places in (Places(), Places(1024)):
        held = taken(places, "a", most=7)
        assert len(held) == 7
        with pytest.raises(TransientRemoteError) as raised, places.one("a", most=7):
            pass
        assert (raised.value.error_code, raised.value.retry_after_s) == (NO_ROOM, 1.0)


async def logging_in(mappings: Mappings, **more: Any) -> tuple[House, Hanging, GatewayExchange]:
    """Whose log-in hangs; whoever is refused is told at once."""
    house, transport = House(mappings, connector=LoggedInEcho), Hanging("/login")
    system = replace(
        house.exchange.systems["echo"],
        transport=transport,
        settings=SystemSettings(base_url="http://echo", max_connections=2, max_waiting=3),
        breaker=Breaker(BreakerPolicy(failures=1, max_in_turn=0), monotonic=lambda: 0.0),
    )
    return house, transport, GatewayExchange({"echo": system}, house.attempts, clock=lambda: NOW, routes={}, **more)


async def test_who_waits_for_a_log_in_is_one_of_those_who_may_wait(mappings: Mappings) -> None:
    """The others are told so at once, are sent nothing, and judge nobody."""
    house, transport, exchange = await logging_in(mappings)
    asked = [asyncio.create_task(exchange.ask("look", {"a": "1"}, context=CONTEXT)) for _ in range(1000)]
    await asyncio.sleep(0.05)
    refused = [one.exception() for one in asked if one.done()]
    assert Counter((exc.error_code, exc.retry_after_s) for exc in refused if isinstance(exc, GatewayError)) == {
        (NO_ROOM, 1.0): 995
    }
    transport.go.set()
    answered = [one.result() for one in await asyncio.wait(asked) and asked if one.exception() is None]
    assert [one.canonical for one in answered] == [{"said": "ok"}] * 5
    assert Counter(house.recorder.outcomes) == {NO_ROOM: 995, "answered": 6}  # one is the log-in's
    assert exchange.systems["echo"].breaker.state is BreakerState.CLOSED


async def test_who_has_no_more_time_for_a_log_in_leaves_its_place(mappings: Mappings) -> None:
    _, transport, exchange = await logging_in(mappings)
    hurried = replace(CONTEXT, until=0.05)
    for _ in range(2):
        told = await asyncio.gather(
            *(exchange.ask("look", {"a": "1"}, context=hurried) for _ in range(5)), return_exceptions=True
        )
        assert [one.error_code for one in told if isinstance(one, GatewayError)] == [NO_TIME] * 5
    transport.go.set()
    assert (await exchange.ask("look", {"a": "1"}, context=CONTEXT)).canonical == {"said": "ok"}


async def test_a_session_is_had_though_all_connections_are_waited_for(mappings: Mappings) -> None:
    """A log-in behind those who wait for it, or for a system that hangs, would be waited for by all of them."""
    house, transport, exchange = await logging_in(mappings)
    apart = Transport()
    exchange.systems = {"echo": replace(exchange.systems["echo"], to_log_in=apart)}
    transport.where = ""
    asked = [asyncio.create_task(exchange.ask("look", {"a": "1"}, context=CONTEXT)) for _ in range(5)]
    await asyncio.sleep(0.05)
    assert house.attempts.token_left_s("echo")
    assert [one.url for one in apart.sent] == ["http://echo/login"]
    transport.go.set()
    assert [one.canonical for one in await asyncio.gather(*asked)] == [{"said": "ok"}] * 5


class Town:
    """Three systems behind one door, as they are set by default. Two of them hang."""

    def __init__(self, mappings: Mappings) -> None:
        own = ApiSettings()
        systems = {name: self._system(name, mappings) for name in ("population", "portal", "healthy")}
        callers = Places(own.max_under_way)
        attempts = Attempts(ListedRecorder(), clock=lambda: NOW, monotonic=time.monotonic, callers=callers)
        self.exchange = GatewayExchange(systems, attempts, clock=lambda: NOW, routes={})
        self.door = Door(self._answer, most=own.max_under_way, each=own.most_of_one)
        self.under_way: set[asyncio.Task[int]] = set()

    def _system(self, name: str, mappings: Mappings) -> System:
        connector = type(name, (Echo,), {"manifest": replace(Echo.manifest, id=name)})
        settings = SystemSettings(base_url="http://echo")
        return System(
            connector=connector(settings),
            mappings=mappings,
            settings=settings,
            transport=Transport() if name == "healthy" else Hanging(),
            breaker=Breaker(BreakerPolicy(), monotonic=time.monotonic),
        )

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.exchange.ask("look", {"a": "1"}, context=CONTEXT, target=scope["path"][1:])
        except GatewayError as exc:
            await JSONResponse({"code": exc.error_code}, exc.http_status)(scope, receive, send)
        else:
            await JSONResponse({})(scope, receive, send)

    async def call(self, target: str) -> str:
        """What became of it. All callers come from one address, as those of a one-stop system do."""
        told: list[Any] = []

        async def send(message: Any) -> None:
            told.append(message)

        scope: dict[str, Any] = {"type": "http", "method": "POST", "path": f"/{target}", "headers": []}
        scope[PLACE] = Peer(address="192.0.2.1")
        await self.door(scope, None, send)  # type: ignore[arg-type]  # nothing is read
        return str(json.loads(told[1]["body"]).get("code", told[0]["status"]))

    def flood(self, target: str, *, callers: int) -> None:
        for _ in range(callers):
            self.under_way.add(asyncio.ensure_future(self.call(target)))


async def test_two_targets_that_hang_leave_the_third_all_its_callers(mappings: Mappings) -> None:
    """As many as come ask the two; before, 840 of the 768 places of one address were theirs."""
    town = Town(mappings)
    for target in ("population", "portal", "population", "portal"):
        town.flood(target, callers=1500)
        await asyncio.sleep(0)
    for _ in range(20):
        told = await asyncio.gather(*(town.call("healthy") for _ in range(90)))
        assert Counter(told) == {"200": 90}
    waiting = [one for one in town.under_way if not one.done()]
    assert 0 < len(waiting) < ApiSettings().most_of_one - 90
    assert {one.result() for one in town.under_way if one.done()} == {NO_ROOM}
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
