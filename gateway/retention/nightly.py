"""Erase every night what is due, in bounded batches, and leave the proof (PDP-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.chores.nightly import Chore
from gateway.observability import continue_trace
from gateway.retention.kinds import kind_of
from gateway.retention.model import Erased
from gateway.retention.settings import LEAST_DAYS, RetentionSettings
from gateway.retention.store import RetentionStore, Selection

BATCH = 1000
"""Rows of one transaction."""


class ScheduledErasure:
    """Bodies by kind of data and operation, then the index by person. Leaves are never erased: a proof needs them all,
    and they name nobody."""

    def __init__(
        self,
        store: RetentionStore,
        recorder: Recorder,
        *,
        tenant: str,
        settings: RetentionSettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._tenant = tenant
        self._settings = settings
        self._clock = clock

    async def __call__(self) -> Erased:
        """What was erased of bodies. What does not fit into one night is erased in the next ones."""
        now, total = self._clock(), Erased()
        for kind, operation in await self._store.present(self._tenant, before=now - timedelta(days=LEAST_DAYS)):
            rule, kept = self._rule(kind, operation)
            selection = Selection(kind=kind, operation=operation, before=now - kept)
            total += await self._erase(selection, rule=rule, kept=kept, most=self._settings.per_night - total.rows)
        await self._erase_subjects(now)
        return total

    def chore(self) -> Chore:
        return Chore(name="erase_bodies", at=self._settings.erase_at, do=self)

    def _rule(self, kind: str, operation: str) -> tuple[str, timedelta]:
        """Its name and how long it keeps: the provider's own rule where that is longer (SEC-14)."""
        data = kind_of(kind, operation)
        usual, own = self._settings.kept[data], timedelta(days=self._settings.rules.get(operation, 0))
        return (f"provider:{operation}", own) if own > usual else (data.value, usual)

    async def _erase(self, selection: Selection, *, rule: str, kept: timedelta, most: int) -> Erased:
        erased = Erased()
        try:
            while erased.rows < most:
                done = await self._store.erase(self._tenant, selection, limit=min(BATCH, most - erased.rows))
                erased += done
                if not done.rows:
                    break
        finally:  # what an error broke off is proven as far as it went
            if erased.rows:
                named: dict[str, str | int] = {
                    "rule": rule,
                    "of": f"{selection.kind}/{selection.operation}",
                    "kept_days": kept.days,
                }
                await self._record("erase_bodies", {**erased.facts(), **named})
        return erased

    async def _erase_subjects(self, now: datetime) -> None:
        days, erased = self._settings.subjects_days, Erased()
        while erased.rows < self._settings.per_night:
            done = await self._store.erase_subjects(self._tenant, before=now - timedelta(days=days), limit=BATCH)
            erased += done
            if not done.rows:
                break
        if erased.rows:
            await self._record("erase_subjects", {**erased.facts(), "rule": "subjects", "kept_days": days})

    async def _record(self, operation: str, facts: dict[str, str | int]) -> None:
        entry = Entry(
            kind=EntryKind.ADMIN,
            tenant=self._tenant,
            actor="worker",
            operation=operation,
            outcome="answered",
            occurred_at=self._clock(),
            trace_id=continue_trace("").trace_id,
            facts=facts,
        )
        await self._recorder.record(entry)
