"""Dossiers in PostgreSQL; documents are sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

import orjson

from gateway.database import Database, columns, queries
from gateway.database.arrays import Bytes, Days, Flags, Kinds, Moments, Numbers, Texts, arrays
from gateway.domain import DossierStatus, local_day
from gateway.dossiers.facts import facts_of, finished_at, moment_in
from gateway.dossiers.model import DossierRecord, DueView
from gateway.dossiers.store import EventRecord, ParkedEvent, Step
from gateway.signing.model import Sealer

SQL = queries("dossiers")
PURPOSE = "dossier"
FACTS: Kinds = {
    "facts": Numbers,
    "agency": Texts,
    "procedure": Texts,
    "channel": Texts,
    "mirrored": Flags,
    "received_at": Moments,
    "finished_at": Moments,
    "fee": Numbers,
    "online_payment": Flags,
    "components": Numbers,
    "digitised": Numbers,
    "reused": Numbers,
    "from_store": Numbers,
    "results": Numbers,
    "contacts": Numbers,
}
VERSIONS: Kinds = {
    "tenant": Texts,
    "code": Texts,
    "version": Numbers,
    "status": Numbers,
    "document": Bytes,
    "target": Texts,
    "pack": Texts,
    "received_on": Days,
    "due_at": Moments,
    "apologised_at": Moments,
    "reschedules": Numbers,
    "last_event_at": Moments,
    "now": Moments,
    **FACTS,
}
_read_facts = attrgetter(*FACTS)


class PostgresDossiers:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def lock(self, tenant: str, code: str) -> DossierRecord | None:
        await self._rows("guard", tenant=tenant, code=code)
        return (await self.lock_all(tenant, [code])).get(code)

    async def lock_all(self, tenant: str, codes: Collection[str]) -> Mapping[str, DossierRecord]:
        values = {"tenant": tenant, "codes": list(codes)}
        rows = await (await self._database.run(SQL["lock"], values, binary=True)).fetchall()
        return {row["code"]: self._record(row) for row in rows}

    async def find(self, tenant: str, code: str) -> DossierRecord | None:
        rows = await self._rows("find", tenant=tenant, code=code)
        return self._record(rows[0]) if rows else None

    async def save(self, *records: DossierRecord) -> None:
        rows = [
            {
                "tenant": record.tenant,
                "code": record.code,
                "version": record.version,
                "status": int(record.status),
                "document": self._seal(record.document),
                "target": record.target,
                "pack": record.pack,
                "received_on": _received_on(record.document),
                "due_at": moment_in(record.document, "due_at"),
                "apologised_at": moment_in(record.document, "apologised_at"),
                "reschedules": record.reschedules,
                "last_event_at": record.last_event_at,
                "now": record.updated_at,
                **_facts(record),
            }
            for record in records
        ]
        await self._database.run(SQL["save"], arrays(rows, VERSIONS))

    async def advance(
        self, tenant: str, records: Sequence[DossierRecord], told: Sequence[tuple[DossierRecord, EventRecord]]
    ) -> None:
        """Column by column: there are many of each."""
        steps = [event for _, event in told]
        sealed = self._sealed([*(record.document for record in records), *(step.document for step in steps)])
        await self._database.run(
            SQL["advance"],
            {
                "tenant": tenant,
                "code": Texts([record.code for record in records]),
                "version": Numbers([record.version for record in records]),
                "status": Numbers([record.status for record in records]),
                "document": Bytes(sealed[: len(records)]),
                "finished_at": Moments([finished_at(record) for record in records]),
                "last_event_at": Moments([record.last_event_at for record in records]),
                "now": Moments([record.updated_at for record in records]),
                "step_of": Texts([record.code for record, _ in told]),
                "step_version": Numbers([record.version for record, _ in told]),
                "recorded_at": Moments([record.updated_at for record, _ in told]),
                "event_id": Texts([step.event_id for step in steps]),
                "step_status": Numbers([step.status for step in steps]),
                "previous": Numbers([step.previous for step in steps]),
                "late": Flags([step.late for step in steps]),
                "occurred_at": Moments([step.occurred_at for step in steps]),
                "step": Bytes(sealed[len(records) :]),
            },
        )

    async def due(
        self, tenant: str, *, before: datetime, after: tuple[datetime, str] | None = None, limit: int
    ) -> Sequence[DueView]:
        at, code = after or (None, "")
        rows = await self._rows("due", tenant=tenant, before=before, after=at, after_code=code, limit=limit)
        return [DueView(**{**row, "status": DossierStatus(row["status"])}) for row in rows]

    async def read_facts(self, tenant: str, *, limit: int) -> int:
        """Read the facts of so many dossiers that were stored before there were any; how many were left to read."""
        async with self._database.transaction():
            rows = await self._rows("no_facts", tenant=tenant, limit=limit)
            read = [{"code": row["code"], **_facts(self._record(row))} for row in rows]
            if read:
                await self._database.run(
                    SQL["read_facts"], {"tenant": tenant, **arrays(read, {"code": Texts, **FACTS})}
                )
        return len(rows)

    async def recalled(
        self, tenant: str, steps: Collection[Step]
    ) -> tuple[Mapping[Step, EventRecord], Sequence[ParkedEvent]]:
        named = {
            "code": Texts(code for code, _ in steps),
            "event_id": Texts(event_id for _, event_id in steps),
            "codes": Texts({code for code, _ in steps}),
        }
        told, parked = {}, []
        for row in await self._rows("recalled", tenant=tenant, **named):
            if row["why_code"] is None:
                told[row["code"], row["event_id"]] = self._event(row)
            else:
                parked.append(self._parked(row))
        return told, parked

    async def events(self, tenant: str, code: str) -> Sequence[EventRecord]:
        return (await self.histories(tenant, [code])).get(code, [])

    async def histories(self, tenant: str, codes: Collection[str]) -> Mapping[str, Sequence[EventRecord]]:
        found: dict[str, list[EventRecord]] = defaultdict(list)
        for row in await self._rows("histories", tenant=tenant, codes=list(codes)):
            found[row["code"]].append(self._event(row))
        return found

    async def park(self, tenant: str, *parked: ParkedEvent) -> None:
        rows = [
            {
                "code": each.code,
                "event_id": each.event.event_id,
                "status": int(each.event.status),
                "occurred_at": each.event.occurred_at,
                "document": self._seal(each.event.document),
                "why_code": each.why_code,
                "why": each.why,
                "why_vi": each.why_vi,
                "parked_at": each.parked_at,
            }
            for each in parked
        ]
        await self._database.run(SQL["park"], {"tenant": tenant, **columns(rows)})

    async def parked(
        self, tenant: str, *, code: str = "", after: tuple[datetime, str, str] | None = None, limit: int = 1000
    ) -> Sequence[ParkedEvent]:
        at, after_code, after_id = after or (None, "", "")
        place = {"after": at, "after_code": after_code, "after_id": after_id}
        rows = await self._rows("parked", tenant=tenant, code=code, **place, limit=limit)
        return [self._parked(row) for row in rows]

    async def settle(self, tenant: str, code: str, event_id: str, *, settled_as: str, now: datetime) -> bool:
        values = {"tenant": tenant, "code": code, "event_id": event_id, "settled_as": settled_as, "now": now}
        return (await self._database.run(SQL["settle"], values)).rowcount == 1

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

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

    def _record(self, row: dict[str, Any]) -> DossierRecord:
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

    def _seal(self, document: Mapping[str, Any]) -> bytes:
        return self._sealed([document])[0]

    def _sealed(self, documents: Iterable[Mapping[str, Any]]) -> list[bytes]:
        return self._sealer.seal_each([orjson.dumps(dict(document)) for document in documents], purpose=PURPOSE)

    def _unseal(self, sealed: bytes) -> dict[str, Any]:
        opened: dict[str, Any] = orjson.loads(self._sealer.unseal(sealed, purpose=PURPOSE))
        return opened


def _facts(record: DossierRecord) -> dict[str, Any]:
    return dict(zip(FACTS, _read_facts(facts_of(record)), strict=True))


def _received_on(document: Mapping[str, Any]) -> date | None:
    """The day whose sync figures count the dossier."""
    received = moment_in(document, "received_at")
    return local_day(received) if received else None
