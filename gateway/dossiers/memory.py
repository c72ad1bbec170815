"""Dossiers in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.domain import DossierStatus
from gateway.dossiers.model import DossierRecord, DueView
from gateway.dossiers.store import EventRecord, ParkedEvent, Step

CLOSED = {DossierStatus.REFUSED, DossierStatus.PROCESSED, DossierStatus.RETURNED}


class MemoryDossiers:
    def __init__(self) -> None:
        self.records: dict[tuple[str, str], DossierRecord] = {}
        self.history: dict[tuple[str, str], list[EventRecord]] = {}
        self.waiting: dict[tuple[str, str, str], ParkedEvent] = {}

    async def lock(self, tenant: str, code: str) -> DossierRecord | None:
        return self.records.get((tenant, code))

    async def lock_all(self, tenant: str, codes: Collection[str]) -> Mapping[str, DossierRecord]:
        return {code: self.records[tenant, code] for code in codes if (tenant, code) in self.records}

    async def find(self, tenant: str, code: str) -> DossierRecord | None:
        return self.records.get((tenant, code))

    async def save(self, *records: DossierRecord) -> None:
        for record in records:
            first = self.records.get((record.tenant, record.code)) or record
            self.records[record.tenant, record.code] = replace(
                record,
                pack=first.pack,
                target=first.target,
                updated_at=max(first.updated_at, record.updated_at),
            )

    async def advance(
        self, tenant: str, records: Sequence[DossierRecord], told: Sequence[tuple[DossierRecord, EventRecord]]
    ) -> None:
        await self.save(*records)
        for record, event in told:
            self.history.setdefault((tenant, record.code), []).append(replace(event, version=record.version))

    async def due(
        self, tenant: str, *, before: datetime, after: tuple[datetime, str] | None = None, limit: int
    ) -> Sequence[DueView]:
        found = [
            DueView(
                code=record.code,
                status=record.status,
                due_at=datetime.fromisoformat(record.document["due_at"]),
                apologised=bool(record.document.get("apologised_at")),
                pack=record.pack,
            )
            for record in self.records.values()
            if record.tenant == tenant and record.document.get("due_at") and record.status not in CLOSED
        ]
        places = {(view.due_at, view.code): view for view in found if view.due_at < before}
        return [places[place] for place in sorted(places) if after is None or place > after][:limit]

    async def recalled(
        self, tenant: str, steps: Collection[Step]
    ) -> tuple[Mapping[Step, EventRecord], Sequence[ParkedEvent]]:
        codes = {code for code, _ in steps}
        told = {(code, event.event_id): event for code in codes for event in await self.events(tenant, code)}
        parked = [one for (owner, code, _), one in self.waiting.items() if owner == tenant and code in codes]
        return {step: told[step] for step in steps if step in told}, parked

    async def histories(self, tenant: str, codes: Collection[str]) -> Mapping[str, Sequence[EventRecord]]:
        return {code: self.history[tenant, code] for code in codes if (tenant, code) in self.history}

    async def events(self, tenant: str, code: str) -> Sequence[EventRecord]:
        return list(self.history.get((tenant, code), []))

    async def park(self, tenant: str, *parked: ParkedEvent) -> None:
        for each in parked:
            held = self.waiting.get((tenant, each.code, each.event.event_id))
            self.waiting[tenant, each.code, each.event.event_id] = replace(
                each, parked_at=held.parked_at if held else each.parked_at
            )

    async def parked(
        self, tenant: str, *, code: str = "", after: tuple[datetime, str, str] | None = None, limit: int = 1000
    ) -> Sequence[ParkedEvent]:
        places = {
            (parked.parked_at, parked.code, parked.event.event_id): parked
            for (owner, dossier, _), parked in self.waiting.items()
            if owner == tenant and code in {"", dossier} and not parked.settled_as
        }
        return [places[place] for place in sorted(places) if after is None or place > after][:limit]

    async def settle(self, tenant: str, code: str, event_id: str, *, settled_as: str, now: datetime) -> bool:  # noqa: ARG002
        parked = self.waiting.get((tenant, code, event_id))
        if parked is None or parked.settled_as:
            return False
        self.waiting[tenant, code, event_id] = replace(parked, settled_as=settled_as)
        return True
