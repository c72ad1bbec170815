"""Chores in PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from gateway.database import Database, queries

SQL = queries("chores")


class PostgresChores:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, tenant: str, name: str, *, day: date, now: datetime, lease_s: float) -> bool:
        values = {"tenant": tenant, "name": name, "day": day, "now": now, "until": now + timedelta(seconds=lease_s)}
        async with self._database.transaction() as connection:
            return await (await connection.execute(SQL["take"], values)).fetchone() is not None

    async def finish(self, tenant: str, name: str, *, day: date) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(SQL["finish"], {"tenant": tenant, "name": name, "day": day})

    async def give_up(self, tenant: str, name: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(SQL["give_up"], {"tenant": tenant, "name": name})
