"""Comparisons in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from gateway.database import Database, queries
from gateway.shadow.model import Comparison, Count, How

SQL = queries("shadow")


class PostgresShadow:
    """Implements `ShadowStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, comparison: Comparison) -> None:
        await self._database.run(
            SQL["add"], {**asdict(comparison), "how": comparison.how.value, "fields": list(comparison.fields)}
        )

    async def counts(self, tenant: str, *, since: datetime) -> Sequence[Count]:
        rows = await (await self._database.run(SQL["counts"], {"tenant": tenant, "since": since})).fetchall()
        return [Count(**{**row, "how": How(row["how"])}) for row in rows]

    async def differing(self, tenant: str, *, since: datetime, most: int) -> Sequence[Comparison]:
        values = {"tenant": tenant, "since": since, "most": most}
        rows = await (await self._database.run(SQL["differing"], values)).fetchall()
        return [Comparison(**{**row, "how": How(row["how"]), "fields": tuple(row["fields"])}) for row in rows]
