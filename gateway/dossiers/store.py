"""The port to stored dossiers. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from gateway.domain import DossierStatus
from gateway.dossiers.model import DossierRecord, DueView


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One status event as it was taken in. `document` is the canonical body."""

    event_id: str
    status: DossierStatus
    occurred_at: datetime
    document: Mapping[str, Any] = field(repr=False)
    previous: DossierStatus | None = None
    """The status before it; None of a late one, which moved nothing."""
    late: bool = False
    version: int = 0
    """The version of the dossier that it made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """A step that has no place yet, why, and what became of it (`applied`, `late`, `dismissed`; empty: it waits)."""

    code: str
    event: EventRecord
    why_code: str
    why: str
    why_vi: str
    parked_at: datetime
    settled_as: str = ""


Step = tuple[str, str]
"""A dossier's code and the event_id of one of its steps."""


class DossierStore(Protocol):
    """What is written or read of many dossiers is one statement."""

    async def lock(self, tenant: str, code: str) -> DossierRecord | None:
        """The newest version, locked until the transaction ends; two writers of one dossier wait for each other, also
        where there is no dossier yet."""

    async def lock_all(self, tenant: str, codes: Collection[str]) -> Mapping[str, DossierRecord]:
        """The same of those that there are, by code. Nobody waits in a circle."""

    async def find(self, tenant: str, code: str) -> DossierRecord | None: ...

    async def save(self, *records: DossierRecord) -> None:
        """Insert each, or replace the version before it; of one dossier only one."""

    async def advance(
        self, tenant: str, records: Sequence[DossierRecord], told: Sequence[tuple[DossierRecord, EventRecord]]
    ) -> None:
        """`save` of locked dossiers that steps have moved on: nothing of their document is new but the status and the
        dates of `STEP_TIMES`. Of one dossier only one. `told` is added to the history, each step as part of its
        record's version; history is never changed (DOS-16)."""

    async def due(
        self, tenant: str, *, before: datetime, after: tuple[datetime, str] | None = None, limit: int
    ) -> Sequence[DueView]:
        """Open dossiers that are due before a moment, the longest due first; those after (due moment, code)."""

    async def recalled(
        self, tenant: str, steps: Collection[Step]
    ) -> tuple[Mapping[Step, EventRecord], Sequence[ParkedEvent]]:
        """Those of `steps` that were taken in, and whatever was parked of their dossiers, settled or not."""

    async def histories(self, tenant: str, codes: Collection[str]) -> Mapping[str, Sequence[EventRecord]]:
        """`events` of those that have any."""

    async def events(self, tenant: str, code: str) -> Sequence[EventRecord]:
        """The whole history of one dossier, in the order in which it was told."""

    async def park(self, tenant: str, *parked: ParkedEvent) -> None:
        """Keep steps that have no place; parked again, one gets the new explanation."""

    async def parked(
        self, tenant: str, *, code: str = "", after: tuple[datetime, str, str] | None = None, limit: int = 1000
    ) -> Sequence[ParkedEvent]:
        """Steps that still wait, oldest first, of one dossier or of all; those after (parked at, code, event_id)."""

    async def settle(self, tenant: str, code: str, event_id: str, *, settled_as: str, now: datetime) -> bool:
        """Say what became of it. False: nothing of this name waits."""
