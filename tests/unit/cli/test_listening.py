"""The head and the body of an answer leave together; what has no second part is not kept back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.cli.listening import HeadWithBody


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
