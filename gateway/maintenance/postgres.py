"""Suspensions in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from gateway.database import Database, queries
from gateway.maintenance.model import Plan, Window

SQL = queries("maintenance")
PLAN = [field.name for field in fields(Plan)]


class PostgresMaintenance:
    """Implements `WindowStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, tenant: str, plan: Plan, *, by: str, now: datetime) -> Window:
        return (await self._rows("add", tenant=tenant, by=by, at=now, **asdict(plan)))[0]

    async def find(self, tenant: str, window_id: int) -> Window | None:
        return await self._one("find", tenant=tenant, id=window_id)

    async def listed(self, tenant: str, *, before: int | None = None, limit: int) -> Sequence[Window]:
        return await self._rows("listed", tenant=tenant, before=before, limit=limit)

    async def current(self, tenant: str, at: datetime) -> Sequence[Window]:
        return await self._rows("current", tenant=tenant, at=at)

    async def coming(self, tenant: str, at: datetime, *, limit: int) -> Sequence[Window]:
        return await self._rows("coming", tenant=tenant, at=at, limit=limit)

    async def past(self, tenant: str, at: datetime, *, limit: int) -> Sequence[Window]:
        return await self._rows("past", tenant=tenant, at=at, limit=limit)

    async def cancel(self, tenant: str, window_id: int, *, at: datetime) -> Window | None:
        return await self._one("cancel", tenant=tenant, id=window_id, at=at)

    async def end(self, tenant: str, window_id: int, *, at: datetime) -> Window | None:
        return await self._one("end", tenant=tenant, id=window_id, at=at)

    async def extend(self, tenant: str, window_id: int, *, ends: datetime, at: datetime) -> Window | None:
        return await self._one("extend", tenant=tenant, id=window_id, ends=ends, at=at)

    async def pausing(self, tenant: str, at: datetime) -> Sequence[Window]:
        return await self._rows("pausing", tenant=tenant, at=at)

    async def holding(self, tenant: str) -> Sequence[Window]:
        return await self._rows("holding", tenant=tenant)

    async def paused(self, tenant: str, window_id: int, *, at: datetime) -> bool:
        return await self._done("paused", tenant=tenant, id=window_id, at=at)

    async def resumed(self, tenant: str, window_id: int, *, at: datetime) -> bool:
        return await self._done("resumed", tenant=tenant, id=window_id, at=at)

    async def _one(self, name: str, **values: Any) -> Window | None:
        rows = await self._rows(name, **values)
        return rows[0] if rows else None

    async def _done(self, name: str, **values: Any) -> bool:
        return await (await self._database.run(SQL[name], values)).fetchone() is not None

    async def _rows(self, name: str, **values: Any) -> Sequence[Window]:
        rows = await (await self._database.run(SQL[name], values)).fetchall()
        return [_window(row) for row in rows]


def _window(row: dict[str, Any]) -> Window:
    plan = Plan(**{name: row.pop(name) for name in PLAN})
    del row["tenant"]
    return Window(plan=plan, **row)
