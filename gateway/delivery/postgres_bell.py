"""Hear that something was enqueued, through PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import structlog

log = structlog.get_logger()


class PostgresBell:
    """LISTEN on a connection of its own. While there is none, waiting is all it does: workers poll anyway."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def wait(self, timeout_s: float) -> None:
        try:
            connection = self._connection or await self._connect()
            async for _ in connection.notifies(timeout=timeout_s, stop_after=1):
                return
        except psycopg.OperationalError:
            log.warning("outbox_bell_silent", next_try_s=timeout_s)
            await self.close()
            await asyncio.sleep(timeout_s)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        self._connection = await psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True, application_name="lienthong-bell"
        )
        await self._connection.execute("LISTEN lienthong_outbox")
        return self._connection
