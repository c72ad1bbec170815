"""What a person did, as a leaf: written together with the act, by whatever service does it (SEC-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.domain import Context


class Deeds:
    """Việc đã làm. Call it inside the transaction of the act: no evidence, no act."""

    def __init__(self, recorder: Recorder, *, clock: Callable[[], datetime]) -> None:
        self._recorder = recorder
        self._clock = clock

    async def done(
        self,
        operation: str,
        *,
        reference: str,
        facts: Mapping[str, str | int],
        context: Context,
        bodies: Mapping[str, bytes] | None = None,
    ) -> None:
        """`context.actor` did it. What people wrote goes into `bodies`, which are sealed, never into `facts`."""
        entry = Entry(
            kind=EntryKind.ADMIN,
            tenant=context.tenant,
            actor=context.actor,
            operation=operation,
            outcome="answered",
            occurred_at=self._clock(),
            trace_id=context.trace_id,
            reference=reference,
            facts=dict(facts),
            bodies=dict(bodies or {}),
        )
        await self._recorder.record(entry)
