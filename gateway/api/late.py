"""What few callers ask for is made when the first one asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

App = TypeVar("App", bound=ASGIApp)


class Late(Generic[App]):
    """An application that is made at its first request, beside the loop, which serves the others meanwhile."""

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._turn = asyncio.Lock()
        self.made: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        application = self.made or await self._first()
        await application(scope, receive, send)

    async def _first(self) -> App:
        async with self._turn:
            if self.made is None:
                self.made = await asyncio.to_thread(self._make)
        return self.made
