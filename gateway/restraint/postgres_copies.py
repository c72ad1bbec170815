"""Copies of answers in PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from gateway.database import Database, queries
from gateway.restraint.copies import Copy

SQL = queries("copies")


class PostgresCopies:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, copy: Copy) -> None:
        await self._database.run(SQL["keep"], asdict(copy))

    async def find(self, tenant: str, name: bytes, *, now: datetime) -> Copy | None:
        cursor = await self._database.run(SQL["find"], {"tenant": tenant, "name": name, "now": now})
        row = await cursor.fetchone()
        return Copy(**row) if row else None

    async def clear(self, tenant: str, *, system: str = "") -> int:
        return (await self._database.run(SQL["clear"], {"tenant": tenant, "system": system})).rowcount

    async def expire(self, tenant: str, *, now: datetime) -> int:
        return (await self._database.run(SQL["expire"], {"tenant": tenant, "now": now})).rowcount
