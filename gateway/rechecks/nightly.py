"""Erase what rechecks said about people, once nobody needs it (PDP-11), and leave the proof."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.chores.nightly import Chore
from gateway.observability import continue_trace
from gateway.rechecks.store import RecheckStore


class Erasure:
    """Erases the requests and results of rechecks that ended `keep` ago; their rows stay."""

    def __init__(
        self,
        store: RecheckStore,
        recorder: Recorder,
        *,
        tenant: str,
        keep: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._tenant = tenant
        self._keep = keep
        self._clock = clock

    async def __call__(self) -> int:
        """How many were erased."""
        now = self._clock()
        erased = await self._store.erase(self._tenant, ended_before=now - self._keep, now=now)
        if erased:
            await self._recorder.record(self._entry(erased, now))
        return erased

    def chore(self, at: time) -> Chore:
        """Once a day, at this local time."""
        return Chore(name="erase_rechecks", at=at, do=self)

    def _entry(self, erased: int, now: datetime) -> Entry:
        return Entry(
            kind=EntryKind.ADMIN,
            tenant=self._tenant,
            actor="worker",
            operation="erase_rechecks",
            outcome="answered",
            occurred_at=now,
            trace_id=continue_trace("").trace_id,
            facts={"erased": erased, "kept_days": self._keep.days},
        )
