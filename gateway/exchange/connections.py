"""Kept connections to one system, the one used last first.

httpx's own pool looks at every connection, and asks the kernel about each idle one, twice for each request: with twenty
of them that costs more than the request. This one looks at the newest idle one alone. What a connection does, and what
its failures are called, stays httpx's.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpcore
import httpx

from gateway.sdk import TransientRemoteError

IDLE_S = 4.0
"""A connection that was idle for longer is not used again: most servers close one after five seconds, and a message
that meets the closing would be unsettled."""


class KeptConnections(httpx.AsyncHTTPTransport):
    """httpx's transport on such a pool: no proxy, no HTTP/2."""

    def __init__(self, *, most: int, tls: ssl.SSLContext | None = None) -> None:
        """`tls`: of `signing.tls`; None: the usual roots, and no certificate of ours."""
        self._pool = _Pool(tls or httpx.create_ssl_context(trust_env=False), most=most)  # type: ignore[assignment]  # as theirs


class _Pool:
    """Does what httpx's transport asks of httpcore's pool."""

    def __init__(self, ssl_context: ssl.SSLContext, *, most: int) -> None:
        self._ssl_context = ssl_context
        self._room = asyncio.Semaphore(most)
        self._idle: list[httpcore.AsyncHTTPConnection] = []

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._room.acquire()
        except TimeoutError as exc:
            raise TransientRemoteError(
                "Every connection to the system is in use.",
                vi="Mọi kết nối tới hệ thống quốc gia đều đang bận",
                what="not_connected",
            ) from exc
        try:
            kept = await self._newest(request.url.origin)
            response = await kept.handle_async_request(request)
        except BaseException:  # it has closed itself
            self._room.release()
            raise

        async def give_back() -> None:
            self._room.release()
            if kept.is_idle() and not kept.is_closed():
                self._idle.append(kept)
            if self._idle and self._idle[0].has_expired():
                await self._idle.pop(0).aclose()

        body = _Body(response.stream, give_back)
        return httpcore.Response(
            response.status, headers=response.headers, content=body, extensions=response.extensions
        )

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().aclose()

    async def _newest(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if connection.can_handle_request(origin) and not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(origin, ssl_context=self._ssl_context, keepalive_expiry=IDLE_S)


class _Body:
    """A reply's body, whose end gives the connection back, once."""

    def __init__(self, stream: Any, give_back: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._stream = stream
        self._give_back: Callable[[], Coroutine[Any, Any, None]] | None = give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is None:
            return
        try:
            await self._stream.aclose()
        finally:
            await give_back()
