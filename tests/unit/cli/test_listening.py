"""The head and the body of an answer leave together; what has no second part is not kept back. What came as a whole is
said to be there. Of a body that nobody asks for, little is read."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import uvloop
from files_house import attached
from structlog.testing import capture_logs

from gateway.api import bodies
from gateway.api.bodies import ARRIVED, FileBody, read_body
from gateway.api.door import Door, as_problem
from gateway.api.pouring import pour
from gateway.api.room import SMALL, Room
from gateway.cli import listening as door
from gateway.cli.callers import Callers
from gateway.cli.listening import (
    READ_AHEAD,
    TAKEN_AT_ONCE,
    HeadWithBody,
    Server,
    WithCertificates,
    config_of,
    most_open,
)
from gateway.cli.serve import KERNEL_HOLDS, listen
from gateway.sdk.errors import BusyError, TooLargeError
from gateway.settings import ApiSettings, Settings
from mocks._kit import pki


class Wire:
    """A transport that keeps what was written, packet by packet."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.closed_after: int | None = None

    def write(self, data: bytes) -> None:
        assert self.closed_after is None
        self.packets.append(data)

    def close(self) -> None:
        self.closed_after = len(self.packets)

    def is_closing(self) -> bool:
        return self.closed_after is not None

    def get_write_buffer_size(self) -> int:
        return 0


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def transport(wire: Wire) -> HeadWithBody:
    inner: Any = wire
    return HeadWithBody(inner, asyncio.get_running_loop())


async def test_a_head_leaves_with_its_body(wire: Wire, transport: HeadWithBody) -> None:
    transport.write(b"head")
    assert wire.packets == []
    transport.write(b"body")
    assert wire.packets == [b"headbody"]
    await asyncio.sleep(0)
    assert wire.packets == [b"headbody"]


async def test_a_head_whose_body_comes_later_is_not_kept_back(wire: Wire, transport: HeadWithBody) -> None:
    transport.write(b"head")
    await asyncio.sleep(0)
    assert wire.packets == [b"head"]


async def test_what_comes_bit_by_bit_keeps_its_order(wire: Wire, transport: HeadWithBody) -> None:
    for number in range(7):
        transport.write(b"%d" % number)
    await asyncio.sleep(0)
    assert b"".join(wire.packets) == b"0123456"


async def test_an_empty_body_lets_its_head_go(wire: Wire, transport: HeadWithBody) -> None:
    transport.write(b"head")
    transport.write(b"")
    await asyncio.sleep(0)
    assert wire.packets == [b"head"]


async def test_whoever_closes_sends_first_what_was_kept(wire: Wire, transport: HeadWithBody) -> None:
    transport.write(b"head")
    transport.close()
    assert (wire.packets, wire.closed_after) == ([b"head"], 1)
    assert transport.is_closing()
    await asyncio.sleep(0)
    assert wire.packets == [b"head"]


class Asked:
    """An application that keeps what it was told of each request, and reads all of it."""

    def __init__(self) -> None:
        self.arrived: list[bool] = []
        self.bodies: list[bytes] = []
        self.began = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.arrived.append(ARRIVED in scope)
        self.began.set()
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def served() -> AsyncIterator[tuple[Asked, int]]:
    app, listening = Asked(), listen("127.0.0.1", 0)
    server = Server(config_of(Settings(), app))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield app, listening.getsockname()[1]
    server.should_exit = True
    await serving


HEAD = b"POST / HTTP/1.1\r\nHost: gateway\r\nContent-Length: %d\r\n\r\n"


async def test_what_came_as_a_whole_is_said_to_be_there(served: tuple[Asked, int]) -> None:
    app, port = served
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):  # each request of a connection by itself
        writer.write(HEAD % 4 + b"body")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    writer.write((HEAD % 4 + b"body") * 2)  # one behind the other
    await reader.readuntil(b"ok")
    await reader.readuntil(b"ok")
    writer.write(HEAD % 0)
    await reader.readuntil(b"ok")
    writer.close()
    assert app.arrived == [True] * 5
    assert app.bodies == [b"body"] * 4 + [b""]


async def test_what_is_still_on_its_way_is_not(served: tuple[Asked, int]) -> None:
    app, port = served
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD % 4 + b"bo")
    await app.began.wait()
    writer.write(b"dy")
    await reader.readuntil(b"ok")
    writer.close()
    assert (app.arrived, app.bodies) == ([False], [b"body"])


def test_callers_that_come_together_are_taken_in_together() -> None:
    """Not one in each turn of the loop, which is long under load: the last one would wait for all turns before."""
    turns, taken = [0], list[int]()

    class Noting(WithCertificates):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
            super().connection_made(transport)
            taken.append(turns[0])

    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError

    async def serve(listening: socket.socket) -> None:
        def turn() -> None:
            turns[0] += 1
            if len(taken) == TAKEN_AT_ONCE or turns[0] > 10_000:
                server.should_exit = True
            else:
                asyncio.get_running_loop().call_soon(turn)

        server = Server(uvicorn.Config(never, http=Noting, lifespan="off", log_config=None))
        asyncio.get_running_loop().call_soon(turn)
        await server.serve([listening])

    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=TAKEN_AT_ONCE))
        for _ in range(TAKEN_AT_ONCE):
            stack.enter_context(socket.create_connection(listening.getsockname()))
        uvloop.run(serve(listening))
    assert len(taken) == TAKEN_AT_ONCE
    assert taken[-1] - taken[0] < TAKEN_AT_ONCE // 2


async def test_of_a_body_that_nobody_asks_for_little_is_read() -> None:
    """However fast it is sent: many that send large files at once would fill the memory."""
    pieces: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            await asyncio.sleep(0.1 if len(pieces) < 3 else 0)
            message = await receive()
            pieces.append(len(message["body"]))
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    listening = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, http=WithCertificates, lifespan="off", log_config=None)
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    writer.write(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + bytes(1_000_000))
    assert (await reader.readline()).startswith(b"HTTP/1.1 204")
    writer.close()
    server.should_exit = True
    await serving
    listening.close()
    assert sum(pieces) == 1_000_000
    assert max(pieces) <= READ_AHEAD + KERNEL_HOLDS


async def _too_large(scope: Any, receive: Any, send: Any) -> None:
    try:
        FileBody({"content-length": "99"}, receive, most=9)
    except TooLargeError as exc:
        await as_problem(exc, "0" * 32)(scope, receive, send)


async def _waits_elsewhere(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(0.2)
    await send({"type": "http.response.start", "status": 409, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


LONG = 16 * KERNEL_HOLDS


async def _half_way(scope: Any, receive: Any, send: Any) -> None:
    """Somebody else's body takes the room while this one comes."""
    pieces = list[int]()

    async def crowded() -> Any:
        message = await receive()
        if not pieces:
            room.take((False, "another"), LONG - SMALL)
        pieces.append(len(message["body"]))
        return message

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        try:
            await read_body({}, receive, most=LONG)
        except BusyError as exc:
            await as_problem(exc, "0" * 32)(scope, receive, send)

    room = Room(inner, most=LONG, each=LONG, streams=lambda _: False)
    await room(scope, crowded, send)
    assert room.held == LONG - SMALL


UNREAD = [(Door(_waits_elsewhere, most=0), 503), (_too_large, 413), (_waits_elsewhere, 409)]
"""What answers without a look at the body: at the door, for its announced size, and late."""


async def _until(happens: Callable[[], bool]) -> None:
    for _ in range(6000):
        if happens():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not happen")


@asynccontextmanager
async def _serving(app: Any) -> AsyncIterator[socket.socket]:
    """A caller, whose connection must be given up when he leaves."""
    listening = listen("127.0.0.1", 0)
    server = Server(config_of(Settings(), app))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    caller = socket.create_connection(listening.getsockname())
    caller.setblocking(False)
    with listening, caller:
        try:
            await _until(lambda: len(server.server_state.connections) == 1)
            yield caller
            caller.close()
            await _until(lambda: not server.server_state.connections)
        finally:
            server.should_exit = server.force_exit = True
            await serving


@pytest.mark.parametrize(("app", "status"), UNREAD)
def test_who_is_answered_unread_and_leaves_is_noticed(app: Any, status: int) -> None:
    """Under overload the process would run out of descriptors."""

    async def leave() -> None:
        loop = asyncio.get_running_loop()
        async with _serving(app) as caller:
            await loop.sock_sendall(caller, HEAD % LONG + bytes(READ_AHEAD + 1))
            assert (await loop.sock_recv(caller, 12)).endswith(b"%d" % status)
            await loop.sock_sendall(caller, bytes(READ_AHEAD))
            await asyncio.sleep(0.05)  # it is taken in by then

    uvloop.run(leave())


@pytest.mark.parametrize(("app", "status"), UNREAD)
def test_who_leaves_before_the_answer_is_noticed(app: Any, status: int) -> None:
    async def leave() -> None:
        async with _serving(app) as caller:
            await asyncio.get_running_loop().sock_sendall(caller, HEAD % LONG + bytes(READ_AHEAD * 2))

    uvloop.run(leave())


@pytest.mark.parametrize(("app", "status"), [*UNREAD, (_half_way, 503)])
def test_who_sends_all_before_he_reads_is_answered(app: Any, status: int) -> None:
    """And asks again on the same connection."""

    async def send_all() -> None:
        loop = asyncio.get_running_loop()
        async with _serving(app) as caller, asyncio.timeout(60):
            for _ in range(2):
                await loop.sock_sendall(caller, HEAD % LONG + bytes(LONG))
                assert (await loop.sock_recv(caller, 65_536)).startswith(b"HTTP/1.1 %d" % status)

    uvloop.run(send_all())


async def test_who_stops_reading_a_file_keeps_neither_its_place_nor_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wherever in it that is: of some, all was written and only the end is left to say; of some, that was said, too."""
    monkeypatch.setattr(bodies, "BODY_S", 0.5)
    monkeypatch.setattr(bodies, "SLOWEST", 10_000_000)
    monkeypatch.setattr(door, "LINGER_S", 0.5)
    sizes = [number * 32_768 for number in range(1, 17)]
    over, lost = list[int](), list[object]()

    class Noting(WithCertificates):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
            super().connection_made(transport)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.append(exc)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        size = int(scope["path"].strip("/"))
        headers = [(b"content-length", b"%d" % size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await pour(attached(bytes(size)), receive, send)
        over.append(size)

    config = uvicorn.Config(app, http=Noting, lifespan="off", log_config=None, timeout_keep_alive=1)
    server = Server(config)
    listening = listen("127.0.0.1", 0)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    with ExitStack() as stack:
        await asyncio.sleep(0.1)
        for size in sizes:
            caller = stack.enter_context(socket.socket())
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            caller.connect(listening.getsockname())
            caller.sendall(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % size)
        await _until(lambda: len(lost) == len(sizes))
    server.should_exit = True
    await serving
    listening.close()
    assert sorted(over) == sizes


async def _dawdle(caller: socket.socket, *beginning: bytes, drop: bytes) -> None:
    """Sends what it is told, and then a little again and again, until nobody takes it any more."""
    loop = asyncio.get_running_loop()
    for each in beginning:
        await loop.sock_sendall(caller, each)
    if beginning:
        await asyncio.sleep(0.3)
    with suppress(ConnectionError):
        while drop:
            await loop.sock_sendall(caller, drop)
            await asyncio.sleep(0.05)
    with suppress(ConnectionError):
        while await loop.sock_recv(caller, 65_536):
            pass


@pytest.mark.parametrize(
    ("beginning", "drop"),
    [
        ((HEAD % LONG + b"x",), b"x"),  # the rest of a body whose answer was given
        ((HEAD % LONG + b"x",), b""),
        ((HEAD[:20],), b"x"),  # a head that never ends
        ((), b""),  # nothing at all
    ],
    ids=["body", "half a body", "head", "nothing"],
)
def test_whoever_asks_nothing_is_not_waited_for_without_end(
    beginning: tuple[bytes, ...], drop: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it goes on sending: its connection would stay open for as long as it likes."""
    monkeypatch.setattr(door, "KEEP_ALIVE_S", 1)

    async def dawdle() -> None:
        async with _serving(_waits_elsewhere) as caller, asyncio.timeout(60):
            await _dawdle(caller, *beginning, drop=drop)

    uvloop.run(dawdle())


def test_a_request_under_way_is_no_idle_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither while its body comes, nor while it is answered."""
    monkeypatch.setattr(door, "KEEP_ALIVE_S", 1)

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass
        await asyncio.sleep(1.2)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        async with _serving(slow) as caller:
            for _ in range(2):
                await loop.sock_sendall(caller, HEAD % 2 + b"x")
                await asyncio.sleep(1.2)
                await loop.sock_sendall(caller, b"x")
                assert (await loop.sock_recv(caller, 65_536)).startswith(b"HTTP/1.1 200")

    uvloop.run(ask())


async def test_a_connection_that_was_reset_is_forgotten() -> None:
    """And not kept, with all of its last request, until its time as an idle one would be over."""
    protocols = list[WithCertificates]()

    class Noting(WithCertificates):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            assert exc is not None
            protocols.append(self)

    listening = listen("127.0.0.1", 0)
    server = Server(uvicorn.Config(_waits_elsewhere, http=Noting, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    caller = socket.create_connection(listening.getsockname())
    caller.setblocking(False)
    await asyncio.get_running_loop().sock_sendall(caller, HEAD % 0)
    assert await asyncio.get_running_loop().sock_recv(caller, 65_536)
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.close()
    await _until(lambda: bool(protocols))
    server.should_exit = True
    await serving
    listening.close()
    assert protocols[0].timeout_keep_alive_task is None


async def _served(caller: socket.socket) -> bool:
    """Whether it is answered, and not sent away."""
    try:
        await asyncio.get_running_loop().sock_sendall(caller, HEAD % 0)
        return bool(await asyncio.get_running_loop().sock_recv(caller, 65_536))
    except ConnectionError:
        return False


class Connecting:
    """Whoever connects to a server: from any address of the loopback."""

    def __init__(self, to: socket.socket, stack: ExitStack) -> None:
        self._to = to
        self._stack = stack

    def __call__(self, count: int, *, address: str = "127.0.0.1") -> list[socket.socket]:
        opened = (socket.create_connection(self._to.getsockname(), source_address=(address, 0)) for _ in range(count))
        found = [self._stack.enter_context(one) for one in opened]
        for one in found:
            one.setblocking(False)
        return found


@asynccontextmanager
async def _callers(app: Any, callers: Callers, **more: Any) -> AsyncIterator[Connecting]:
    """More than once, so that whoever was sent away is counted no more."""
    listening = listen("127.0.0.1", 0)
    http = type("Bounded", (WithCertificates,), {"callers": callers})
    server = Server(uvicorn.Config(app, http=http, lifespan="off", log_config=None, **more))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        with ExitStack() as stack:
            yield Connecting(listening, stack)
        await _until(lambda: not server.server_state.connections)
    finally:
        server.should_exit = server.force_exit = True
        await serving
        listening.close()


@pytest.mark.parametrize("proxies", [(), ("127.0.0.1/32",)], ids=["callers", "a proxy of ours"])
def test_no_address_holds_more_connections_than_its_share(proxies: tuple[str, ...]) -> None:
    """Nor do all together hold more than there may be. Nobody who is in is sent away for whoever comes: what rests may
    be a pool's, and its next request would be lost."""
    go, callers = asyncio.Event(), Callers(4, each=3, proxies=proxies, monotonic=lambda: 0.0)
    most = 4 if proxies else 3

    async def ask() -> None:
        async with _callers(_when(go), callers) as connected:
            asks, *rest = connected(most)
            answer = asyncio.create_task(_served(asks))
            await asyncio.sleep(0.1)
            for one in connected(50):
                assert not await _served(one)
            others = connected(2, address="127.0.0.2")
            told = [asyncio.create_task(_served(one)) for one in others]
            await asyncio.sleep(0.1)
            go.set()
            assert sum(await asyncio.gather(*told)) == 4 - most
            assert await answer
            assert [await _served(one) for one in rest] == [True] * (most - 1)
            for one in (asks, *rest, *others):
                one.close()
            await asyncio.sleep(0.1)
            assert [await _served(one) for one in connected(most)] == [True] * most  # what has left has left its place

    with capture_logs() as logs:
        uvloop.run(ask())
    assert [(line["event"], line["refused"], line["most_open"]) for line in logs] == [("connections_full", 1, 4)]


def test_a_flood_of_connections_is_a_line_a_second() -> None:
    now = [0.0]
    callers = Callers(0, monotonic=lambda: now[0])
    with capture_logs() as logs:
        for _ in range(300):
            now[0] += 0.01
            assert not callers.come("192.0.2.1")
    assert 3 <= len(logs) <= 4
    assert sum(line["refused"] for line in logs) > 190


@pytest.mark.parametrize("shakes", [False, True], ids=["never begins", "never ends"])
def test_over_tls_nobody_who_says_nothing_keeps_a_descriptor(
    shakes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of these connections nobody counts how many there are; half a minute or a whole one would be theirs."""
    for name in ("HANDSHAKE_S", "LINGER_S"):
        monkeypatch.setattr(door, name, 0.5)
    root = pki.root("CA")
    holder = root.issue("gateway", pki.Wanted(usage=("digital_signature",), extended=("server",), hosts=("localhost",)))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(holder.write_pem(tmp_path / "server.pem"))
    client = ssl.create_default_context(cafile=str(root.write_certificate(tmp_path / "ca.pem")))
    client.verify_flags &= ~ssl.VERIFY_X509_STRICT
    more: dict[str, Any] = {"ssl_context_factory": lambda *_: server, "timeout_keep_alive": 0.5}

    async def say_nothing() -> None:
        loop = asyncio.get_running_loop()
        async with _callers(_waits_elsewhere, Callers(4), **more) as connected, asyncio.timeout(60):
            [caller] = connected(1)
            if shakes:
                await _shake(caller, client)
            while await loop.sock_recv(caller, 65_536):  # it never says goodbye
                pass

    uvloop.run(say_nothing())


async def _shake(caller: socket.socket, context: ssl.SSLContext) -> None:
    loop, heard, said = asyncio.get_running_loop(), ssl.MemoryBIO(), ssl.MemoryBIO()
    shaking = context.wrap_bio(heard, said, server_hostname="localhost")
    while True:
        try:
            shaking.do_handshake()
        except ssl.SSLWantReadError:
            await loop.sock_sendall(caller, said.read())
            heard.write(await loop.sock_recv(caller, 65_536))
        else:
            return await loop.sock_sendall(caller, said.read())


def test_callers_have_no_more_than_half_of_the_descriptors() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert most_open(10) == 40
        assert most_open(10**6) == resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_an_address_has_the_share_of_the_connections_that_it_has_of_all() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        callers: Callers = config_of(_with_api(max_under_way=4, share_of_one=0.75), _waits_elsewhere).http.callers  # type: ignore[union-attr]  # ours
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert sum(callers.come("192.0.2.1") for _ in range(20)) == 12
    assert sum(callers.come("192.0.2.2") for _ in range(20)) == 4


def _with_api(**own: Any) -> Settings:
    return Settings(api=ApiSettings(**own))


def _when(go: asyncio.Event) -> Any:
    async def answered(scope: Any, receive: Any, send: Any) -> None:
        await go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    return answered
