"""Counting in PostgreSQL: one statement for a whole card, and the same one for the list behind each number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from psycopg.types.json import Jsonb

from gateway.database import Database, columns, queries
from gateway.domain import DossierStatus
from gateway.scores.model import Busy, Count, Item, Rating, Window
from gateway.scores.store import Closing, Horizon, Warned, WarnedCount

SQL = queries("scores")


class PostgresScores:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def agencies(self, tenant: str) -> Sequence[str]:
        return [row["agency"] for row in await self._rows(SQL["agencies"], tenant=tenant)]

    async def unread(self, tenant: str, *, limit: int) -> int:
        rows = await self._rows(SQL["unread"], tenant=tenant, limit=limit)
        return int(rows[0]["unread"])

    async def counts(self, tenant: str, window: Window) -> Sequence[Count]:
        rows = await self._rows(SQL["marks"] + SQL["counts"], **_window(tenant, window), figure="")
        return [Count(**row) for row in rows]

    async def items(
        self, tenant: str, window: Window, figure: str, *, marks: Sequence[str], page: tuple[str, int]
    ) -> Sequence[Item]:
        code, _, seq = page[0].rpartition("/")
        named = {"after_code": code, "after_seq": int(seq) if code else -1, "limit": page[1], "marks": list(marks)}
        rows = await self._rows(SQL["marks"] + SQL["items"], **_window(tenant, window), figure=figure, **named)
        return [Item(**row) for row in rows]

    async def ratings(self, tenant: str, window: Window, *, limit: int) -> Sequence[Rating]:
        return [Rating(**row) for row in await self._rows(SQL["ratings"], **_window(tenant, window), limit=limit)]

    async def busy(self, tenant: str, window: Window, *, least: int, limit: int) -> Sequence[Busy]:
        rows = await self._rows(SQL["busy"], **_window(tenant, window), least=least, limit=limit)
        return [Busy(**row) for row in rows]

    async def due(self, tenant: str, horizon: Horizon, *, kind: str, page: tuple[str, int]) -> Sequence[Warned]:
        due, _, code = page[0].partition("|")
        named = {"kind": kind, "after_due": due or "-infinity", "after_code": code, "limit": page[1]}
        rows = await self._rows(SQL["warned"] + SQL["due"], **_horizon(tenant, horizon), **named)
        for row in rows:
            del row["received_on"]
        return [Warned(**{**row, "status": DossierStatus(row["status"]), "kinds": tuple(row["kinds"])}) for row in rows]

    async def due_counts(self, tenant: str, horizon: Horizon) -> Sequence[WarnedCount]:
        rows = await self._rows(SQL["warned"] + SQL["due_counts"], **_horizon(tenant, horizon))
        return [WarnedCount(**row) for row in rows]

    async def closed(self, tenant: str, period: str) -> Closing | None:
        rows = await self._rows(SQL["closed"], tenant=tenant, period=period)
        return Closing(**rows[0]) if rows else None

    async def closings(self, tenant: str, *, limit: int) -> Sequence[Closing]:
        return [Closing(**row, pack={}) for row in await self._rows(SQL["closings"], tenant=tenant, limit=limit)]

    async def closed_counts(self, tenant: str, period: str, agencies: tuple[str, ...] | None) -> Sequence[Count]:
        named = {"tenant": tenant, "period": period, "agencies": None if agencies is None else list(agencies)}
        return [Count(**row) for row in await self._rows(SQL["closed_counts"], **named)]

    async def close(self, tenant: str, closing: Closing, counts: Sequence[Count]) -> bool:
        async with self._database.transaction():
            named = {**asdict(closing), "pack": Jsonb(dict(closing.pack)), "tenant": tenant}
            if not await self._rows(SQL["close"], **named):
                return False
            if counts:
                frozen = columns([asdict(count) for count in counts])
                await self._rows(SQL["freeze"], tenant=tenant, period=closing.period, **frozen)
        return True

    async def _rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        cursor = await self._database.run(statement, values)
        return await cursor.fetchall() if cursor.description else []


def _window(tenant: str, window: Window) -> dict[str, Any]:
    period = window.period
    return {
        "tenant": tenant,
        "since": period.since,
        "until": period.until,
        "begins": period.begins,
        "ends": period.ends,
        "moment": window.moment,
        "cut_off": window.cut_off,
        "within_s": window.within_s,
        "running": list(window.running),
        "agencies": None if window.agencies is None else list(window.agencies),
    }


def _horizon(tenant: str, horizon: Horizon) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "now": horizon.now,
        "before": horizon.before,
        "packs": list(horizon.packs),
        "days": list(horizon.packs.values()),
        "running": list(horizon.running),
        "agencies": None if horizon.agencies is None else list(horizon.agencies),
        "handed_before": horizon.handed_before,
        "returned_before": horizon.returned_before,
    }
