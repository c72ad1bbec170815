"""The one place where bytes leave for a national system. What goes wrong is told by whether they may have arrived."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import aclosing
from typing import Protocol

from gateway.exchange.connections import Connections
from gateway.exchange.deadline import no_time
from gateway.exchange.http1 import Limits
from gateway.exchange.http1_request import begin, origin_of
from gateway.exchange.names import Names
from gateway.sdk import SystemSettings, TransientRemoteError, Unsettled, WireReply, WireRequest

CLOSE_S = 0.01
"""The loop's timers strike so early."""


class Transport(Protocol):
    async def send(self, request: WireRequest, *, until: float | None = None) -> WireReply:
        """`until`: on the machine's monotonic clock, whoever asked waits no longer; the errors are the same then, with
        `no_time` as what. `TransientRemoteError`: it never left. `Unsettled`: it may have arrived, and no answer came.
        `ProtocolViolation`: the answer is larger than is allowed. `ConfigurationError`: it cannot be sent at all."""

    async def close(self) -> None: ...


class HttpTransport:
    """HTTP/1.1 to one system. Proxies of the environment, redirects and cookies are not followed: none of them is in
    any contract, and each would send citizens' data where nobody meant it to go."""

    def __init__(
        self, settings: SystemSettings, *, tls: ssl.SSLContext | None = None, names: Names | None = None
    ) -> None:
        """`tls`: whom to believe, and who we are, where the usual roots do not do. `names`: where they are found;
        None: as the machine is set up."""
        self._longest_s = settings.connect_timeout_s + 2 * settings.timeout_s
        """For the whole of it: the other limits are for each step, and a system that drips meets all of them."""
        self._connections = Connections(
            Limits(step_s=settings.timeout_s, most=settings.max_reply_bytes),
            most=settings.max_connections,
            most_waiting=settings.max_waiting,
            connect_s=settings.connect_timeout_s,
            tls=tls,
            names=names,
        )

    async def send(self, request: WireRequest, *, until: float | None = None) -> WireReply:
        own = asyncio.get_running_loop().time() + self._longest_s
        if until is None or until >= own:
            return await self._send(request, until=own)
        try:
            return await self._send(request, until=until)
        except (TransientRemoteError, Unsettled) as exc:
            if asyncio.get_running_loop().time() < until - CLOSE_S:
                raise
            raise no_time(type(exc)) from exc

    async def _send(self, request: WireRequest, *, until: float) -> WireReply:
        origin, target = origin_of(request.url)
        head = begin(request, origin, target)
        connection = await self._connections.take(origin, until=until)
        try:
            if asyncio.get_running_loop().time() >= until:
                raise no_time(TransientRemoteError)
            if request.file is None:
                return await connection.ask(request.method.upper(), head, request.content, until=until)
            async with aclosing(request.pieces()) as pieces:
                return await connection.ask(request.method.upper(), head, pieces, until=until)
        finally:
            self._connections.give_back(connection, to=origin)

    async def close(self) -> None:
        await self._connections.close()
