"""Files in PostgreSQL, sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gateway.database import Database, queries
from gateway.delivery.model import StreamKey
from gateway.files.model import FileRecord
from gateway.signing.model import Sealer

SQL = queries("files")


class PostgresFiles:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, record: FileRecord, content: bytes) -> bool:
        values = {
            "tenant": record.tenant,
            "file_id": record.id,
            "name": self._sealer.seal(record.name.encode(), purpose=_purpose(record.tenant, record.id, "name")),
            "media_type": record.media_type,
            "size": record.size,
            "sha256": bytes.fromhex(record.sha256),
            "content": await self._seal(record, content),
            "stored_at": record.stored_at,
        }
        async with self._database.transaction() as connection:
            return (await connection.execute(SQL["add"], values)).rowcount == 1

    async def restore(self, record: FileRecord, content: bytes) -> None:
        name = {"tenant": record.tenant, "file_id": record.id}
        values = {**name, "content": await self._seal(record, content), "size": record.size}
        async with self._database.transaction() as connection:
            await connection.execute(SQL["restore"], values)

    async def find(self, tenant: str, file_id: str) -> FileRecord | None:
        rows = await self._rows("find", tenant=tenant, file_id=file_id)
        return self._record(rows[0]) if rows else None

    async def content(self, tenant: str, file_id: str) -> bytes | None:
        rows = await self._rows("content", tenant=tenant, file_id=file_id)
        if not rows:
            return None
        return await asyncio.to_thread(self._sealer.unseal, rows[0]["content"], purpose=_purpose(tenant, file_id))

    async def known(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        rows = await self._rows("known", tenant=tenant, file_ids=list(file_ids))
        return frozenset(row["file_id"] for row in rows)

    async def unchecked(self, tenant: str, *, before: datetime, limit: int) -> Sequence[str]:
        return [row["file_id"] for row in await self._rows("unchecked", tenant=tenant, before=before, limit=limit)]

    async def checked(self, tenant: str, file_id: str, *, at: datetime) -> None:
        await self._rows("checked", tenant=tenant, file_id=file_id, at=at)

    async def assign(self, stream: StreamKey, file_ids: Sequence[str]) -> Sequence[str]:
        rows = await self._rows("assign", **asdict(stream), file_ids=list(dict.fromkeys(file_ids)))
        new = {row["file_id"] for row in rows}
        return [name for name in dict.fromkeys(file_ids) if name in new]

    async def _seal(self, record: FileRecord, content: bytes) -> bytes:
        """In a thread: encrypting 25 MB takes long enough to keep every other caller waiting."""
        return await asyncio.to_thread(self._sealer.seal, content, purpose=_purpose(record.tenant, record.id))

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        async with self._database.transaction() as connection:
            return await (await connection.execute(SQL[name], values)).fetchall()

    def _record(self, row: dict[str, Any]) -> FileRecord:
        tenant, file_id = row["tenant"], row["file_id"]
        return FileRecord(
            tenant=tenant,
            id=file_id,
            name=self._sealer.unseal(row["name"], purpose=_purpose(tenant, file_id, "name")).decode(),
            media_type=row["media_type"],
            size=row["size"],
            sha256=row["sha256"].hex(),
            stored_at=row["stored_at"],
        )


def _purpose(tenant: str, file_id: str, part: str = "content") -> str:
    """Bound to the very file: sealed bytes that were moved to another row do not open there."""
    return f"file/{part}/{tenant}/{file_id}"
