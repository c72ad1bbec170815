"""Replies that are too large, or grow: refused over real sockets before they take memory."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.transport import HttpTransport
from gateway.exchange.unpacking import Unpacking
from gateway.sdk import GatewayError, ProtocolViolation, SystemSettings, Unsettled, WireReply, WireRequest

MB = 1_000_000
MOST = 5 * MB
PIECE = bytes(64 * 1024)


class Server:
    """Answers every request with a head and with as many pieces as are taken from it."""

    def __init__(self, head: str, pieces: Iterator[bytes]) -> None:
        self.head = head
        self.pieces = pieces
        self.sent = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 200 OK\r\n{self.head}\r\n\r\n".encode())
            for piece in self.pieces:
                writer.write(piece)
                await writer.drain()
                self.sent += len(piece)
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served(head: str, pieces: Iterator[bytes]) -> AsyncIterator[tuple[Server, str]]:
    server = Server(head, pieces)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield server, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        await listening.wait_closed()


async def asked(head: str, pieces: Iterator[bytes]) -> tuple[WireReply, Server]:
    async with served(head, pieces) as (server, base):
        transport = HttpTransport(SystemSettings(base_url=base, max_reply_bytes=MOST))
        try:
            return await transport.send(WireRequest(method="GET", url=base)), server
        finally:
            await transport.close()


def repeated(piece: bytes, size: int) -> Iterator[bytes]:
    return (piece for _ in range(size // len(piece)))


def bomb(wbits: int) -> bytes:
    """200 MB of nothing in 200 KB."""
    packing = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join([*(packing.compress(bytes(MB)) for _ in range(200)), packing.flush()])


async def test_fifty_megabytes_that_say_so_are_refused_unread() -> None:
    async with served(f"content-length: {50 * MB}", repeated(PIECE, 50 * MB)) as (server, base):
        transport = HttpTransport(SystemSettings(base_url=base, max_reply_bytes=MOST))
        with pytest.raises(ProtocolViolation) as raised:
            await transport.send(WireRequest(method="GET", url=base))
        await transport.close()
        assert raised.value.error_code == "partner.reply_too_large"
        assert server.sent < 40 * MB  # what the sockets of this machine hold between them


async def test_fifty_megabytes_without_a_length_take_no_more_than_is_allowed() -> None:
    with memory_below(3 * MOST), pytest.raises(ProtocolViolation) as raised:
        await asked("connection: close", repeated(PIECE, 50 * MB))
    assert raised.value.error_code == "partner.reply_too_large"


@pytest.mark.parametrize(("coding", "wbits"), [("gzip", 31), ("x-gzip", 31), ("deflate", 15), ("deflate", -15)])
async def test_a_small_reply_that_grows_takes_no_more_than_is_allowed(coding: str, wbits: int) -> None:
    packed = bomb(wbits)
    assert len(packed) < MB
    with memory_below(4 * MOST), pytest.raises(ProtocolViolation) as raised:
        await asked(f"content-encoding: {coding}\r\ncontent-length: {len(packed)}", iter([packed]))
    assert raised.value.error_code == "partner.reply_too_large"


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "nonsense"])
async def test_a_coding_that_was_not_offered_is_not_read(coding: str) -> None:
    """SYN-08 (part): it may have happened."""
    with pytest.raises(Unsettled):
        await asked(f"content-encoding: {coding}\r\ncontent-length: 3", iter([b"abc"]))


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"answer")),
        ("GZIP", gzip.compress(b"answer")),
        ("deflate", zlib.compress(b"answer")),
        ("deflate", zlib.compress(b"answer", wbits=-15)),
        ("identity", b"answer"),
        ("", b"answer"),
    ],
)
async def test_what_was_packed_is_read(coding: str, packed: bytes) -> None:
    reply, _ = await asked(f"content-encoding: {coding}\r\ncontent-length: {len(packed)}", iter([packed]))
    assert reply.content == b"answer"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"answer" * 2, mtime=0)[:-9]),
        ("gzip", b"answer"),
        ("deflate", b"\xffanswer"),
        ("gzip", gzip.compress(b"answer") + gzip.compress(b"another")),
        ("gzip", gzip.compress(b"answer") + b"x"),
    ],
)
async def test_what_is_damaged_or_cut_off_is_unclear(coding: str, packed: bytes) -> None:
    with pytest.raises(Unsettled):
        await asked(f"content-encoding: {coding}\r\ncontent-length: {len(packed)}", iter([packed]))


async def test_what_never_ends_behind_the_end_is_not_waited_for() -> None:
    packed = gzip.compress(b"answer")
    with memory_below(MOST), pytest.raises(Unsettled):
        await asked("content-encoding: gzip\r\ntransfer-encoding: chunked", _chunks(packed, 10_000))


def _chunks(first: bytes, more: int) -> Iterator[bytes]:
    yield b"%x\r\n%b\r\n" % (len(first), first)
    for _ in range(more):
        yield b"1000\r\n" + b"x" * 4096 + b"\r\n"


@given(st.binary(max_size=3000), st.integers(1, 50), st.sampled_from(["gzip", "deflate", ""]))
def test_any_cut_into_pieces_gives_the_same(content: bytes, size: int, coding: str) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "": bytes}[coding](content)
    unpacking = Unpacking(coding, most=len(content))
    for begin in range(0, len(packed), size):
        unpacking.take(packed[begin : begin + size])
    assert unpacking.whole() == content


@given(st.binary(min_size=1, max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_noise_raises_nothing_but_our_own(content: bytes, coding: str) -> None:
    unpacking = Unpacking(coding, most=100)
    try:
        unpacking.take(content)
        unpacking.whole()
    except GatewayError:
        return


class memory_below:  # noqa: N801 - reads as a sentence
    """Fails when Python held more than `most` bytes at once inside."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __enter__(self) -> None:
        tracemalloc.start()

    def __exit__(self, *raised: object) -> None:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < self.most, f"{peak // MB} MB"
