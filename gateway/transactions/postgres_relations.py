"""What else is called what, in PostgreSQL: read from the tables of those who gave the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.database import Database, queries
from gateway.transactions.model import Waiting, WaitingKind, WaitingState

SQL = queries("transaction_relations")
SHORTEST = 6
"""Shorter words that a target told (a status) are no numbers."""


class PostgresRelations:
    """Implements `Relations`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def related(self, tenant: str, code: str) -> Sequence[str]:
        rows = await self._rows("related", tenant=tenant, code=code)
        if len(code) >= SHORTEST:
            rows += await self._rows("told", tenant=tenant, code=code)
        return tuple(dict.fromkeys([code, *(row["reference"] for row in rows)]))

    async def waiting(self, tenant: str, references: Sequence[str]) -> Sequence[Waiting]:
        rows = await self._rows("waiting", tenant=tenant, references=list(references))
        return [
            Waiting(**{**row, "kind": WaitingKind(row["kind"]), "state": WaitingState(row["state"])}) for row in rows
        ]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()
