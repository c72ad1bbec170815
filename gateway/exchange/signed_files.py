"""Files that go out signed are in memory whole, from their signing to the answer: few at a time of each system, so that
a slow one keeps no other's from leaving."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from gateway.exchange.deadline import within

WHOLE = 2


class SignedFiles:
    def __init__(self) -> None:
        self._rooms = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(WHOLE))

    def room(self, system: str, *, is_needed: bool, left_s: float) -> AbstractAsyncContextManager[None]:
        """`TransientRemoteError` (`no_time`): there was none in `left_s` seconds, and nothing was sent."""
        return _one_of(self._rooms[system], left_s=left_s) if is_needed else _NONE


@asynccontextmanager
async def _one_of(room: asyncio.Semaphore, *, left_s: float) -> AsyncIterator[None]:
    await within(left_s, room.acquire())
    try:
        yield
    finally:
        room.release()


_NONE = nullcontext()
