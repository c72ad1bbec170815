"""Units in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from gateway.database import Database, queries
from gateway.places.lineage import Unit

SQL = queries("places")


class PostgresPlaces:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, tenant: str) -> Sequence[Unit]:
        async with self._database.transaction() as connection:
            rows = await (await connection.execute(SQL["all"], {"tenant": tenant})).fetchall()
        return [Unit(**{**row, "successors": tuple(row["successors"])}) for row in rows]

    async def lock(self, tenant: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(SQL["lock"], {"tenant": tenant})

    async def save(self, tenant: str, units: Sequence[Unit]) -> None:
        rows = [{"tenant": tenant, **asdict(unit), "successors": list(unit.successors)} for unit in units]
        async with self._database.transaction() as connection, connection.cursor() as cursor:
            await cursor.executemany(SQL["save"], rows)
