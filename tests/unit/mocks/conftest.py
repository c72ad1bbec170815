"""A client before a mock in this process; a clock that stands until it is told to move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Before = Callable[[Starlette], httpx.AsyncClient]


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def before() -> AsyncIterator[Before]:
    """A dropped connection shows as a 500 of the transport: it has no wire to cut."""
    async with AsyncExitStack() as stack:
        clients: list[httpx.AsyncClient] = []

        def connect(app: Starlette) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            clients.append(httpx.AsyncClient(transport=transport, base_url="http://mock"))
            stack.push_async_callback(clients[-1].aclose)
            return clients[-1]

        yield connect
