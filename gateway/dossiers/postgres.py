"""Dossiers in PostgreSQL; documents are sealed."""

from __future__ import annotations

from typing import Any

import orjson

from gateway.database import Database, queries
from gateway.domain import DossierStatus
from gateway.dossiers.model import DossierRecord
from gateway.dossiers.store import EventRecord
from gateway.signing.model import Sealer

SQL = queries("dossiers")
PURPOSE = "dossier"


class PostgresDossiers:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def lock(self, tenant: str, code: str) -> DossierRecord | None:
        await self._one("guard", tenant=tenant, code=code)
        return self._record(await self._one("lock", tenant=tenant, code=code))

    async def find(self, tenant: str, code: str) -> DossierRecord | None:
        return self._record(await self._one("find", tenant=tenant, code=code))

    async def save(self, record: DossierRecord) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                SQL["save"],
                {
                    "tenant": record.tenant,
                    "code": record.code,
                    "version": record.version,
                    "status": int(record.status),
                    "document": self._seal(record.document),
                    "last_event_at": record.last_event_at,
                    "now": record.updated_at,
                },
            )

    async def append(self, record: DossierRecord, event: EventRecord) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                SQL["append"],
                {
                    "tenant": record.tenant,
                    "code": record.code,
                    "version": record.version,
                    "now": record.updated_at,
                    "event_id": event.event_id,
                    "status": int(event.status),
                    "occurred_at": event.occurred_at,
                    "document": self._seal(event.document),
                },
            )

    async def event(self, tenant: str, code: str, event_id: str) -> EventRecord | None:
        row = await self._one("event", tenant=tenant, code=code, event_id=event_id)
        if row is None:
            return None
        return EventRecord(
            event_id=row["event_id"],
            status=DossierStatus(row["status"]),
            occurred_at=row["occurred_at"],
            document=self._unseal(row["document"]),
        )

    async def _one(self, name: str, **values: Any) -> dict[str, Any] | None:
        async with self._database.transaction() as connection:
            return await (await connection.execute(SQL[name], values)).fetchone()

    def _record(self, row: dict[str, Any] | None) -> DossierRecord | None:
        if row is None:
            return None
        return DossierRecord(
            tenant=row["tenant"],
            code=row["code"],
            version=row["version"],
            status=DossierStatus(row["status"]),
            document=self._unseal(row["document"]),
            last_event_at=row["last_event_at"],
            updated_at=row["updated_at"],
        )

    def _seal(self, document: Any) -> bytes:
        return self._sealer.seal(orjson.dumps(dict(document)), purpose=PURPOSE)

    def _unseal(self, sealed: bytes) -> dict[str, Any]:
        opened: dict[str, Any] = orjson.loads(self._sealer.unseal(sealed, purpose=PURPOSE))
        return opened
