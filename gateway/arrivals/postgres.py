"""Arrivals in PostgreSQL; what they say is sealed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import orjson

from gateway.arrivals.model import Arrival, ArrivalView
from gateway.database import Database, queries
from gateway.signing.model import Sealer

SQL = queries("arrivals")
PURPOSE = "arrival"
COLUMNS = tuple(column.name for column in fields(ArrivalView))


class PostgresArrivals:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def keep(self, tenant: str, arrival: Arrival, *, digest: bytes) -> ArrivalView:
        told = {"body": dict(arrival.body), "original": b64encode(arrival.original).decode()}
        values = {"tenant": tenant, **asdict(arrival.view), "digest": digest}
        async with self._database.transaction():
            await self._rows("turn", tenant=tenant)
            rows = await self._rows("again", **values)
            if not rows:
                sealed = self._sealer.seal(orjson.dumps(told), purpose=PURPOSE)
                rows = await self._rows("keep", **values, content=sealed)
        return _view(rows[0])

    async def after(self, tenant: str, *, cursor: int, limit: int, everything: bool) -> Sequence[ArrivalView]:
        rows = await self._rows("after", tenant=tenant, cursor=cursor, limit=limit, everything=everything)
        return [_view(row) for row in rows]

    async def find(self, tenant: str, arrival_id: str) -> Arrival | None:
        rows = await self._rows("find", tenant=tenant, id=arrival_id)
        if not rows:
            return None
        told = orjson.loads(self._sealer.unseal(rows[0]["content"], purpose=PURPOSE))
        return Arrival(view=_view(rows[0]), body=told["body"], original=b64decode(told["original"]))

    async def acknowledge(self, tenant: str, arrival_id: str, *, by: str, now: datetime) -> ArrivalView | None:
        rows = await self._rows("acknowledge", tenant=tenant, id=arrival_id, by=by, now=now)
        return _view(rows[0]) if rows else None

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], values)
            return await cursor.fetchall() if cursor.description else []


def _view(row: dict[str, Any]) -> ArrivalView:
    return ArrivalView(**{**{name: row[name] for name in COLUMNS}, "id": str(row["id"])})
