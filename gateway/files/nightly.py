"""Compare every stored file with the digest of what was taken in, each once in a cycle (SEC-10), and sweep what came of
files that never came to their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.chores.nightly import Chore
from gateway.domain import Context
from gateway.files.model import FileService
from gateway.files.store import FileStore
from gateway.observability import continue_trace
from gateway.sdk.errors import BusyError, IntegrityError, NotFoundError

COMING = timedelta(days=1)
"""A body may take minutes; what began to come longer ago, and is no file, is of a process that died."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """How often, and how much of it in one night."""

    days: int
    per_night: int


class FileCheck:
    """A file that differs is not handed out, to nobody; an alarm names it until the sender sends it again or an
    operator restores it, and the digest decides whether that is the file."""

    def __init__(
        self,
        store: FileStore,
        files: FileService,
        *,
        alarms: AlarmService,
        recorder: Recorder,
        cycle: Cycle,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._files = files
        self._alarms = alarms
        self._recorder = recorder
        self._cycle = cycle
        self._clock = clock

    def chore(self, at: time, *, tenant: str) -> Chore:
        return Chore(name="check_files", at=at, do=lambda: self.check(tenant))

    async def check(self, tenant: str) -> int:
        """Those that were not looked at for a cycle, oldest first; how many differ."""
        trace = continue_trace("")
        context = Context(tenant=tenant, actor="worker", trace_id=trace.trace_id, traceparent=trace.traceparent)
        if swept := await self._store.sweep(tenant, before=self._clock() - COMING):
            log.warning("files_swept", files=swept)
        before = self._clock() - timedelta(days=self._cycle.days)
        due = await self._store.unchecked(tenant, before=before, limit=self._cycle.per_night)
        checked = damaged = 0
        for file_id in due:
            try:
                is_sound = await self._is_sound(tenant, file_id)
            except BusyError as exc:  # another night's
                log.warning("file_not_checked", file_id=file_id, code=exc.error_code)
                continue
            checked += 1
            if not is_sound:
                damaged += 1
                occasion = Occasion(kind="file_altered", about=f"file:{file_id}")
                await self._alarms.raise_alarm(occasion, context=context)
            await self._store.checked(tenant, file_id, at=self._clock())
        if due:
            await self._recorder.record(self._entry(context, checked=checked, damaged=damaged))
        return damaged

    async def _is_sound(self, tenant: str, file_id: str) -> bool:
        try:
            await self._files.file(tenant, file_id)
        except IntegrityError:
            return False
        except NotFoundError:  # it went meanwhile
            return True
        return True

    def _entry(self, context: Context, **counts: int) -> Entry:
        return Entry(
            kind=EntryKind.ADMIN,
            tenant=context.tenant,
            actor=context.actor,
            operation="check_files",
            outcome="answered",
            occurred_at=self._clock(),
            trace_id=context.trace_id,
            facts=counts,
        )
