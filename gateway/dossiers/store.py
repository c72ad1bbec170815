"""The port to stored dossiers. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from gateway.domain import DossierStatus
from gateway.dossiers.model import DossierRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One status event as it was taken in. `document` is the canonical body."""

    event_id: str
    status: DossierStatus
    occurred_at: datetime
    document: Mapping[str, Any] = field(repr=False)


class DossierStore(Protocol):
    async def lock(self, tenant: str, code: str) -> DossierRecord | None:
        """The newest version, locked until the transaction ends; two writers of one dossier wait for each other."""

    async def find(self, tenant: str, code: str) -> DossierRecord | None: ...

    async def save(self, record: DossierRecord) -> None:
        """Insert, or replace the version before it."""

    async def append(self, record: DossierRecord, event: EventRecord) -> None:
        """Add an event to the history, as part of `record.version`. History is never changed (DOS-16)."""

    async def event(self, tenant: str, code: str, event_id: str) -> EventRecord | None: ...
