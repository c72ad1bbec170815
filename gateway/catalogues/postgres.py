"""Code lists in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from gateway.catalogues.model import CatalogueView, Drift, Sync, UnknownCode, Waiting
from gateway.database import Database, queries
from gateway.delivery.model import StreamKey
from gateway.domain import local_day

SQL = queries("catalogues")


class PostgresCatalogues:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def lock(self, tenant: str, catalogue: str) -> Mapping[str, str]:
        await self._rows("guard", tenant=tenant, catalogue=catalogue)
        rows = await self._rows("current", tenant=tenant, catalogue=catalogue)
        return {row["code"]: row["name"] for row in rows}

    async def record(self, tenant: str, sync: Sync) -> int:
        name, found, day = {"tenant": tenant, "catalogue": sync.catalogue}, sync.drift, local_day(sync.at)
        told = {part: orjson.dumps(dict(getattr(found, part))).decode() for part in ("added", "changed", "vanished")}
        changes = sync.applied and not found.is_empty
        async with self._database.transaction():
            [row] = await self._rows("report", **name, at=sync.at, applied=sync.applied, step=int(changes), **told)
            if not changes:
                return int(row["version"])
            ended = [*found.vanished, *found.changed]
            await self._rows("end", **name, codes=ended, last=day - timedelta(days=1))
            begun = {**found.added, **{code: new for code, (_, new) in found.changed.items()}}
            await self._rows("begin", **name, codes=list(begun), names=list(begun.values()), day=day)
            return int(row["version"])

    async def views(self, tenant: str) -> Sequence[CatalogueView]:
        return [CatalogueView(**row) for row in await self._rows("views", tenant=tenant)]

    async def entries(self, tenant: str, catalogue: str, *, on: date) -> Mapping[str, str]:
        rows = await self._rows("entries", tenant=tenant, catalogue=catalogue, day=on)
        return {row["code"]: row["name"] for row in rows}

    async def version(self, tenant: str, catalogue: str, *, on: date) -> int:
        [row] = await self._rows("version", tenant=tenant, catalogue=catalogue, day=on)
        return int(row["version"])

    async def reports(self, tenant: str, *, limit: int) -> Sequence[Sync]:
        return [_sync(row) for row in await self._rows("reports", tenant=tenant, limit=limit)]

    async def examine(
        self, stream: StreamKey, codes: Sequence[UnknownCode], *, since: date, until: date
    ) -> tuple[Sequence[UnknownCode], bool]:
        rows = await self._rows("examine", **asdict(stream), since=since, until=until, **_columns(codes))
        unknown = [UnknownCode(row["catalogue"], row["code"]) for row in rows if row["catalogue"] is not None]
        return unknown, bool(rows[0]["waits"])

    async def quarantine(self, stream: StreamKey, codes: Sequence[UnknownCode], *, now: datetime) -> None:
        await self._rows("quarantine", **asdict(stream), now=now, **_columns(codes))

    async def leave(self, stream: StreamKey) -> None:
        await self._rows("leave", **asdict(stream))

    async def freed(self, tenant: str) -> Sequence[StreamKey]:
        rows = await self._rows("freed", tenant=tenant)
        return sorted({StreamKey(tenant=tenant, target=row["target"], key=row["key"]) for row in rows})

    async def waiting(self, tenant: str, *, limit: int) -> Sequence[Waiting]:
        return [
            Waiting(
                stream=StreamKey(tenant=tenant, target=row["target"], key=row["key"]),
                unknown=UnknownCode(row["catalogue"], row["code"]),
                since=row["since"],
            )
            for row in await self._rows("waiting", tenant=tenant, limit=limit)
        ]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], values)
            return await cursor.fetchall() if cursor.description else []


def _columns(codes: Sequence[UnknownCode]) -> dict[str, list[str]]:
    return {"catalogues": [code.catalogue for code in codes], "codes": [code.code for code in codes]}


def _sync(row: dict[str, Any]) -> Sync:
    changed = {code: (names[0], names[1]) for code, names in row["changed"].items()}
    drift = Drift(added=row["added"], changed=changed, vanished=row["vanished"])
    return Sync(catalogue=row["catalogue"], at=row["at"], applied=row["applied"], drift=drift, version=row["version"])
