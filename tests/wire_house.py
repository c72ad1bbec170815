"""Systems on real sockets that say exactly what a test wrote down, and the ways to them: ours, and httpx's."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from gateway.exchange.transport import Transport
from gateway.sdk import GatewayError, ProtocolViolation, SystemSettings, TransientRemoteError, Unsettled, WireRequest
from mocks._kit import pki

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
PATIENCE_S = 60.0
SOON_OVER = {"timeout_s": 0.5, "connect_timeout_s": 2.0}
"""Settings of whoever waits for what never comes."""
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Serve = Callable[["Visit"], Awaitable[None]]


@dataclass
class Visit:
    """One connection, as the system sees it. `number`: from 1."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[bytes]
    said: list[bytes]

    async def hear(self) -> bytes:
        """The next request, whole; empty when there is none."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            content = await self.reader.readexactly(int(length or 0))
        except asyncio.IncompleteReadError:
            return b""
        self.heard.append(head + content)
        return head + content

    async def say(self, *pieces: bytes) -> None:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(0.02)
            self.writer.write(piece)
            await self.writer.drain()
            self.said.append(piece)

    def reset(self) -> None:
        """Break the connection as a machine that falls over does."""
        under = self.writer.get_extra_info("socket")
        under.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass
class System:
    """It runs in a thread of its own, so that a test may stop its own loop. `open`: connections that are; `heard`,
    `said`: of all of them, in order."""

    serve: Serve
    base: str = ""
    heard: list[bytes] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0

    async def visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            await self.serve(Visit(self.connections, reader, writer, self.heard, self.said))
        except ConnectionError:
            pass
        finally:
            writer.close()
            try:
                with suppress(OSError):
                    await writer.wait_closed()
            finally:
                self.open -= 1


@contextmanager
def serving(serve: Serve, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[System]:
    system, ready = System(serve), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        server = await asyncio.start_server(system.visited, host, 0, ssl=tls)
        name = "localhost" if tls else f"[{host}]" if ":" in host else host
        system.base = f"{'https' if tls else 'http'}://{name}:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await stop.wait()
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def work() -> None:
        loop.set_exception_handler(lambda *_: None)  # what its visitors break is theirs
        loop.run_until_complete(run())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    try:
        yield system
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def until(holds: Callable[[], bool]) -> None:
    """Until somebody in another thread has done it; nothing signals that."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - the condition is another thread's
            await asyncio.sleep(0.005)


def hold_until(holds: Callable[[], bool]) -> None:
    """The same, while our own loop stands still."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def answering(answer: Callable[[bytes, int], bytes]) -> Serve:
    """Answers each request with `answer(request, number of the connection)`."""

    async def serve(visit: Visit) -> None:
        while request := await visit.hear():
            await visit.say(answer(request, visit.number))

    return serve


def saying(*pieces: bytes, then: str = "close") -> Serve:
    """Hears one request, says this, and `then`: close, reset, or wait for the other side to leave."""

    async def serve(visit: Visit) -> None:
        await visit.hear()
        await visit.say(*pieces)
        if then == "reset":
            await asyncio.sleep(0.05)
            visit.reset()
        elif then == "wait":
            await visit.reader.read()

    return serve


@dataclass(frozen=True)
class Certified:
    """What a TLS server shows, and who believes it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certified(folder: Path, *, host: str = "localhost") -> Certified:
    root = pki.root("CA kết nối")
    wanted = pki.Wanted(hosts=(host,), usage=("digital_signature",), extended=("server",))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(root.issue("máy chủ", wanted).write_pem(folder / "server.pem"))
    client = ssl.create_default_context(cafile=str(root.write_certificate(folder / "ca.pem")))
    return Certified(server, client)


def settings(base: str = "", **changes: object) -> SystemSettings:
    """As patient as the machine may be busy; what a test shows by losing patience is `SOON_OVER`."""
    usual = {"base_url": base, "timeout_s": PATIENCE_S, "connect_timeout_s": PATIENCE_S, "max_reply_bytes": 5000}
    return SystemSettings.model_validate({**usual, **changes})


def post(base: str, path: str = "/a", *, content: bytes = b"<x/>", **more: object) -> WireRequest:
    return WireRequest(method="POST", url=base + path, content=content, **more)  # type: ignore[arg-type]  # as given


def get(base: str, path: str = "/a") -> WireRequest:
    return WireRequest(method="GET", url=base + path)


async def outcome(way: Transport, request: WireRequest) -> str:
    """What became of it, in words that can be compared."""
    try:
        reply = await way.send(request)
    except TransientRemoteError as exc:
        return f"never left: {exc.error_code}"
    except Unsettled:
        return "unsettled"
    except ProtocolViolation as exc:
        return exc.error_code
    except GatewayError as exc:
        return f"not sent: {exc.error_code}"
    return f"{reply.status} {reply.content.decode()}"


async def outcomes(way: Transport, requests: Sequence[WireRequest]) -> list[str]:
    """One after the other; then the way is closed."""
    try:
        return [await outcome(way, request) for request in requests]
    finally:
        await way.close()
