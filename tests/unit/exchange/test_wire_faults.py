"""Whatever a system does with a connection: our client and httpx, played the same scripts, say the same of whether the
request left. Where they differ it is listed, with the reason."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from over_httpx import OverHttpx
from wire_house import (
    OK,
    SOON_OVER,
    Certified,
    Serve,
    Visit,
    certified,
    get,
    outcome,
    outcomes,
    post,
    saying,
    serving,
    settings,
    until,
)

from gateway.exchange.transport import HttpTransport
from gateway.sdk import WireRequest

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNSETTLED, ANSWERED = "unsettled", "200 ok"
NOT_CONNECTED, CERTIFICATE = "never left: partner.not_connected", "never left: partner.certificate"
LARGE = bytes(30_000_000)
Run = Callable[[Coroutine[Any, Any, Any]], Any]


async def drip(visit: Visit) -> None:
    """Never silent for long, and never done."""
    await visit.hear()
    await visit.say(HEAD + b"Content-Length: 100\r\n\r\n")
    for _ in range(40):
        await asyncio.sleep(0.1)
        await visit.say(b"x")


async def close_at_once(visit: Visit) -> None:
    await visit.hear()


async def unread(visit: Visit) -> None:
    await asyncio.sleep(3600)


async def silent(visit: Visit) -> None:
    await asyncio.sleep(1)


async def hang_up(visit: Visit) -> None:
    """Before it has heard anything."""


async def shout(visit: Visit) -> None:
    await visit.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def refuse_unread(visit: Visit) -> None:
    await visit.reader.readuntil(b"\r\n\r\n")
    await visit.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
    await asyncio.sleep(3600)


SCRIPTS: dict[str, tuple[Serve, str]] = {
    "answers": (saying(OK), ANSWERED),
    "in pieces": (saying(*(OK[i : i + 1] for i in range(len(OK)))), ANSWERED),
    "says nothing": (saying(then="wait"), UNSETTLED),
    "closes without a word": (close_at_once, UNSETTLED),
    "resets without a word": (saying(then="reset"), UNSETTLED),
    "cuts the status line": (saying(b"HTTP/1.1 2"), UNSETTLED),
    "cuts the head": (saying(HEAD + b"Content-Le"), UNSETTLED),
    "resets in the head": (saying(HEAD + b"Content-Le", then="reset"), UNSETTLED),
    "stops in the head": (saying(HEAD + b"Content-Le", then="wait"), UNSETTLED),
    "cuts the body": (saying(HEAD + b"Content-Length: 5\r\n\r\nok"), UNSETTLED),
    "resets in the body": (saying(HEAD + b"Content-Length: 5\r\n\r\nok", then="reset"), UNSETTLED),
    "stops in the body": (saying(HEAD + b"Content-Length: 5\r\n\r\nok", then="wait"), UNSETTLED),
    "drips": (drip, UNSETTLED),
    "chunks": (saying(CHUNKED + b"1\r\no\r\n", b"1\r\nk\r\n0\r\n\r\n"), ANSWERED),
    "chunks with extensions": (saying(CHUNKED + b"2;a=b\r\nok\r\n0\r\n\r\n"), ANSWERED),
    "chunks with trailers": (saying(CHUNKED + b"2\r\nok\r\n0\r\nA: b\r\n\r\n"), ANSWERED),
    "pads the size of a chunk": (saying(CHUNKED + b"2  \r\nok\r\n0\r\n\r\n"), ANSWERED),
    "cuts a chunk": (saying(CHUNKED + b"5\r\nok"), UNSETTLED),
    "cuts between chunks": (saying(CHUNKED + b"2\r\nok\r\n"), UNSETTLED),
    "forgets the last line": (saying(CHUNKED + b"2\r\nok\r\n0\r\n"), UNSETTLED),
    "a size of a chunk that is none": (saying(CHUNKED + b"zz\r\nok\r\n0\r\n\r\n"), UNSETTLED),
    "a chunk of another size": (saying(CHUNKED + b"2\r\nokay\r\n0\r\n\r\n"), UNSETTLED),
    "not HTTP": (saying(b"SSH-2.0-OpenSSH_9\r\n"), UNSETTLED),
    "HTML alone": (saying(b"<html>ok</html>"), UNSETTLED),
    "a status that is none": (saying(b"HTTP/1.1 abc OK\r\n\r\n"), UNSETTLED),
    "a status below 100": (saying(b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok"), UNSETTLED),
    "no reason": (saying(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"), ANSWERED),
    "lines without CR": (saying(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"), ANSWERED),
    "a head without end": (saying(HEAD + b"A: " + b"a" * 600_000, then="wait"), UNSETTLED),
    "many headers without end": (saying(HEAD + b"A: aaaaaaaa\r\n" * 50_000, then="wait"), UNSETTLED),
    "a header without a name": (saying(HEAD + b": a\r\nContent-Length: 2\r\n\r\nok"), UNSETTLED),
    "a header with NUL": (saying(HEAD + b"A: a\0b\r\nContent-Length: 2\r\n\r\nok"), UNSETTLED),
    "a negative length": (saying(HEAD + b"Content-Length: -2\r\n\r\nok"), UNSETTLED),
    "a length that is none": (saying(HEAD + b"Content-Length: two\r\n\r\nok"), UNSETTLED),
    "two lengths": (saying(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!"), UNSETTLED),
    "an unknown transfer coding": (saying(HEAD + b"Transfer-Encoding: gzip\r\n\r\nok"), UNSETTLED),
    "an unknown content coding": (saying(HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nok"), UNSETTLED),
    "cut packed": (saying(HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03"), UNSETTLED),
    "continue first": (saying(b"HTTP/1.1 100 Continue\r\n\r\n", OK), ANSWERED),
    "hints first": (saying(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK), ANSWERED),
    "continue, and no more": (saying(b"HTTP/1.1 100 Continue\r\n\r\n"), UNSETTLED),
    "another protocol": (saying(b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), UNSETTLED),
    "offers another protocol": (
        saying(HEAD + b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nok"),
        ANSWERED,
    ),
    "HTTP/1.0 until it closes": (saying(b"HTTP/1.0 200 OK\r\n\r\n", b"ok"), ANSWERED),
    "HTTP/1.0 of a length": (saying(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), ANSWERED),
    "until it closes": (saying(HEAD + b"Connection: close\r\n\r\no", b"k"), ANSWERED),
    "until it resets": (saying(HEAD + b"Connection: close\r\n\r\nok", then="reset"), UNSETTLED),
    "until it closes, and does not": (saying(HEAD + b"\r\nok", then="wait"), UNSETTLED),
    "more than it was asked": (saying(OK + OK), ANSWERED),
    "noise after the answer": (saying(OK + b"\0\0\0"), ANSWERED),
    "204": (saying(b"HTTP/1.1 204 No\r\n\r\n"), "204 "),
    "204 that tells a length": (saying(b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", then="wait"), "204 "),
    "304 that tells a length": (saying(b"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", then="wait"), "304 "),
    "an error": (saying(b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"), "503 no"),
    "a redirect": (saying(b"HTTP/1.1 302 F\r\nLocation: http://evil.invalid/\r\nContent-Length: 0\r\n\r\n"), "302 "),
    "too large, and says so": (saying(HEAD + b"Content-Length: 5001\r\n\r\n"), "partner.reply_too_large"),
    "too large until it closes": (saying(HEAD + b"\r\n" + b"x" * 5001), "partner.reply_too_large"),
    "too large in chunks": (saying(CHUNKED + b"1389\r\n" + b"x" * 5001, then="wait"), "partner.reply_too_large"),
}
"""What a system does with the request, and what is said of it."""

ENDLESS = {
    "says nothing",
    "stops in the head",
    "stops in the body",
    "drips",
    "until it closes, and does not",
}
"""Over when our patience is; of the others the system itself makes an end, however long that takes."""

DIFFERENT: dict[str, tuple[Serve, str, str]] = {
    # A length and chunks: two ideas of where the answer ends. What h11 takes for one is how answers are smuggled.
    "a length and chunks": (
        saying(HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ANSWERED,
        UNSETTLED,
    ),
    "chunks and a length": (
        saying(CHUNKED[:-2] + b"Content-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        ANSWERED,
        UNSETTLED,
    ),
    # The same length twice: llhttp takes one alone.
    "the same length twice": (
        saying(HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
        ANSWERED,
        UNSETTLED,
    ),
    # Folded headers are obsolete (RFC 9112, 5.2), and hide what follows them.
    "a folded header": (saying(HEAD + b"A: b\r\n c\r\nContent-Length: 2\r\n\r\nok"), ANSWERED, UNSETTLED),
}


@pytest.fixture(scope="module")
def believed(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return certified(tmp_path_factory.mktemp("tls"))


def patience(name: str) -> dict[str, float]:
    return SOON_OVER if name in ENDLESS else {}


async def both(request: WireRequest, *, tls: ssl.SSLContext | None = None, **changes: Any) -> tuple[str, str]:
    """What httpx says became of it, and what we say."""
    own = settings(**changes)
    ways = (OverHttpx(own, tls=tls), HttpTransport(own, tls=tls))
    (theirs,), (ours,) = await asyncio.gather(*(outcomes(way, [request]) for way in ways))
    return theirs, ours


@pytest.mark.parametrize("name", SCRIPTS)
def test_both_say_the_same_of_what_a_system_does(run: Run, name: str) -> None:
    serve, expected = SCRIPTS[name]
    with serving(serve) as system:
        assert run(both(post(system.base), **patience(name))) == (expected, expected)


@pytest.mark.parametrize("name", SCRIPTS)
def test_over_tls_too(run: Run, name: str, believed: Certified) -> None:
    serve, expected = SCRIPTS[name]
    with serving(serve, tls=believed.server) as system:
        assert run(both(post(system.base), tls=believed.client, **patience(name))) == (expected, expected)


@pytest.mark.parametrize("name", DIFFERENT)
def test_where_they_differ_the_difference_is_meant(run: Run, name: str) -> None:
    serve, theirs, ours = DIFFERENT[name]
    with serving(serve) as system:
        assert run(both(post(system.base))) == (theirs, ours)


def test_a_system_that_says_no_before_it_has_read_has_answered(run: Run) -> None:
    """httpx goes on writing, and learns nothing."""
    with serving(refuse_unread) as system:
        asked = [post(system.base, content=LARGE)]
        assert run(outcomes(OverHttpx(settings(**SOON_OVER)), asked)) == [UNSETTLED]
        assert run(outcomes(HttpTransport(settings()), asked)) == ["413 no"]


def test_a_head_has_no_body_whatever_it_describes(run: Run) -> None:
    with serving(saying(HEAD + b"Content-Length: 5\r\n\r\n", then="wait")) as system:
        assert run(both(replace(get(system.base), method="HEAD"))) == ("200 ", "200 ")


def test_a_system_that_takes_nothing_is_given_up(run: Run) -> None:
    """Long before the time for the whole of it is over."""
    with serving(unread) as system:

        async def asked() -> tuple[str, str]:
            async with asyncio.timeout(20):
                return await both(post(system.base, content=LARGE), timeout_s=0.5)

        assert run(asked()) == (UNSETTLED, UNSETTLED)


def test_nobody_listens(run: Run) -> None:
    assert run(both(post("http://127.0.0.1:9"))) == (NOT_CONNECTED, NOT_CONNECTED)


@pytest.mark.parametrize("base", ["", "nowhere", "ftp://127.0.0.1:9", "http://", "http://nowhere.invalid"])
def test_there_is_no_such_place(run: Run, base: str) -> None:
    assert run(both(post(base), **SOON_OVER)) == (NOT_CONNECTED, NOT_CONNECTED)


def test_nobody_takes_the_connection(run: Run) -> None:
    with full() as port:
        asked = both(post(f"http://127.0.0.1:{port}"), connect_timeout_s=0.5)
        assert run(asked) == (NOT_CONNECTED, NOT_CONNECTED)


@pytest.mark.parametrize("serve", [silent, hang_up, shout], ids=["silent", "closes", "speaks plainly"])
def test_no_handshake(run: Run, believed: Certified, serve: Serve) -> None:
    with serving(serve) as system:
        request = post(system.base.replace("http://127.0.0.1", "https://localhost"))
        assert run(both(request, tls=believed.client)) == (NOT_CONNECTED, NOT_CONNECTED)


def test_a_certificate_that_nobody_vouches_for(run: Run, believed: Certified) -> None:
    with serving(saying(OK), tls=believed.server) as system:
        assert run(both(post(system.base))) == (CERTIFICATE, CERTIFICATE)
        assert system.heard == []


def test_a_certificate_of_another_host(run: Run, tmp_path: Path) -> None:
    other = certified(tmp_path, host="other.example.vn")
    with serving(saying(OK), tls=other.server) as system:
        assert run(both(post(system.base), tls=other.client)) == (CERTIFICATE, CERTIFICATE)
        assert system.heard == []


@pytest.mark.parametrize(("way", "told"), [(OverHttpx, NOT_CONNECTED), (HttpTransport, "never left: partner.no_room")])
def test_no_connection_is_free(run: Run, way: type[OverHttpx | HttpTransport], told: str) -> None:
    async def asked(base: str) -> list[str]:
        transport = way(settings(max_connections=1, timeout_s=0.5, connect_timeout_s=0.5))
        first = asyncio.create_task(outcome(transport, post(base)))
        await until(lambda: bool(system.heard))
        second = await outcome(transport, post(base))
        found = [await first, second]
        await transport.close()
        return found

    with serving(drip) as system:
        assert run(asked(system.base)) == [UNSETTLED, told]
        assert len(system.heard) == 1


@contextmanager
def full() -> Iterator[int]:
    """A port whose queue of connections that nobody takes is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        try:
            yield port
        finally:
            for one in waiting:
                one.close()
