"""An act of the province's staff, as its leaf says it (SEC-04). Whoever acts writes it in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.audit.model import Entry, EntryKind
from gateway.domain import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done, and to what. What people wrote goes into `bodies`, which are sealed, never into `facts`."""

    operation: str
    reference: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    bodies: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def entry(self, context: Context, *, at: datetime) -> Entry:
        return Entry(
            kind=EntryKind.ADMIN,
            tenant=context.tenant,
            actor=context.actor,
            operation=self.operation,
            outcome="answered",
            occurred_at=at,
            trace_id=context.trace_id,
            reference=self.reference,
            facts=self.facts,
            bodies=self.bodies,
        )
