"""Kept connections: used again, never shared, never lost, whatever became of the call on them; on both event loops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from wire_house import (
    OK,
    PATIENCE_S,
    System,
    Visit,
    certified,
    get,
    hold_until,
    outcome,
    post,
    serving,
    settings,
    until,
)

from gateway.exchange.connections import Connections
from gateway.exchange.http1 import Limits
from gateway.exchange.http1_request import begin, origin_of
from gateway.exchange.transport import HttpTransport
from gateway.sdk import SystemSettings, WireReply, WireRequest

Run = Callable[[Coroutine[Any, Any, Any]], Any]


UNASKED = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"


def reply(text: str, *, head: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(text)}\r\n\r\n{text}".encode()


async def system(visit: Visit) -> None:
    """Answers with the number of the connection, and does what the path says. `/wait`: until the caller leaves."""
    while request := await visit.hear():
        path = request.split(b" ")[1].decode()
        if path == "/cut":
            return
        if path == "/slow":
            await asyncio.sleep(0.2)
        if path == "/wait":
            await visit.reader.read()
            return
        text = "x" * 9000 if path == "/large" else str(visit.number)
        await visit.say(reply(text, head="Connection: close\r\n" if path == "/last" else ""))
        if path == "/more":
            await asyncio.sleep(0.05)
            await visit.say(UNASKED)
        if path in {"/last", "/leaves"}:
            return


@asynccontextmanager
async def opened(own: SystemSettings, **more: Any) -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(own, **more)
    try:
        yield transport
    finally:
        await transport.close()


def asked(run: Run, *paths: str, is_left: bool = False, **changes: Any) -> list[str]:
    """What came of each, one after the other. `is_left`: the next when no connection is open any more."""

    async def ask(there: System) -> list[str]:
        found = []
        async with opened(settings(**changes)) as transport:
            for path in paths:
                found.append(await outcome(transport, get(there.base, path)))
                if is_left:
                    await until(lambda: not there.open)
        return found

    with serving(system) as there:
        return list(run(ask(there)))


def test_one_after_the_other_share_a_connection(run: Run) -> None:
    assert asked(run, *["/a"] * 5) == ["200 1"] * 5


def test_the_one_used_last_is_used_first(run: Run) -> None:
    """So that those which are not needed are let go."""

    async def ask(base: str) -> set[str]:
        async with opened(settings()) as transport:
            await asyncio.gather(*(transport.send(get(base)) for _ in range(8)))
            return {await outcome(transport, get(base)) for _ in range(20)}

    with serving(system) as there:
        assert len(run(ask(there.base))) == 1
        assert there.connections == 8


def test_two_at_once_never_share_one(run: Run) -> None:
    async def ask(base: str) -> list[str]:
        async with opened(settings()) as transport:
            return await asyncio.gather(*(outcome(transport, get(base, "/slow")) for _ in range(5)))

    with serving(system) as there:
        assert sorted(run(ask(there.base))) == [f"200 {number}" for number in range(1, 6)]


def test_no_more_are_opened_than_are_allowed(run: Run) -> None:
    async def ask(base: str) -> set[str]:
        async with opened(settings(max_connections=3)) as transport:
            return set(await asyncio.gather(*(outcome(transport, get(base)) for _ in range(60))))

    with serving(system) as there:
        assert run(ask(there.base)) <= {"200 1", "200 2", "200 3"}
        assert there.most_open <= 3


@pytest.mark.parametrize("path", ["/last", "/leaves", "/more"])
def test_a_connection_that_the_system_closed_or_spoke_on_unasked_is_not_used_again(run: Run, path: str) -> None:
    assert asked(run, path, path, path, is_left=True) == ["200 1", "200 2", "200 3"]


@pytest.mark.parametrize("path", ["/leaves", "/more"])
def test_nor_one_of_which_the_loop_has_not_told_us_yet(run: Run, path: str) -> None:
    """It was at something else all the time."""

    async def ask(there: System) -> list[str]:
        async with opened(settings()) as transport:
            first = await outcome(transport, get(there.base, path))
            hold_until(lambda: UNASKED in there.said or not there.open)
            return [first, await outcome(transport, get(there.base))]

    with serving(system) as there:
        assert run(ask(there)) == ["200 1", "200 2"]


def test_one_that_was_idle_for_too_long_is_closed(run: Run) -> None:
    async def ask(base: str) -> bytes:
        origin, target = origin_of(base + "/a")
        limits = Limits(step_s=PATIENCE_S, most=100, idle_s=0.5)
        connections = Connections(limits, most=2, most_waiting=9, connect_s=PATIENCE_S)
        answered: list[WireReply] = []
        for _ in range(3):
            end = asyncio.get_running_loop().time() + PATIENCE_S
            kept = await connections.take(origin, until=end)
            answered.append(await kept.ask("GET", begin(get(base), origin, target), b"", until=end))
            connections.give_back(kept, to=origin)
            if len(answered) == 2:
                await kept.closed
        await connections.close()
        return b"".join(one.content for one in answered)

    with serving(system) as there:
        assert run(ask(there.base)) == b"112"


@pytest.mark.parametrize(
    ("path", "expected"), [("/cut", "unsettled"), ("/wait", "unsettled"), ("/large", "partner.reply_too_large")]
)
def test_a_call_that_failed_keeps_no_connection_from_the_others(run: Run, path: str, expected: str) -> None:
    patience = {"timeout_s": 1.0} if path == "/wait" else {}
    found = asked(run, path, path, path, "/a", max_connections=1, **patience)
    assert found == [expected, expected, expected, "200 4"]


def test_a_call_that_is_given_up_keeps_no_connection_from_the_others_and_its_answer_is_nobodys(run: Run) -> None:
    go = threading.Event()

    async def late(visit: Visit) -> None:
        while await visit.hear():
            await until(go.is_set)
            await visit.say(reply(str(visit.number)))

    async def ask(there: System) -> list[str]:
        async with opened(settings(max_connections=1)) as transport:
            for number in range(1, 4):
                leaving = asyncio.create_task(transport.send(get(there.base)))
                await until(lambda heard=number: len(there.heard) == heard)  # type: ignore[misc]  # bound at once
                leaving.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await leaving
            go.set()
            return [await outcome(transport, get(there.base)) for _ in range(2)]

    with serving(late) as there:
        assert run(ask(there)) == ["200 4", "200 4"]


def test_whoever_is_given_up_while_it_waits_for_a_connection_sends_nothing(run: Run) -> None:
    go = threading.Event()

    async def late(visit: Visit) -> None:
        while await visit.hear():
            await until(go.is_set)
            await visit.say(reply(str(visit.number)))

    async def ask(there: System) -> list[str]:
        async with opened(settings(max_connections=1)) as transport:
            first = asyncio.create_task(outcome(transport, get(there.base)))
            await until(lambda: bool(there.heard))
            waiting = [asyncio.create_task(transport.send(post(there.base, "/never"))) for _ in range(3)]
            await asyncio.sleep(0)  # they stand in line
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            go.set()
            return [await first, await outcome(transport, get(there.base))]

    with serving(late) as there:
        assert run(ask(there)) == ["200 1", "200 1"]
        assert not any(b"/never" in request for request in there.heard)


def test_several_systems_share_the_room(run: Run) -> None:
    """Callbacks of many clients: one that rests makes place for one that is needed."""

    async def ask(first: str, second: str) -> list[str]:
        async with opened(settings(max_connections=1)) as transport:
            return [await outcome(transport, get(base)) for base in (first, first, second, second, first)]

    with serving(system) as one, serving(system) as other:
        assert run(ask(one.base, other.base)) == ["200 1", "200 1", "200 1", "200 1", "200 2"]


def test_several_systems_keep_their_own(run: Run) -> None:
    async def ask(first: str, second: str) -> list[str]:
        async with opened(settings(max_connections=2)) as transport:
            return [await outcome(transport, get(base)) for base in (first, second, first, second)]

    with serving(system) as one, serving(system) as other:
        assert run(ask(one.base, other.base)) == ["200 1"] * 4


def test_over_tls_they_are_kept_too(run: Run, tmp_path: Path) -> None:
    believed = certified(tmp_path)

    async def ask(base: str) -> list[str]:
        async with opened(settings(), tls=believed.client) as transport:
            return [await outcome(transport, post(base, content=b"x" * 100_000)) for _ in range(5)]

    with serving(system, tls=believed.server) as there:
        assert run(ask(there.base)) == ["200 1"] * 5


def test_once_it_is_closed_no_socket_is_open(run: Run) -> None:
    """Of calls that failed in this very moment either: whoever waits for the system to end waits no longer."""

    async def ask(there: System) -> list[str]:
        transport = HttpTransport(settings())
        found = [await outcome(transport, get(there.base, path)) for path in ("/large", "/a", "/large")]
        await transport.close()
        hold_until(lambda: not there.open)
        return found

    with serving(system) as there:
        large = "partner.reply_too_large"
        assert run(ask(there)) == [large, "200 2", large]


def test_whoever_is_under_way_when_it_is_closed_is_answered(run: Run) -> None:
    async def ask(there: System) -> str:
        transport = HttpTransport(settings())
        await transport.send(get(there.base))
        under_way = asyncio.create_task(outcome(transport, get(there.base, "/slow")))
        await until(lambda: len(there.heard) == 2)
        await transport.close()
        found = await under_way
        await until(lambda: not there.open)
        return found

    with serving(system) as there:
        assert run(ask(there)) == "200 1"


def test_the_environment_does_not_choose_the_way(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert asked(run, "/a") == ["200 1"]


def test_cookies_are_neither_kept_nor_sent(run: Run) -> None:
    async def baking(visit: Visit) -> None:
        while await visit.hear():
            await visit.say(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n\r\n"))

    async def ask(base: str) -> list[str]:
        async with opened(settings()) as transport:
            return [await outcome(transport, get(base)) for _ in range(2)]

    with serving(baking) as there:
        assert run(ask(there.base)) == ["200 ok"] * 2
        assert not any(b"cookie" in request.lower() for request in there.heard)


def test_much_goes_out_whole(run: Run) -> None:
    content = bytes(range(256)) * 20_000

    async def ask(base: str) -> str:
        async with opened(settings()) as transport:
            return await outcome(transport, WireRequest(method="PUT", url=base, content=content))

    with serving(system) as there:
        assert run(ask(there.base)) == "200 1"
        assert there.heard[0].endswith(content)
