"""Nobody is asked for whom nobody waits; and a system that is slow holds back only its own callers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from echo import House, LoggedInEcho
from services import CONTEXT, NOW
from wire_house import Visit, get, outcome, post, serving, settings

from gateway.exchange.attempt import Attempt
from gateway.exchange.breaker import NO_ROOM, NO_TIME, Breaker, BreakerPolicy, BreakerState
from gateway.exchange.deadline import within
from gateway.exchange.shadows import Shadows, Used
from gateway.exchange.transport import HttpTransport
from gateway.mapping.engine import Mappings
from gateway.sdk import Answered, Call, Outcome, TransientRemoteError, Unsettled, WireReply, WireRequest
from gateway.shadow.model import Comparison

Run = Callable[[Coroutine[Any, Any, Any]], Any]
BEGUN, REST = b"HTTP/1.1 200 OK\r\n", b"Content-Length: 1\r\n\r\n1"
OK = BEGUN + REST


async def slow(visit: Visit) -> None:
    """Answers after three seconds, or at once where the path says so."""
    while request := await visit.hear():
        if b"/slow" in request:
            await asyncio.sleep(3)
        await visit.say(OK)


def soon(seconds: float) -> float:
    return time.monotonic() + seconds


def test_a_call_ends_when_its_caller_waits_no_longer_and_its_connection_is_nobodys(run: Run) -> None:
    async def ask(base: str) -> tuple[str, str]:
        transport = HttpTransport(settings(max_connections=1))
        assert await outcome(transport, get(base)) == "200 1"  # it is connected, so the next one leaves at once
        with pytest.raises(Unsettled) as raised:
            await transport.send(post(base, "/slow"), until=soon(1.5))
        after = await outcome(transport, get(base))
        await transport.close()
        return raised.value.error_code, after

    with serving(slow) as there:
        assert run(ask(there.base)) == (NO_TIME, "200 1")
        assert there.connections == 2


def test_a_call_that_waits_for_a_connection_is_given_up_unsent_when_its_time_is_over(run: Run) -> None:
    async def ask(base: str) -> str:
        transport = HttpTransport(settings(max_connections=1))
        first = asyncio.create_task(outcome(transport, get(base, "/slow")))
        await asyncio.sleep(0)  # it has the one
        with pytest.raises(TransientRemoteError) as raised:
            await transport.send(post(base, "/never"), until=soon(0.2))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await transport.close()
        return raised.value.error_code

    with serving(slow) as there:
        assert run(ask(there.base)) == NO_TIME
        assert not any(b"/never" in request for request in there.heard)


def test_time_that_is_longer_than_the_systems_own_changes_nothing(run: Run) -> None:
    async def ask(base: str) -> str:
        transport = HttpTransport(settings(timeout_s=0.2))
        with pytest.raises(Unsettled) as raised:
            await transport.send(post(base, "/slow"), until=soon(60))
        await transport.close()
        return raised.value.error_code

    with serving(slow) as there:
        assert run(ask(there.base)) == Unsettled.code


def test_more_than_may_wait_are_refused_at_once_and_unsent(run: Run) -> None:
    async def ask(base: str) -> list[str]:
        transport = HttpTransport(settings(max_connections=2, max_waiting=3))
        calls = [asyncio.create_task(outcome(transport, get(base, f"/slow/{number}"))) for number in range(5)]
        await asyncio.sleep(0)  # two have theirs, three stand in line
        told = []
        for _ in range(3):
            with pytest.raises(TransientRemoteError) as raised:
                await transport.send(get(base, "/never"))
            told.append(raised.value.error_code)
            assert raised.value.retry_after_s
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        told.append(await outcome(transport, get(base)))  # whoever was given up waits no longer either
        await transport.close()
        return told

    with serving(slow) as there:
        assert run(ask(there.base)) == [NO_ROOM, NO_ROOM, NO_ROOM, "200 1"]
        assert not any(b"/never" in request for request in there.heard)


async def test_only_the_time_of_who_waits_is_told_as_over() -> None:
    """What is waited for may have a limit of its own."""

    async def gives_up() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await within(60, gives_up())
    with pytest.raises(TransientRemoteError) as raised:
        await within(0, asyncio.Event().wait())
    assert raised.value.error_code == NO_TIME


@pytest.mark.parametrize("what", ["no_time", "no_room"])
@pytest.mark.parametrize("kind", [TransientRemoteError, Unsettled])
def test_neither_opens_the_breaker(what: str, kind: type[TransientRemoteError | Unsettled]) -> None:
    """Or else one impatient client would shut a system for all others."""
    breaker = Breaker(BreakerPolicy(failures=2), monotonic=lambda: 0.0)
    for _ in range(5):
        with pytest.raises(kind), breaker.guard():
            raise kind("x", what=what)
    assert breaker.state is BreakerState.CLOSED
    for _ in range(2):
        with pytest.raises(kind), breaker.guard():
            raise kind("x")
    assert breaker.state is BreakerState.OPEN


async def test_nothing_is_attempted_for_whom_nobody_waits(mappings: Mappings) -> None:
    house = House(mappings)
    with pytest.raises(TransientRemoteError) as raised:
        await house.exchange.ask("look", {"a": "1"}, context=replace(CONTEXT, until=-1.0))
    assert (raised.value.error_code, house.transport.sent) == (NO_TIME, [])


async def test_an_answer_that_came_too_late_is_not_asked_for_again(mappings: Mappings) -> None:
    house = House(mappings, *[Unsettled("x", what="no_time")] * 3)
    with pytest.raises(TransientRemoteError) as raised:
        await house.exchange.ask("look", {"a": "1"}, context=replace(CONTEXT, until=30.0))
    assert raised.value.error_code == NO_TIME
    assert house.recorder.outcomes == [NO_TIME]


async def test_what_may_not_be_repeated_stays_unsettled(mappings: Mappings) -> None:
    house = House(mappings, Unsettled("x", what="no_time"))
    with pytest.raises(Unsettled):
        await house.exchange.ask("submit", {"a": "1"}, context=replace(CONTEXT, until=30.0))
    assert house.recorder.outcomes == [NO_TIME]


def test_what_is_too_late_is_not_sent_though_a_connection_rests(run: Run) -> None:
    async def ask(base: str) -> str:
        transport = HttpTransport(settings(max_connections=1))
        await outcome(transport, get(base))
        with pytest.raises(TransientRemoteError) as raised:
            await transport.send(post(base, "/never"), until=soon(-5))
        assert await outcome(transport, get(base)) == "200 1"
        await transport.close()
        return raised.value.error_code

    with serving(slow) as there:
        assert run(ask(there.base)) == NO_TIME
        assert not any(b"/never" in request for request in there.heard)


def test_a_room_that_stays_full_says_nothing_of_the_system(run: Run) -> None:
    """Each call that was sent is answered in time; those at the end of the line wait too long for their turn."""
    refused = threading.Event()

    async def in_time(visit: Visit) -> None:
        """The first at once; the second bit by bit, until nobody waits behind it."""
        await visit.hear()
        await visit.say(OK)
        await visit.hear()
        await visit.say(BEGUN)
        while not refused.is_set():
            await visit.say(b"A: b\r\n")
            await asyncio.sleep(0.05)
        await visit.say(REST)

    async def ask(base: str) -> list[str]:
        transport = HttpTransport(settings(max_connections=1, timeout_s=1.0))
        calls = [asyncio.create_task(outcome(transport, get(base))) for _ in range(4)]
        await asyncio.wait(calls[2:])
        refused.set()
        found = await asyncio.gather(*calls)
        await transport.close()
        return found

    with serving(in_time) as there:
        assert run(ask(there.base)) == ["200 1"] * 2 + [f"never left: {NO_ROOM}"] * 2


async def test_a_log_in_is_nobodys_and_an_impatient_caller_does_not_end_it(mappings: Mappings) -> None:
    house = House(mappings, connector=LoggedInEcho, failures=1)
    go, asked_until = asyncio.Event(), list[object]()
    send = house.transport.send

    async def sent(request: WireRequest, *, until: float | None = None) -> WireReply:
        if request.url.endswith("/login"):
            asked_until.append(until)
            await go.wait()
        return await send(request)

    house.transport.send = sent  # type: ignore[method-assign,assignment]
    hurried = asyncio.create_task(house.exchange.ask("look", {"a": "1"}, context=replace(CONTEXT, until=0.05)))
    patient = asyncio.create_task(house.exchange.ask("look", {"a": "1"}, context=CONTEXT))
    with pytest.raises(TransientRemoteError) as raised:
        await hurried
    assert raised.value.error_code == NO_TIME
    go.set()
    assert (await patient).canonical == {"said": "ok"}
    assert asked_until == [None]
    assert house.exchange.systems["echo"].breaker.state is BreakerState.CLOSED


async def test_what_is_only_tried_takes_its_own_time(mappings: Mappings) -> None:
    heard = list[object]()

    class Attempts:
        async def make(self, attempt: Attempt) -> tuple[Outcome, int]:
            heard.append(attempt.context.until)
            return Answered(body={"said": "ok"}), 0

    async def nowhere(_: Comparison) -> None: ...

    house = House(mappings)
    system = house.exchange.systems["echo"]
    shadows = Shadows(Attempts(), nowhere, clock=lambda: NOW)  # type: ignore[arg-type]  # all that it asks
    call = Call(operation="look", body={}, call_id="C", at=NOW)
    told = Answered(body={"said": "ok"})
    used = Used(system=system, call=call, context=replace(CONTEXT, until=0.0), reference="R", told=told)
    await shadows._try(used, system.direct, over="direct")
    assert heard == [None]
