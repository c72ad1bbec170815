"""What was taken in last, in PostgreSQL: a digest, never the words; and how many people were satisfied."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from gateway.database import Database, queries
from gateway.feedback.model import Levels

SQL = queries("feedback")


class PostgresFeedback:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, tenant: str, key: str, digest: bytes, *, now: datetime) -> bool:
        async with self._database.transaction() as connection:
            values = {"tenant": tenant, "key": key, "digest": digest, "now": now}
            return (await (await connection.execute(SQL["take"], values)).fetchone()) is not None

    async def rate(self, tenant: str, key: tuple[date, str, str], levels: Levels, *, now: datetime) -> None:
        month, procedure, agency = key
        named = {"tenant": tenant, "month": month, "procedure": procedure, "agency": agency, "now": now}
        await self._database.run(SQL["rate"], {**named, **asdict(levels)})
