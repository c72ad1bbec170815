"""A name server that is silent keeps its own target's calls, and nobody else's; the last addresses stand in for it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from wire_house import OK, Visit, get, outcome, serving, settings

from gateway.exchange.breaker import Breaker, BreakerPolicy, BreakerState
from gateway.exchange.names import KEPT_S, Address, Names
from gateway.exchange.transport import HttpTransport
from gateway.sdk import TransientRemoteError
from mocks._kit import pki

Run = Callable[[Coroutine[Any, Any, Any]], Any]
SILENT = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
NO_SUCH = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
MANY = 64
"""More than any loop has threads."""


class NameServer:
    """Says where names are; is silent while `talks` is not set. `most`: threads that waited for it at a time."""

    def __init__(self) -> None:
        self.talks = threading.Event()
        self.talks.set()
        self.says: OSError | UnicodeError | None = None
        self.asked: list[str] = []
        self.most = self._now = 0

    def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        self._now += 1
        self.most = max(self._now, self.most)
        self.talks.wait(20)
        self._now -= 1
        if self.says is not None:
            raise self.says
        return socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)


@pytest.fixture
def server() -> Iterator[NameServer]:
    made = NameServer()
    yield made
    made.talks.set()


async def answering(visit: Visit) -> None:
    while await visit.hear():
        await visit.say(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))


def named(base: str, host: str) -> str:
    return base.replace("127.0.0.1", host)


async def alone(names: Names, host: str = "ministry.test", *, prompt_s: float = 0.02) -> Sequence[Address]:
    return await names.addresses(host, 80, prompt_s=prompt_s)


def test_names_that_hang_keep_nobody_elses_from_being_found(run: Run, server: NameServer) -> None:
    """On either loop, whose own look-ups have a few threads for all targets; nor does the breaker of another open."""
    server.talks.clear()
    breaker = Breaker(BreakerPolicy(failures=1), monotonic=lambda: 0.0)

    async def ask(base: str) -> tuple[set[str], list[str]]:
        hanging = [HttpTransport(settings(connect_timeout_s=5), names=Names(server)) for _ in range(MANY)]
        waiting = [asyncio.create_task(outcome(one, get(named(base, "hangs.test")))) for one in hanging]
        await asyncio.sleep(0.1)
        healthy, found = HttpTransport(settings(), names=Names()), []
        for _ in range(3):
            with breaker.guard():
                found.append((await healthy.send(get(named(base, "localhost")))).status)
        assert not any(one.done() for one in waiting)
        server.talks.set()
        told = set(await asyncio.gather(*waiting))
        for transport in (*hanging, healthy):
            await transport.close()
        return told, found

    with serving(answering) as there:
        assert run(ask(there.base)) == ({"200 ok"}, [200, 200, 200])
    assert breaker.state is BreakerState.CLOSED


def test_who_is_not_found_in_time_was_sent_nothing_and_has_one_thread(run: Run, server: NameServer) -> None:
    """It is the failure of its own target: the breaker there keeps the next ones from waiting as long."""
    server.talks.clear()
    breaker = Breaker(BreakerPolicy(failures=3), monotonic=lambda: 0.0)

    async def ask(transport: HttpTransport) -> str:
        with pytest.raises(TransientRemoteError) as raised, breaker.guard():
            await transport.send(get("http://hangs.test:80"))
        return raised.value.error_code

    async def several() -> set[str]:
        transport = HttpTransport(settings(connect_timeout_s=0.1), names=Names(server))
        told = {*await asyncio.gather(*(ask(transport) for _ in range(3))), await ask(transport)}
        await transport.close()
        return told

    assert run(several()) == {"partner.not_connected", "partner.circuit_open"}
    assert (server.asked, server.most) == (["hangs.test"], 1)


def test_an_address_takes_no_thread(run: Run, server: NameServer) -> None:
    async def ask() -> list[str]:
        found = [*await alone(Names(server), "192.0.2.7"), *await alone(Names(server), "2001:db8::7")]
        return [one[4][0] for one in found]

    assert (run(ask()), server.asked) == (["192.0.2.7", "2001:db8::7"], [])


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "fails"])
def test_the_last_addresses_stand_in_for_a_name_server(run: Run, server: NameServer, *, silent: bool) -> None:
    names, prompt_s = Names(server), 0.02 if silent else 60.0

    async def ask() -> None:
        first = await alone(names)
        if silent:
            server.talks.clear()
        server.says = SILENT
        with capture_logs() as logs:
            assert [await alone(names, prompt_s=prompt_s) for _ in range(3)] == [first] * 3
        assert [(line["event"], line["silent"]) for line in logs] == [("last_addresses_used", silent)]
        server.talks.set()

    run(ask())
    assert len(server.asked) == (2 if silent else 4)  # it is asked again each time, by one at a time


def test_who_knows_the_last_addresses_waits_for_others_only_while_the_look_up_is_young(server: NameServer) -> None:
    """Not each for as long again."""

    async def ask() -> float:
        names, loop = Names(server), asyncio.get_running_loop()
        await alone(names)
        server.talks.clear()
        began = loop.time()
        for _ in range(20):
            await names.addresses("ministry.test", 80, prompt_s=0.3)
        return loop.time() - began

    assert 0.3 <= asyncio.run(ask()) + 0.01 < 3.0


@pytest.mark.parametrize("says", [NO_SUCH, UnicodeError("label too long"), OSError("too many open files")])
def test_the_last_addresses_stand_in_whatever_the_reason(server: NameServer, says: OSError | UnicodeError) -> None:
    """The C library says that there is no such name also when it has no descriptor to ask with."""

    async def ask() -> None:
        names = Names(server)
        first = await alone(names)
        server.says = says
        assert await alone(names) == first

    asyncio.run(ask())


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "fails"])
def test_the_last_addresses_are_only_for_those_who_show_who_they_are(
    run: Run, server: NameServer, *, silent: bool
) -> None:
    """Over plain HTTP whoever has the address by now would be sent what is meant for the system."""

    async def ask() -> list[str]:
        way = HttpTransport(settings(connect_timeout_s=2.0), names=Names(server))
        told = [await outcome(way, get(named(there.base, "ministry.test")))]
        server.says = SILENT
        if silent:
            server.talks.clear()
        told.append(await outcome(way, get(named(there.base, "ministry.test"))))
        await way.close()
        return told

    with serving(answering) as there:
        assert run(ask()) == ["200 ok", "never left: partner.not_connected"]


def test_a_name_server_is_silent_after_a_quarter_of_the_callers_own_time(server: NameServer, tmp_path: Path) -> None:
    """And not of a time that he does not have: the last addresses would be tried when nobody waits any more."""
    authority = pki.root("CA")
    system = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    holder = pki.Wanted(usage=("digital_signature",), extended=("server",), hosts=("ministry.test",))
    system.load_cert_chain(authority.issue("ministry", holder).write_pem(tmp_path / "server.pem"))
    believed = ssl.create_default_context(cafile=str(authority.write_certificate(tmp_path / "ca.pem")))
    believed.verify_flags &= ~ssl.VERIFY_X509_STRICT

    async def ask() -> list[int]:
        way, asked = HttpTransport(settings(connect_timeout_s=60.0), tls=believed, names=Names(server)), []
        for silent in (False, True):
            if silent:
                server.talks.clear()
            until = asyncio.get_running_loop().time() + 4.0
            asked.append((await way.send(get(there.base.replace("localhost", "ministry.test")), until=until)).status)
        server.talks.set()
        await way.close()
        return asked

    with serving(answering, tls=system) as there:
        assert asyncio.run(ask()) == [200, 200]


def test_where_no_thread_can_be_started_nothing_was_sent_and_the_next_one_looks_again(
    run: Run, server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, the name was out of reach until the process was started anew, and the call left no leaf."""

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def ask() -> list[str]:
        way, told = HttpTransport(settings(), names=Names(server)), []
        for is_full in (True, False):
            with monkeypatch.context() as patched:
                if is_full:
                    patched.setattr(threading.Thread, "start", start)
                told.append(await outcome(way, get(named(there.base, "ministry.test"))))
        await way.close()
        return told

    with serving(answering) as there:
        assert run(ask()) == ["never left: partner.not_connected", "200 ok"]


def test_a_look_up_that_is_ended_lands(server: NameServer) -> None:
    def ended(host: str, port: int) -> Sequence[Address]:
        raise SystemExit

    async def ask() -> None:
        names = Names(ended)
        async with asyncio.timeout(60):
            with pytest.raises(OSError, match="ended"):
                await alone(names)
            names._find = server
            assert await alone(names)

    asyncio.run(ask())


def test_addresses_that_were_found_long_ago_are_used_no_more(server: NameServer) -> None:
    async def ask() -> None:
        names = Names(server)
        await alone(names)
        names._last["ministry.test", 80].at -= KEPT_S
        server.says = SILENT
        with pytest.raises(socket.gaierror):
            await alone(names)

    asyncio.run(ask())


def test_whoever_leaves_takes_nothing_from_the_others_and_what_is_found_later_serves_the_next(
    server: NameServer,
) -> None:
    async def ask() -> None:
        names = Names(server)
        server.talks.clear()
        leaving, staying = asyncio.create_task(alone(names)), asyncio.create_task(alone(names))
        await asyncio.sleep(0.01)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        server.talks.set()
        assert (await staying)[0][4] == ("127.0.0.1", 80)
        server.says = SILENT
        assert await alone(names)
        assert server.asked == ["ministry.test"] * 2

    asyncio.run(ask())


def test_a_look_up_outlives_its_loop_without_noise(server: NameServer) -> None:
    server.talks.clear()

    async def ask() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(alone(Names(server)), 0.01)

    asyncio.run(ask())
    server.talks.set()
    for thread in threading.enumerate():
        if thread.name == "name look-up":
            thread.join(5)
