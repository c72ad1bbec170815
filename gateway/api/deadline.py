"""Whoever waits is told when its time is over (`Request-Timeout`, `api.longest_s`), whatever is still waited for: room
in the pool, a statement, a leaf, a key in progress. What was begun goes on: it may be stored or sent by then, so to cut
it off would make an outcome that nobody knows. Its Idempotency-Key keeps the true answer; its leaf says what became of
it, and what was told if that was told before it was written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.types import Message, Scope, Send

from gateway.sdk.errors import UndeterminedError

TELLING_S = 0.5
"""Beyond the caller's time, for its end to be recorded and said: a national system that did not answer by then makes an
answer of its own (`undetermined`, a payment that is `unknown`), which says more than that the time is over."""


def is_keyed(scope: Scope) -> bool:
    """Whether it gets the first answer if it is sent again: it has an Idempotency-Key, and its route keeps it."""
    route = scope.get("route")
    fields = route.dependant.header_params if isinstance(route, APIRoute) else ()
    is_kept = any(field.alias == "Idempotency-Key" for field in fields)
    return is_kept and any(name == b"idempotency-key" for name, _ in scope["headers"])


def out_of_time(scope: Scope) -> UndeterminedError:
    if not is_keyed(scope):
        return UndeterminedError(
            "The time that the caller waits is over. What was begun goes on. If this request changes something, look"
            " first whether it was done, before you send it again.",
            vi="Đã hết thời gian bên gọi chờ. Việc đã bắt đầu vẫn được làm tiếp. Nếu yêu cầu này làm thay đổi dữ liệu,"
            " hãy xem việc đó đã được làm chưa trước khi gửi lại.",
            what="no_time",
        )
    return UndeterminedError(
        "The time that the caller waits is over. What was begun goes on; send the same request again, with the same"
        " Idempotency-Key, and you are told what became of it.",
        vi="Đã hết thời gian bên gọi chờ. Việc đã bắt đầu vẫn được làm tiếp; hãy gửi lại đúng yêu cầu đó, cùng"
        " Idempotency-Key, để biết kết quả.",
        what="no_time",
    )


def check_time(scope: Scope) -> None:
    """Nothing is begun for whom nobody waits. `UndeterminedError`, which is what they were told."""
    if time.monotonic() >= scope["state"]["until"]:
        raise out_of_time(scope)


class Deadline:
    """The `send` of one request. Nothing is waited for in its name but a timer, so an answer in time costs no task."""

    __slots__ = ("_late", "_send", "_telling", "_timer")

    def __init__(self, send: Send, late: Callable[[Send], Coroutine[Any, Any, None]]) -> None:
        """`late`: says that the time is over, where no answer has begun by then; one that comes later is dropped. It is
        called as the time ends, before anything else can happen, and only what it returns is a task."""
        self._send = send
        self._late = late
        self._timer: asyncio.TimerHandle | None = None
        self._telling: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        return self._telling is not None

    def start(self, left_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(left_s + TELLING_S, self._over)

    async def end(self) -> None:
        """Once all is done that was begun."""
        self._stop()
        if self._telling is not None:
            await self._telling

    async def __call__(self, message: Message) -> None:
        if self._telling is None:
            self._stop()  # what has begun to be said is said to its end
            await self._send(message)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _over(self) -> None:
        self._telling = asyncio.create_task(self._late(self._send))
