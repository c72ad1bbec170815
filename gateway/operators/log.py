"""What happens to accounts, as leaves of the audit log (SEC-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.alarms.model import AlarmService, Occasion
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.observability import own_context

LOCKED = "operator_locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event in the life of an account. `login` is empty where none of that name exists: what was typed there may
    have been a password."""

    operation: str
    tenant: str
    login: str = ""
    actor: str = "unknown"
    outcome: str = "answered"
    facts: Mapping[str, str | int] | None = None


class AccountLog:
    """Writes them down before anything is answered."""

    def __init__(self, recorder: Recorder, alarms: AlarmService, *, clock: Callable[[], datetime]) -> None:
        self._recorder = recorder
        self._alarms = alarms
        self._clock = clock

    async def write(self, happening: Happening) -> None:
        entry = Entry(
            kind=EntryKind.ADMIN,
            tenant=happening.tenant,
            actor=happening.actor,
            operation=happening.operation,
            outcome=happening.outcome,
            occurred_at=self._clock(),
            trace_id=own_context(happening.tenant).trace_id,
            reference=f"operator:{happening.login}" if happening.login else "",
            facts=dict(happening.facts or {}),
        )
        await self._recorder.record(entry)

    async def locked(self, tenant: str, *, login: str, failures: int) -> None:
        """Somebody guesses: a leaf, and an alarm."""
        facts: dict[str, str | int] = {"failures": failures}
        await self.write(Happening(operation=LOCKED, tenant=tenant, login=login, outcome="locked", facts=facts))
        about = f"operator:{login}" if login else "address"
        occasion = Occasion(kind=LOCKED, about=about, facts=facts)
        await self._alarms.raise_alarm(occasion, context=replace(own_context(tenant), actor="unknown"))
