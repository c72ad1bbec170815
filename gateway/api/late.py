"""What few callers ask for is made when the first one asks."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

App = TypeVar("App", bound=ASGIApp)
_TURN = Lock()
"""One is made at a time in a process: they share parts, and libraries that were not written for several threads."""


class Late(Generic[App]):
    """An application that is made once, at its first request, beside the loop, which serves the others meanwhile."""

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._making: asyncio.Task[App] | None = None
        self.made: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        application = self.made or await self._first()
        await application(scope, receive, send)

    async def _first(self) -> App:
        """Whoever gives up waiting ends it for nobody else. What failed is tried again by the next one."""
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._in_turn))
            self._making.add_done_callback(self._done)
        return await asyncio.shield(self._making)

    def _in_turn(self) -> App:
        with _TURN:
            made = self._make()
            if gc.get_freeze_count():
                gc.freeze()  # like all that stood before it (`cli.collector`): each look through the rest is 40 ms less
            return made

    def _done(self, task: asyncio.Task[App]) -> None:
        self._making = None
        if not task.cancelled() and task.exception() is None:
            self.made = task.result()
