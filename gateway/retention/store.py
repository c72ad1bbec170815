"""The port to what can be erased of the log, and to the holds. No method erases what a hold covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.retention.model import Erased, Hold, Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Rows of one kind and operation that were recorded before."""

    kind: str
    operation: str
    before: datetime


class RetentionStore(Protocol):
    async def present(self, tenant: str, *, before: datetime) -> Sequence[tuple[str, str]]:
        """(kind, operation) of rows that still have bodies and were recorded before."""

    async def erase(self, tenant: str, selection: Selection, *, limit: int) -> Erased:
        """Keys and bodies of the oldest rows of it, `limit` at most, in one transaction."""

    async def erase_reference(self, tenant: str, reference: str) -> Erased:
        """Keys and bodies of every row of a reference."""

    async def erase_subjects(self, tenant: str, *, before: datetime, limit: int) -> Erased:
        """Entries of the index by person; `rows` counts them."""

    async def place(self, tenant: str, hold: Placed) -> Hold: ...

    async def lift(self, tenant: str, hold_id: int, *, by: str, now: datetime) -> Hold | None:
        """None: no hold of that number stands."""

    async def holds(self, tenant: str, *, everything: bool) -> Sequence[Hold]:
        """Those that stand, oldest first; `everything`: lifted ones, too."""
