"""The ledger in PostgreSQL. Nothing in it is personal: names, numbers and details of fields, never their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from gateway.database import Database, queries
from gateway.delivery.model import StreamKey
from gateway.ledger.model import Care, DayFigures, Figure, Finding, Line, Round, Unsynced
from gateway.ledger.store import Period

SQL = queries("ledger")
NOTHING = Figure(numerator=0, denominator=0)


class PostgresLedger:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def line(self, stream: StreamKey) -> Line | None:
        rows = await self._rows("line", **asdict(stream))
        return _line(rows[0]) if rows else None

    async def note(self, line: Line) -> None:
        values = {**asdict(line), **asdict(line.stream), "finding": line.finding.value, "care": line.care.value}
        await self._rows("note", **values)

    async def troubles(self, tenant: str, target: str, *, after: str = "", limit: int) -> Sequence[Line]:
        values = {"tenant": tenant, "target": target, "after": after, "limit": limit}
        return [_line(row) for row in await self._rows("troubles", **values)]

    async def record(self, tenant: str, found: Round) -> None:
        counts = orjson.dumps(dict(found.counts)).decode()
        await self._rows("record", tenant=tenant, **{**asdict(found), "counts": counts})

    async def last_round(self, tenant: str, target: str) -> Round | None:
        rows = await self._rows("last_round", tenant=tenant, target=target)
        return Round(**rows[0]) if rows else None

    async def days(self, tenant: str, period: Period) -> Sequence[DayFigures]:
        values = {"tenant": tenant, **asdict(period)}
        complete = {row.pop("day"): Figure(**row) for row in await self._rows("completeness", **values)}
        timely = {row.pop("day"): Figure(**row) for row in await self._rows("timeliness", **values)}
        return [
            DayFigures(day=day, completeness=complete.get(day, NOTHING), timeliness=timely.get(day, NOTHING))
            for day in sorted(complete.keys() | timely.keys())
        ]

    async def unsynced(self, tenant: str, period: Period, *, limit: int) -> Sequence[Unsynced]:
        rows = await self._rows("unsynced", tenant=tenant, **asdict(period), limit=limit)
        return [Unsynced(**row) for row in rows]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], values)
            return await cursor.fetchall() if cursor.description else []


def _line(row: dict[str, Any]) -> Line:
    stream = StreamKey(tenant=row.pop("tenant"), target=row.pop("target"), key=row.pop("key"))
    return Line(stream=stream, **{**row, "finding": Finding(row["finding"]), "care": Care(row["care"])})
