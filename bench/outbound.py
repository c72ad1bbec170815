"""What one call to a national system costs this process, beside what it cost before and what httpx costs.

    .venv/bin/python bench/outbound.py [--calls 4000] [--callers 1 16 64] [--rounds 5] [--loop uvloop]

A canned upstream in another process answers every request with 2 kB. Each way out has its own connections, and takes
its turn in every round; the medians of the rounds are printed. CPU is that of this process alone, user and system.
"ours": `gateway.exchange.transport`. "kept": httpx over a pool that takes the newest idle connection, which the gateway
had before. Every answer is looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

import httpcore
import httpx
import uvloop

from gateway.exchange.transport import HttpTransport
from gateway.sdk import SystemSettings, WireRequest

BODY = b"x" * 2048
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nServer: canned\r\nCache-Control: no-store\r\n"
    f"Date: Sun, 29 Nov 2026 00:00:00 GMT\r\nContent-Length: {len(BODY)}\r\n\r\n"
)
REPLY = HEAD.encode() + BODY
CONTENT = b"<x/>" * 256
HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '"urn:verify"',
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.new_event_loop,
}
Ask = Callable[[], Coroutine[Any, Any, bytes]]


class Canned(asyncio.Protocol):
    """Answers whenever the end of a request's content comes in."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(CONTENT[-4:]):
            self._transport.write(REPLY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=4000, help="of each way in each round")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16, 64], help="that call at a time")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", choices=LOOPS, default="uvloop")
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    upstream = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    upstream.start()
    try:
        with asyncio.Runner(loop_factory=LOOPS[options.loop]) as runner:
            runner.run(_run(f"http://127.0.0.1:{ours.recv()}/soap", options))
    finally:
        upstream.terminate()


async def _run(url: str, options: argparse.Namespace) -> None:
    print(f"{options.loop}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; CPU ms a call")
    print(f"{'callers':>8} {'ours':>8} {'kept':>8} {'httpx':>8}   ours of kept, of httpx")
    for callers in options.callers:
        async with _ways(url, callers) as ways:
            spent: dict[str, list[float]] = {name: [] for name in ways}
            for name in ways:
                await _round(ways[name], calls=callers * 4, callers=callers)  # warm
            for _ in range(options.rounds):
                for name, ask in ways.items():
                    spent[name].append(await _round(ask, calls=options.calls, callers=callers))
        ours, kept, stock = (median(spent[name]) for name in ("ours", "kept", "httpx"))
        print(f"{callers:>8} {ours:>8.3f} {kept:>8.3f} {stock:>8.3f}   {ours / kept:.2f}, {ours / stock:.2f}")


async def _round(ask: Ask, *, calls: int, callers: int) -> float:
    """Milliseconds of CPU a call."""
    left = iter(range(calls))

    async def caller() -> None:
        for _ in left:
            if await ask() != BODY:
                raise SystemExit("a wrong answer")

    began = time.process_time()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return (time.process_time() - began) / calls * 1000


@asynccontextmanager
async def _ways(url: str, callers: int) -> AsyncIterator[dict[str, Ask]]:
    request = WireRequest(method="POST", url=url, headers=HEADERS, content=CONTENT)
    transport = HttpTransport(SystemSettings(base_url=url, max_connections=callers))
    limits = httpx.Limits(max_connections=callers)

    async def ours() -> bytes:
        return (await transport.send(request)).content

    def over(client: httpx.AsyncClient) -> Ask:
        async def ask() -> bytes:
            return (await client.post(url, headers=HEADERS, content=CONTENT)).content

        return ask

    async with AsyncExitStack() as stack:
        kept = httpx.AsyncClient(trust_env=False, transport=Kept(callers))
        stock = httpx.AsyncClient(trust_env=False, limits=limits)
        for close in (transport.close, kept.aclose, stock.aclose):
            stack.push_async_callback(close)
        yield {"ours": ours, "kept": over(kept), "httpx": over(stock)}


class Kept(httpx.AsyncHTTPTransport):
    """httpx's transport over connections of httpcore, the one used last first."""

    def __init__(self, most: int) -> None:
        self._pool: Any = Newest(most)


class Newest:
    """Does what httpx's transport asks of httpcore's pool."""

    def __init__(self, most: int) -> None:
        self._room = asyncio.Semaphore(most)
        self._idle: list[httpcore.AsyncHTTPConnection] = []

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        await self._room.acquire()
        try:
            kept = self._idle.pop() if self._idle else httpcore.AsyncHTTPConnection(request.url.origin)
            if kept.has_expired():
                await kept.aclose()
                kept = httpcore.AsyncHTTPConnection(request.url.origin)
            response = await kept.handle_async_request(request)
            content = await response.aread()
            await response.aclose()
            self._idle.append(kept)
        finally:
            self._room.release()
        return httpcore.Response(response.status, headers=response.headers, content=content)

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().aclose()


def _serve(told: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


if __name__ == "__main__":
    main()
