"""Tokens and sessions: cached, obtained once however many calls need one, renewed once when one is rejected.

Whoever needs a grant while somebody logs in waits for that log-in and shares what comes of it, also its failure. The
log-in is a task of its own: a caller that is given up takes nothing from the others.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

from gateway.sdk import GatewayError, Grant, TransientRemoteError

SKEW_S = 30.0
"""A grant this close to its end is not used any more: the call has to arrive before it expires."""
UNKNOWN_LIFE_S = 60.0
"""For a grant whose lifetime says nothing (0, negative, not a number): a rejection ends it earlier."""
LONGEST_LIFE_S = 86_400.0


class Grants:
    """The grant of one system."""

    def __init__(self, log_in: Callable[[], Awaitable[Grant]], *, monotonic: Callable[[], float]) -> None:
        self._log_in = log_in
        self._monotonic = monotonic
        self._flight: asyncio.Task[Grant] | None = None
        self._grant: Grant | None = None
        self._good_until = 0.0
        self._refusal: TransientRemoteError | None = None
        self._refused_until = 0.0

    async def current(self) -> Grant:
        """The grant, obtained if need be. Raises what the log-in raised, as an error of this caller's own."""
        return await self._other_than(None)

    @property
    def held(self) -> Grant | None:
        """The grant that is good now; nothing is obtained for it."""
        return self._grant if self._monotonic() < self._good_until else None

    @property
    def left_s(self) -> float | None:
        """Seconds for which the grant is still used. None: there is none."""
        left = self._good_until - self._monotonic()
        return left if self._grant is not None and left > 0 else None

    async def renewed(self, rejected: Grant) -> Grant:
        """Another grant than the rejected one: the newest, if somebody renewed it meanwhile."""
        return await self._other_than(rejected)

    async def finish(self) -> None:
        """Wait for a log-in that is under way, which everybody who wanted it may have left."""
        if self._flight is not None:
            await asyncio.wait([self._flight])

    async def _other_than(self, rejected: Grant | None) -> Grant:
        while True:
            grant = self._grant
            if grant is not None and grant is not rejected and self._monotonic() < self._good_until:
                return grant
            flight = self._joined()
            await asyncio.wait([flight])
            if not flight.cancelled():
                return _landed(flight)
            # Somebody ended it from outside: the next one takes over.

    def _joined(self) -> asyncio.Task[Grant]:
        """The log-in under way, or a new one."""
        if self._flight is None or self._flight.done():
            self._grant = None
            self._flight = asyncio.create_task(self._fly())
            self._flight.add_done_callback(_noticed)
        return self._flight

    async def _fly(self) -> Grant:
        began = self._monotonic()
        grant = await self._log_in_once()
        self._grant, self._good_until = grant, began + _life_s(grant)
        return grant

    async def _log_in_once(self) -> Grant:
        """A refused log-in stands for its time: whoever needs a grant meanwhile is told the same, and nobody knocks."""
        left = self._refused_until - self._monotonic()
        if self._refusal is not None and left > 0:
            raise TransientRemoteError(
                self._refusal.detail,
                vi=self._refusal.detail_vi,
                what=self._refusal.error_code.partition(".")[2],
                retry_after_s=left,
            )
        try:
            return await self._log_in()
        except TransientRemoteError as exc:
            if exc.retry_after_s is not None:
                self._refusal, self._refused_until = exc, self._monotonic() + exc.retry_after_s
            raise


def _noticed(flight: asyncio.Task[Grant]) -> None:
    """Where everybody was given up meanwhile, nobody is left to be told of a failure."""
    if not flight.cancelled():
        flight.exception()


def _landed(flight: asyncio.Task[Grant]) -> Grant:
    """An error is made anew for each who waited: what is written on it belongs to one call."""
    exc = flight.exception()
    if isinstance(exc, GatewayError):
        raise type(exc)(
            exc.detail,
            vi=exc.detail_vi,
            what=exc.error_code.partition(".")[2],
            retry_after_s=exc.retry_after_s,
            fields=exc.fields,
        ) from exc
    return flight.result()


def _life_s(grant: Grant) -> float:
    """Seconds for which a grant is used."""
    told = grant.expires_in_s
    if math.isnan(told) or told <= 0:
        return UNKNOWN_LIFE_S
    return min(max(told - SKEW_S, told / 2), LONGEST_LIFE_S)
