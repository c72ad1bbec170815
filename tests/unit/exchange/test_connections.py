"""Kept connections: used again, never shared, never lost, whatever became of the call on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.exchange.transport import HttpTransport
from gateway.sdk import GatewayError, ProtocolViolation, SystemSettings, TransientRemoteError, Unsettled, WireRequest


class Server:
    """Answers each request on each connection by what its path says, and counts connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.go = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ")[1].decode()
                if path == "/cut":
                    return
                if path == "/wait":
                    await self.go.wait()
                body = b"x" * (9000 if path == "/large" else 2)
                more = b"connection: close\r\n" if path == "/last" else b""
                writer.write(b"HTTP/1.1 200 OK\r\n" + more + f"content-length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
                if path in {"/last", "/leaves"}:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def house(**settings: object) -> AsyncIterator[tuple[Server, HttpTransport, str]]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    own = SystemSettings.model_validate({"base_url": base, "timeout_s": 0.5, "connect_timeout_s": 0.5, **settings})
    transport = HttpTransport(own)
    try:
        yield server, transport, base
    finally:
        server.go.set()
        await transport.close()
        listening.close()
        await listening.wait_closed()


def get(base: str, path: str = "/") -> WireRequest:
    return WireRequest(method="GET", url=base + path)


async def test_one_after_the_other_share_a_connection() -> None:
    async with house() as (server, transport, base):
        for _ in range(5):
            assert (await transport.send(get(base))).content == b"xx"
        assert server.connections == 1


async def test_two_at_once_never_share_one() -> None:
    async with house() as (server, transport, base):
        waiting = asyncio.create_task(transport.send(get(base, "/wait")))
        await asyncio.sleep(0.05)
        assert (await transport.send(get(base))).status == 200
        server.go.set()
        assert (await waiting).status == 200
        assert server.connections == 2


@pytest.mark.parametrize("path", ["/last", "/leaves"])
async def test_a_connection_that_the_system_closed_is_not_used_again(path: str) -> None:
    async with house() as (server, transport, base):
        for count in (1, 2, 3):
            assert (await transport.send(get(base, path))).status == 200
            await asyncio.sleep(0.05)
            assert server.connections == count


@pytest.mark.parametrize(
    ("path", "expected"), [("/cut", Unsettled), ("/wait", Unsettled), ("/large", ProtocolViolation)]
)
async def test_a_call_that_failed_keeps_no_connection_from_the_others(path: str, expected: type) -> None:
    async with house(max_connections=1, max_reply_bytes=5000) as (_, transport, base):
        for _ in range(3):
            with pytest.raises(expected):
                await transport.send(get(base, path))
        assert (await transport.send(get(base))).status == 200


async def test_a_call_that_is_given_up_keeps_no_connection_from_the_others() -> None:
    async with house(max_connections=1) as (_, transport, base):
        for _ in range(3):
            leaving = asyncio.create_task(transport.send(get(base, "/wait")))
            await asyncio.sleep(0.05)
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
        assert (await transport.send(get(base))).status == 200


async def test_when_all_are_in_use_the_call_never_left() -> None:
    async with house(max_connections=1, timeout_s=0.3) as (server, transport, base):
        waiting = asyncio.create_task(transport.send(get(base, "/wait")))
        await asyncio.sleep(0.1)
        results = await asyncio.gather(*(transport.send(get(base)) for _ in range(2)), return_exceptions=True)
        with pytest.raises(GatewayError):
            await waiting
        assert all(not isinstance(result, Unsettled) for result in results)
        assert server.connections <= 3


async def test_a_system_that_is_not_there_was_never_reached() -> None:
    own = SystemSettings(base_url="http://127.0.0.1:9", connect_timeout_s=0.5)
    transport = HttpTransport(own)
    for _ in range(3):
        with pytest.raises(TransientRemoteError):
            await transport.send(get("http://127.0.0.1:9"))
    await transport.close()
