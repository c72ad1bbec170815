"""When nobody waits for an answer any more (`Context.until`)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable
from typing import TypeVar

from gateway.sdk import TransientRemoteError, Unsettled

Result = TypeVar("Result")


def no_time(kind: type[TransientRemoteError | Unsettled]) -> TransientRemoteError | Unsettled:
    """`kind` says whether anything was sent."""
    if kind is Unsettled:
        return Unsettled("The time that the caller waits was over before the answer came.", what="no_time")
    return TransientRemoteError(
        "The time that the caller waits is over; nothing was sent.", vi="Đã hết thời gian bên gọi chờ", what="no_time"
    )


async def within(
    left_s: float, waiting: Awaitable[Result], *, kind: type[TransientRemoteError | Unsettled] = TransientRemoteError
) -> Result:
    """What is waited for goes on, for others; whoever has no more time stops waiting for it (`no_time`)."""
    try:
        async with asyncio.timeout(left_s if left_s < math.inf else None) as limit:
            return await waiting
    except TimeoutError as exc:
        if not limit.expired():  # what was waited for has a limit of its own
            raise
        raise no_time(kind) from exc
