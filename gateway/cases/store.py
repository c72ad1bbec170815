"""The port to stored cases. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.cases.model import Case, Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A person's word that a case was cleared up, and the SHA-256 of what proves it."""

    by: str
    resolution: str
    evidence: str
    at: datetime


class CaseStore(Protocol):
    async def open(self, tenant: str, opening: Opening, *, now: datetime, due_at: datetime) -> tuple[Case, bool]:
        """The case, and whether it is new. It is not when one about the same waits, or when one about the same with the
        same facts was resolved. Of many at once, one opens it."""

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, day: date | None, rail: str = ""
    ) -> Sequence[Case]:
        """By the time at which they are due; only those that wait, or `everything`; of a day and a rail, or of any."""

    async def find(self, tenant: str, case_id: int) -> Case | None: ...

    async def resolve(self, tenant: str, case_id: int, resolved: Resolved) -> Case | None:
        """None: no case with this number waits. Resolved once, it stays so."""
