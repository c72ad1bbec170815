"""Dossiers in PostgreSQL; documents are sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson

from gateway.database import Database, queries
from gateway.domain import DossierStatus, local_day
from gateway.dossiers.model import DossierRecord, DueView
from gateway.dossiers.store import EventRecord, ParkedEvent
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
                    "target": record.target,
                    "pack": record.pack,
                    "received_on": _received_on(record.document),
                    "due_at": record.document.get("due_at"),
                    "apologised_at": record.document.get("apologised_at"),
                    "reschedules": record.reschedules,
                    "last_event_at": record.last_event_at,
                    "now": record.updated_at,
                },
            )

    async def due(self, tenant: str, *, before: datetime, limit: int) -> Sequence[DueView]:
        rows = await self._rows("due", tenant=tenant, before=before, limit=limit)
        return [DueView(**{**row, "status": DossierStatus(row["status"])}) for row in rows]

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
                    "previous": event.previous and int(event.previous),
                    "late": event.late,
                    "occurred_at": event.occurred_at,
                    "document": self._seal(event.document),
                },
            )

    async def event(self, tenant: str, code: str, event_id: str) -> EventRecord | None:
        row = await self._one("event", tenant=tenant, code=code, event_id=event_id)
        return self._event(row) if row else None

    async def events(self, tenant: str, code: str) -> Sequence[EventRecord]:
        return [self._event(row) for row in await self._rows("events", tenant=tenant, code=code)]

    async def park(self, tenant: str, parked: ParkedEvent) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                SQL["park"],
                {
                    "tenant": tenant,
                    "code": parked.code,
                    "event_id": parked.event.event_id,
                    "status": int(parked.event.status),
                    "occurred_at": parked.event.occurred_at,
                    "document": self._seal(parked.event.document),
                    "why_code": parked.why_code,
                    "why": parked.why,
                    "why_vi": parked.why_vi,
                    "parked_at": parked.parked_at,
                },
            )

    async def parked(self, tenant: str, *, code: str = "", limit: int = 1000) -> Sequence[ParkedEvent]:
        return [self._parked(row) for row in await self._rows("parked", tenant=tenant, code=code, limit=limit)]

    async def parked_event(self, tenant: str, code: str, event_id: str) -> ParkedEvent | None:
        row = await self._one("parked_event", tenant=tenant, code=code, event_id=event_id)
        return self._parked(row) if row else None

    async def settle(self, tenant: str, code: str, event_id: str, *, settled_as: str, now: datetime) -> bool:
        values = {"tenant": tenant, "code": code, "event_id": event_id, "settled_as": settled_as, "now": now}
        async with self._database.transaction() as connection:
            return (await connection.execute(SQL["settle"], values)).rowcount == 1

    async def _one(self, name: str, **values: Any) -> dict[str, Any] | None:
        rows = await self._rows(name, **values)
        return rows[0] if rows else None

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], values)
            return await cursor.fetchall() if cursor.description else []

    def _event(self, row: dict[str, Any]) -> EventRecord:
        return EventRecord(
            event_id=row["event_id"],
            status=DossierStatus(row["status"]),
            occurred_at=row["occurred_at"],
            document=self._unseal(row["document"]),
            previous=DossierStatus(row["previous"]) if row.get("previous") else None,
            late=row.get("late", False),
            version=row.get("version", 0),
        )

    def _parked(self, row: dict[str, Any]) -> ParkedEvent:
        return ParkedEvent(
            code=row["code"],
            event=self._event(row),
            why_code=row["why_code"],
            why=row["why"],
            why_vi=row["why_vi"],
            parked_at=row["parked_at"],
            settled_as=row["settled_as"],
        )

    def _record(self, row: dict[str, Any] | None) -> DossierRecord | None:
        if row is None:
            return None
        return DossierRecord(
            tenant=row["tenant"],
            code=row["code"],
            version=row["version"],
            status=DossierStatus(row["status"]),
            document=self._unseal(row["document"]),
            target=row["target"],
            pack=row["pack"],
            reschedules=row["reschedules"],
            last_event_at=row["last_event_at"],
            updated_at=row["updated_at"],
        )

    def _seal(self, document: Any) -> bytes:
        return self._sealer.seal(orjson.dumps(dict(document)), purpose=PURPOSE)

    def _unseal(self, sealed: bytes) -> dict[str, Any]:
        opened: dict[str, Any] = orjson.loads(self._sealer.unseal(sealed, purpose=PURPOSE))
        return opened


def _received_on(document: Mapping[str, Any]) -> date | None:
    """The day whose sync figures count the dossier."""
    received = document.get("received_at")
    return local_day(datetime.fromisoformat(received)) if received else None
