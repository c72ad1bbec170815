"""Alarms in PostgreSQL; what a person wrote is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from gateway.alarms.model import Alarm, Occasion, Settled
from gateway.database import Database, queries
from gateway.signing.model import Sealer

SQL = queries("alarms")


class PostgresAlarms:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def note(self, tenant: str, occasion: Occasion, *, now: datetime, since: datetime) -> Alarm:
        values = {
            "tenant": tenant,
            "kind": occasion.kind,
            "about": occasion.about,
            "facts": Jsonb(dict(occasion.facts)),
            "now": now,
            "since": since,
        }
        async with self._database.transaction():
            await self._rows("turn", **values)
            rows = await self._rows("again", **values) or await self._rows("raise", **values)
        return self._alarm(rows[0])

    async def listed(self, tenant: str, *, everything: bool, limit: int) -> Sequence[Alarm]:
        rows = await self._rows("listed", tenant=tenant, everything=everything, limit=limit)
        return [self._alarm(row) for row in rows]

    async def page(self, tenant: str, *, everything: bool, before: int, limit: int) -> Sequence[Alarm]:
        rows = await self._rows("page", tenant=tenant, everything=everything, before=before, limit=limit)
        return [self._alarm(row) for row in rows]

    async def find(self, tenant: str, alarm_id: int) -> Alarm | None:
        rows = await self._rows("find", tenant=tenant, id=alarm_id)
        return self._alarm(rows[0]) if rows else None

    async def settle(self, tenant: str, alarm_id: int, settled: Settled) -> Alarm | None:
        told = orjson.dumps({"by": settled.by, "reason": settled.reason})
        sealed = self._sealer.seal(told, purpose=_purpose(tenant, alarm_id))
        rows = await self._rows("settle", tenant=tenant, id=alarm_id, now=settled.at, settled=sealed)
        return self._alarm(rows[0]) if rows else None

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        cursor = await self._database.run(SQL[name], values)
        return await cursor.fetchall() if cursor.description else []

    def _alarm(self, row: dict[str, Any]) -> Alarm:
        told = {"by": "", "reason": ""}
        if row["settled"] is not None:
            told = orjson.loads(self._sealer.unseal(row["settled"], purpose=_purpose(row["tenant"], row["id"])))
        return Alarm(
            id=row["id"],
            occasion=Occasion(kind=row["kind"], about=row["about"], facts=row["facts"]),
            raised_at=row["raised_at"],
            last_at=row["last_at"],
            count=row["count"],
            settled_at=row["settled_at"],
            settled_by=told["by"],
            reason=told["reason"],
        )


def _purpose(tenant: str, alarm_id: int) -> str:
    return f"alarm/{tenant}/{alarm_id}"
