"""Indexed transactions in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.audit.model import EntryKind
from gateway.database import Database
from gateway.database.arrays import Flags, Kinds, Moments, Numbers, Texts
from gateway.database.connection import Connection
from gateway.transactions.model import Fault, Found, Place, Transaction, Wanted
from gateway.transactions.statement import BOUNDS, SQL, Bounds, Question, Statement
from gateway.transactions.store import READER

COLUMNS: Kinds = {
    "index": Numbers,
    "recorded_at": Moments,
    "kind": Texts,
    "actor": Texts,
    "operation": Texts,
    "system": Texts,
    "outcome": Texts,
    "fault": Texts,
    "reference": Texts,
    "trace_id": Texts,
    "call_id": Texts,
    "duration_ms": Numbers,
    "beside": Flags,
}
PLANNING = "SET LOCAL plan_cache_mode = force_custom_plan"
"""A plan for whatever values would use no partial index."""


class PostgresTransactions:
    """Implements `TransactionStore`."""

    def __init__(self, database: Database, *, bounds: Bounds = BOUNDS) -> None:
        self._database = database
        self._bounds = bounds

    async def turn(self, tenant: str) -> int | None:
        (lock,) = await self._rows("lock", tenant=tenant, reader=READER)
        return await self.read_up_to(tenant) if lock["mine"] else None

    async def add(self, tenant: str, rows: Sequence[Transaction], *, next_index: int, now: datetime) -> None:
        async with self._database.transaction():
            if rows:
                told = {name: kind([getattr(row, name) for row in rows]) for name, kind in COLUMNS.items()}
                await self._database.run(SQL["add"], {"tenant": tenant, **told})
            await self._database.run(
                SQL["move"], {"tenant": tenant, "reader": READER, "next_index": next_index, "now": now}
            )

    async def read_up_to(self, tenant: str) -> int:
        rows = await self._rows("place", tenant=tenant, reader=READER)
        return int(rows[0]["next_index"]) if rows else 0

    async def search(self, tenant: str, wanted: Wanted, *, before: Place | None = None, limit: int = 50) -> Found:
        question = Question(tenant, wanted, before=before, bounds=self._bounds)
        async with self._database.transaction() as connection:
            await connection.execute(PLANNING)
            counts = {name: (await _all(connection, question.rows_of(name)))[0]["rows"] for name in question.rivals}
            driver = question.driver(counts)
            rows = [_transaction(row) for row in await _all(connection, question.page(driver, limit=limit + 1))]
            if len(rows) > limit:
                return Found(rows=tuple(rows[:limit]), onward=rows[limit - 1].place)
            is_bounded = question.has_rest(driver) and counts.get(driver, self._bounds.probed) >= self._bounds.probed
            ends = await _all(connection, question.end(driver)) if is_bounded else []
        onward = Place(**ends[0]) if ends else None
        return Found(rows=tuple(rows), onward=onward, is_cut=onward is not None)

    async def at(self, tenant: str, indexes: Sequence[int]) -> Sequence[Transaction]:
        return [_transaction(row) for row in await self._rows("at", tenant=tenant, indexes=list(indexes))]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()


async def _all(connection: Connection, statement: Statement) -> list[dict[str, Any]]:
    return await (await connection.execute(statement.text, statement.values)).fetchall()


def _transaction(row: dict[str, Any]) -> Transaction:
    return Transaction(**{**row, "kind": EntryKind(row["kind"]), "fault": Fault(row["fault"])})
