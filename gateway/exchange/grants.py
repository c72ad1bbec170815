"""Tokens and sessions: cached, obtained once however many calls need one, renewed once when one is rejected."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.sdk import Grant, TransientRemoteError

SKEW_S = 30.0
"""A grant this close to its end is not used any more: the call has to arrive before it expires."""


class Grants:
    """The grant of one system."""

    def __init__(self, log_in: Callable[[], Awaitable[Grant]], *, monotonic: Callable[[], float]) -> None:
        self._log_in = log_in
        self._monotonic = monotonic
        self._flight = asyncio.Lock()
        self._grant: Grant | None = None
        self._good_until = 0.0
        self._refusal: TransientRemoteError | None = None
        self._refused_until = 0.0

    async def current(self) -> Grant:
        return await self._other_than(None)

    async def renewed(self, rejected: Grant) -> Grant:
        """Another grant than the rejected one: the newest, if somebody renewed it meanwhile."""
        return await self._other_than(rejected)

    async def _other_than(self, rejected: Grant | None) -> Grant:
        async with self._flight:
            grant = self._grant
            if grant is None or grant is rejected or self._monotonic() >= self._good_until:
                self._grant = None
                grant = self._grant = await self._log_in_once()
                life = max(grant.expires_in_s - SKEW_S, grant.expires_in_s / 2)
                self._good_until = self._monotonic() + life
            return grant

    async def _log_in_once(self) -> Grant:
        """A refused log-in stands for its time: whoever needs a grant meanwhile is told the same, and nobody knocks."""
        left = self._refused_until - self._monotonic()
        if self._refusal is not None and left > 0:
            raise TransientRemoteError(
                self._refusal.detail, vi=self._refusal.detail_vi, what="login_refused", retry_after_s=left
            )
        try:
            return await self._log_in()
        except TransientRemoteError as exc:
            if exc.retry_after_s is not None:
                self._refusal, self._refused_until = exc, self._monotonic() + exc.retry_after_s
            raise
