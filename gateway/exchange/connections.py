"""Kept connections to one system, the one used last first. What a call costs does not depend on how many there are."""

from __future__ import annotations

import asyncio
import ssl
from functools import lru_cache

import httpx

from gateway.exchange.dialling import Patience, dial
from gateway.exchange.http1 import Connection, Limits
from gateway.exchange.http1_request import Origin
from gateway.exchange.names import Names
from gateway.exchange.places import no_room
from gateway.sdk import TransientRemoteError


class Connections:
    """Usually to one origin. Where there are more (callbacks of many clients), they share the room: one that rests
    makes place for one that is needed."""

    def __init__(
        self,
        limits: Limits,
        *,
        most: int,
        most_waiting: int,
        connect_s: float,
        tls: ssl.SSLContext | None = None,
        names: Names | None = None,
    ) -> None:
        """`most_waiting`: calls that wait for one of `most`; so a system that is slow holds back only so many callers.
        `tls`: of `signing.tls`; None: the usual roots, and no certificate of ours."""
        self._limits = limits
        self._most = most
        self._connect_s = connect_s
        self._tls = tls
        self._names = names or Names()
        self._room = asyncio.Semaphore(most)
        self._most_waiting = most_waiting
        self._waiting = 0
        self._open: set[Connection] = set()
        self._idle: dict[str, list[Connection]] = {}
        self._is_closed = False

    async def take(self, to: Origin, *, until: float) -> Connection:
        """For one call, whose end gives it back. `TransientRemoteError`: there is none, so nothing was sent."""
        if self._room.locked():
            await self._wait_for_room(until)
        else:
            await self._room.acquire()
        try:
            return self._newest(to) or await self._opened(to, until=until)
        except BaseException:
            self._room.release()
            raise

    def give_back(self, connection: Connection, *, to: Origin) -> None:
        """Whatever became of the call."""
        self._room.release()
        if self._is_closed:
            connection.close()
        elif connection.rest():
            self._idle.setdefault(to.name, []).append(connection)

    async def close(self) -> None:
        """Those that rest at once; those in use when their call ends. Then no other socket is open any more."""
        self._is_closed = True
        for kept in self._idle.values():
            for connection in kept:
                connection.close()
        closing = [connection.closed for connection in self._open if connection.is_closing]
        if closing:
            await asyncio.wait(closing)

    async def _wait_for_room(self, until: float) -> None:
        if self._waiting >= self._most_waiting:
            raise no_room()
        now = asyncio.get_running_loop().time()
        self._waiting += 1
        try:
            async with asyncio.timeout_at(min(now + self._limits.step_s, until)):
                await self._room.acquire()
        except TimeoutError as exc:
            raise TransientRemoteError(
                "Every connection to the system is in use.",
                vi="Mọi kết nối tới hệ thống quốc gia đều đang bận",
                what="no_room",
                retry_after_s=1.0,
            ) from exc
        finally:
            self._waiting -= 1

    def _newest(self, to: Origin) -> Connection | None:
        kept = self._idle.get(to.name, [])
        while kept:
            connection = kept.pop()
            if connection.is_fresh:
                return connection
            connection.close()
        return None

    async def _opened(self, to: Origin, *, until: float) -> Connection:
        if len(self._open) >= self._most:
            self._make_place()
        connection = Connection(self._limits, on_lost=self._forget)
        self._open.add(connection)
        try:
            patience = Patience(step_s=self._connect_s, until=until)
            await dial(connection, to, names=self._names, tls=self._context(to), patience=patience)
        except BaseException:
            connection.close()
            self._open.discard(connection)
            raise
        return connection

    def _make_place(self) -> None:
        for kept in self._idle.values():
            if kept:
                kept.pop(0).close()
                return

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        for name, kept in list(self._idle.items()):
            if connection in kept:
                kept.remove(connection)
            if not kept:
                del self._idle[name]

    def _context(self, to: Origin) -> ssl.SSLContext | None:
        if not to.is_tls:
            return None
        if self._tls is None:
            self._tls = _usual_roots()
        self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


@lru_cache(maxsize=1)
def _usual_roots() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
