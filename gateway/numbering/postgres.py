"""Counters and issued codes in PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from gateway.database import Database, queries
from gateway.numbering.model import IssuedCode

SQL = queries("numbering")


class PostgresNumbering:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def earlier(self, tenant: str, key: bytes) -> IssuedCode | None:
        row = await self._one("earlier", tenant=tenant, key=key)
        return IssuedCode(**row) if row else None

    async def next_serial(self, tenant: str, agency: str, day: date, *, key: bytes) -> int | IssuedCode:
        row = await self._one("next_serial", tenant=tenant, agency=agency, day=day, key=key)
        assert row is not None
        serial = row.pop("last")
        return int(serial) if serial else IssuedCode(**row)

    async def claim(self, tenant: str, issued: IssuedCode, *, key: bytes, now: datetime) -> bool:
        values = {"code": issued.code, "agency": issued.agency, "source": issued.source}
        return await self._one("claim", tenant=tenant, **values, key=key, now=now) is not None

    async def _one(self, name: str, **values: Any) -> dict[str, Any] | None:
        async with self._database.transaction() as connection:
            return await (await connection.execute(SQL[name], values)).fetchone()
