"""What was taken in last, in PostgreSQL: a digest, never the words."""

from __future__ import annotations

from datetime import datetime

from gateway.database import Database, queries

SQL = queries("feedback")


class PostgresFeedback:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, tenant: str, key: str, digest: bytes, *, now: datetime) -> bool:
        async with self._database.transaction() as connection:
            values = {"tenant": tenant, "key": key, "digest": digest, "now": now}
            return (await (await connection.execute(SQL["take"], values)).fetchone()) is not None
