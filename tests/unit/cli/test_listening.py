"""The head and the body of an answer leave together; what has no second part is not kept back. Of a body that nobody
asks for, little is read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn

from gateway.cli.listening import READ_AHEAD, HeadWithBody, Server, WithCertificates
from gateway.cli.serve import KERNEL_HOLDS, listen


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
