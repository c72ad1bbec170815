"""Versions of mappings in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.types.json import Jsonb

from gateway.database import Database, queries
from gateway.mapping.source import MOST, Source, Used

SQL = queries("mapping")


class PostgresVersions:
    """Implements `VersionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, tenant: str, source: Source, *, at: datetime) -> bool:
        values = {
            "tenant": tenant,
            "system": source.system,
            "operation": source.operation,
            "version": source.version,
            "digest": source.digest,
            "source": source.text,
            "codes": Jsonb(dict(source.codes)),
            "at": at,
        }
        return (await self._database.run(SQL["add"], values)).rowcount == 1

    async def digests(self, tenant: str) -> frozenset[str]:
        rows = await (await self._database.run(SQL["digests"], {"tenant": tenant})).fetchall()
        return frozenset(row["digest"] for row in rows)

    async def listed(self, tenant: str, system: str, operation: str) -> Sequence[Used]:
        values = {"tenant": tenant, "system": system, "operation": operation, "most": MOST}
        rows = await (await self._database.run(SQL["listed"], values)).fetchall()
        return [
            Used(
                source=Source(system=system, operation=operation, text=row["source"], codes=row["codes"]),
                first_used_at=row["first_used_at"],
            )
            for row in rows
        ]
