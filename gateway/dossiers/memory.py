"""Dossiers in a dictionary, for tests."""

from __future__ import annotations

from gateway.dossiers.model import DossierRecord
from gateway.dossiers.store import EventRecord


class MemoryDossiers:
    def __init__(self) -> None:
        self.records: dict[tuple[str, str], DossierRecord] = {}
        self.events: dict[tuple[str, str], list[EventRecord]] = {}

    async def lock(self, tenant: str, code: str) -> DossierRecord | None:
        return self.records.get((tenant, code))

    async def find(self, tenant: str, code: str) -> DossierRecord | None:
        return self.records.get((tenant, code))

    async def save(self, record: DossierRecord) -> None:
        self.records[record.tenant, record.code] = record

    async def append(self, record: DossierRecord, event: EventRecord) -> None:
        self.events.setdefault((record.tenant, record.code), []).append(event)

    async def event(self, tenant: str, code: str, event_id: str) -> EventRecord | None:
        events = self.events.get((tenant, code), [])
        return next((event for event in events if event.event_id == event_id), None)
