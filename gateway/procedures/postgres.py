"""Procedures in PostgreSQL. They are published by law and hold nothing about people: not sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from gateway.database import Database, queries
from gateway.procedures.model import Pin, ProcedureVersion

SQL = queries("procedures")


class PostgresProcedures:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def lock(self, tenant: str, code: str) -> ProcedureVersion | None:
        await self._rows("guard", tenant=tenant, code=code)
        return await self.newest(tenant, code)

    async def newest(self, tenant: str, code: str) -> ProcedureVersion | None:
        return next(iter(await self._kept("newest", tenant=tenant, code=code)), None)

    async def version(self, tenant: str, code: str, number: int) -> ProcedureVersion | None:
        return next(iter(await self._kept("version", tenant=tenant, code=code, version=number)), None)

    async def versions(self, tenant: str, code: str) -> Sequence[ProcedureVersion]:
        return await self._kept("versions", tenant=tenant, code=code)

    async def add(self, kept: ProcedureVersion) -> None:
        await self._rows("add", **{**asdict(kept), "document": orjson.dumps(dict(kept.document)).decode()})

    async def confirm(self, kept: ProcedureVersion, *, at: datetime) -> None:
        await self._rows("confirm", tenant=kept.tenant, code=kept.code, version=kept.version, at=at)

    async def pin(self, tenant: str, dossier: str, code: str, *, at: datetime) -> None:
        await self._rows("pin", tenant=tenant, dossier=dossier, code=code, at=at)

    async def pinned(self, tenant: str, dossier: str) -> Pin | None:
        return next((Pin(**row) for row in await self._rows("pinned", tenant=tenant, dossier=dossier)), None)

    async def codes(self, tenant: str) -> Sequence[str]:
        return [row["code"] for row in await self._rows("codes", tenant=tenant)]

    async def _kept(self, name: str, **values: Any) -> list[ProcedureVersion]:
        return [ProcedureVersion(**row) for row in await self._rows(name, **values)]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], values)
            return await cursor.fetchall() if cursor.description else []
