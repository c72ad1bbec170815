"""Counters in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from gateway.database import Database, queries
from gateway.traffic.model import Grain, Row, Sample, Shared, Sharing, Tally, Wanted
from gateway.traffic.store import KEPT
from gateway.traffic.tally import counted, document, floor, shared

SQL = queries("traffic")


class PostgresTraffic:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, tenant: str, *, most: int, now: datetime) -> int:
        async with self._database.transaction():
            turn = (await self._rows("turn", tenant=tenant))[0]
            start, counted_until = turn["next_index"], turn["read_at"] and min(turn["read_at"], now)
            rows = [Row(**row) for row in await self._rows("rows", tenant=tenant, next=start, most=most)]
            if rows:
                counts = [document(key, tally) for key, tally in counted(rows).items()]
                await self._rows("add", tenant=tenant, rows=Jsonb(counts))
                await self._rows("share", tenant=tenant, rows=Jsonb(_sharing(rows)))
            if counted_until and len(rows) == most:  # there may be more
                counted_until = min(rows[-1].recorded_at, counted_until)
            # Moved also where there was nothing: how far the figures reach is as old as the indexer's last look.
            after = rows[-1].index + 1 if rows else start
            await self._rows("move", tenant=tenant, next=after, counted=counted_until)
        return len(rows)

    async def sample(self, tenant: str, samples: Sequence[Sample], *, now: datetime) -> None:
        rows = [
            {"grain": grain, "at": floor(now, grain).isoformat(), **asdict(sample)}
            for sample in samples
            for grain in Grain
        ]
        await self._rows("sample", tenant=tenant, rows=Jsonb(rows))

    async def forget(self, tenant: str, *, now: datetime) -> None:
        before = [{"grain": grain, "at": (now - kept).isoformat()} for grain, kept in KEPT.items()]
        await self._rows("forget", tenant=tenant, before=Jsonb(before))

    async def spans(self, tenant: str, wanted: Wanted) -> Mapping[datetime, Tally]:
        return {row["at"]: _tally(row) for row in await self._rows("spans", tenant=tenant, **asdict(wanted))}

    async def all_spans(self, tenant: str, wanted: Wanted) -> Mapping[tuple[str, datetime], Tally]:
        rows = await self._rows("all_spans", tenant=tenant, **asdict(wanted))
        return {(row["system"], row["at"]): _tally(row) for row in rows}

    async def by_system(self, tenant: str, wanted: Wanted) -> Mapping[str, Tally]:
        return {row["system"]: _tally(row) for row in await self._rows("by_system", tenant=tenant, **asdict(wanted))}

    async def backlog(self, tenant: str, wanted: Wanted) -> Sequence[tuple[datetime, Sample]]:
        rows = await self._rows("backlog", tenant=tenant, **asdict(wanted))
        return [(row.pop("at"), Sample(**row)) for row in rows]

    async def sharing(self, tenant: str, month: date) -> Sharing:
        rows = await self._rows("sharing", tenant=tenant, month=month)
        place = rows[0]["counted"] if rows else (await self.place(tenant))[0]
        found = [
            Shared(
                kind=row["kind"],
                system=row["system"],
                actor=row["actor"],
                operation=row["operation"],
                tally=Tally(tuple(row["outcomes"])),
            )
            for row in rows
        ]
        return Sharing(month=month, rows=found, counted=place)

    async def months(self, tenant: str, *, limit: int) -> Sequence[date]:
        return [row["month"] for row in await self._rows("months", tenant=tenant, limit=limit)]

    async def place(self, tenant: str) -> tuple[int, datetime | None]:
        rows = await self._rows("place", tenant=tenant)
        return (rows[0]["next_index"], rows[0]["moved_at"]) if rows else (0, None)

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        cursor = await self._database.run(SQL[name], values)
        return await cursor.fetchall() if cursor.description else []


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally(tuple(row["outcomes"]), tuple(row["latency"] or ()), row["sum_ms"])


def _sharing(rows: Sequence[Row]) -> list[dict[str, Any]]:
    names = ("month", "kind", "system", "actor", "operation")
    found = shared(rows).items()
    return [
        {**dict(zip(names, (month.isoformat(), *rest), strict=True)), "outcomes": tally.outcomes}
        for (month, *rest), tally in found
    ]
