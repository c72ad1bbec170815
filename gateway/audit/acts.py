"""An act of the province's staff, as its leaf says it (SEC-04). Whoever acts writes it in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.audit.model import Entry, EntryKind
from gateway.domain import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done, and to what. What people wrote goes into `bodies`, which are sealed, never into `facts`.
    `subjects`: the personal numbers of those whom it concerns (PDP-03)."""

    operation: str
    reference: str = ""
    system: str = ""
    outcome: str = "answered"
    facts: Mapping[str, str | int] = field(default_factory=dict)
    bodies: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    subjects: tuple[str, ...] = field(default=(), repr=False)

    def entry(self, context: Context, *, at: datetime) -> Entry:
        return Entry(
            kind=EntryKind.ADMIN,
            tenant=context.tenant,
            actor=context.actor,
            operation=self.operation,
            outcome=self.outcome,
            occurred_at=at,
            trace_id=context.trace_id,
            system=self.system,
            reference=self.reference,
            facts=dict(self.facts),
            bodies=dict(self.bodies),
            subjects=self.subjects,
        )
