"""Counts in PostgreSQL, shared by all processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from gateway.clients.usage import RightUsed, Window
from gateway.database import Database, queries
from gateway.database.arrays import Days, Kinds, Moments, Numbers, Texts, arrays

SQL = queries("usage")
USED: Kinds = {"tenant": Texts, "client_id": Texts, "scope": Texts, "on": Days}
COUNTED: Kinds = {"tenant": Texts, "client_id": Texts, "span": Texts, "began_at": Moments, "n": Numbers}


class PostgresUsage:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, counts: Mapping[Window, int], rights: Sequence[RightUsed]) -> Mapping[Window, int]:
        if rights:
            rows = [right._asdict() for right in rights]
            await self._database.run_alone(SQL["use"], arrays(rows, USED))
        if not counts:
            return {}
        rows = [{**window._asdict(), "n": n} for window, n in counts.items()]
        found = await (await self._database.run_alone(SQL["add"], arrays(rows, COUNTED))).fetchall()
        return {Window(row["tenant"], row["client_id"], row["span"], row["began_at"]): row["n"] for row in found}

    async def now(self, tenant: str, began: Mapping[str, datetime]) -> Mapping[tuple[str, str], int]:
        values = {"tenant": tenant, "spans": list(began), "began": list(began.values())}
        rows = await (await self._database.run(SQL["now"], values)).fetchall()
        return {(row["client_id"], row["span"]): row["n"] for row in rows}

    async def last_days(self, tenant: str) -> Mapping[str, datetime]:
        rows = await (await self._database.run(SQL["last_days"], {"tenant": tenant})).fetchall()
        return {row["client_id"]: row["began_at"] for row in rows}

    async def rights(self, tenant: str) -> Mapping[tuple[str, str], date]:
        rows = await (await self._database.run(SQL["rights"], {"tenant": tenant})).fetchall()
        return {(row["client_id"], row["scope"]): row["last_on"] for row in rows}

    async def expire(self, *, minutes_before: datetime, days_before: datetime) -> None:
        values = {"minutes_before": minutes_before, "days_before": days_before}
        await self._database.run_alone(SQL["expire"], values)
