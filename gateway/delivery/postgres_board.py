"""The board over PostgreSQL: the outbox's own tables, without their sealed columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gateway.database import Database, queries
from gateway.delivery.model import HeldGroup, LaneBrake, MessageView, StreamKey

SQL = queries("delivery")


class PostgresBoard:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def groups(self, tenant: str, *, limit: int) -> Sequence[HeldGroup]:
        return [HeldGroup(**row) for row in await self._rows("groups", tenant=tenant, limit=limit)]

    async def brakes(self, tenant: str) -> Sequence[LaneBrake]:
        return [LaneBrake(**row) for row in await self._rows("brakes", tenant=tenant)]

    async def messages(self, stream: StreamKey, *, before: int | None = None, limit: int) -> Sequence[MessageView]:
        rows = await self._rows("seen", **asdict(stream), before=before, limit=limit)
        return [MessageView(**row) for row in rows]

    async def count(self, tenant: str, target: str) -> int:
        return int((await self._rows("count", tenant=tenant, target=target))[0]["count"])

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()
