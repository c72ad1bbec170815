"""Traffic goes on while the log cannot be written: by explicit policy (`audit.when_unwritable = "continue"`), bounded,
and with an alarm.

Entries wait in a sealed journal on this machine's disk, and become leaves in their order once the log takes them again.
Such a leaf says so: `late` 1, `late_id`, and between its `occurred_at` and `recorded_at` lies how late. An altered log
(`IntegrityError`) stops traffic under either policy, and so does a spool that is full.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import structlog

from gateway.audit import leaf
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.journal import Journal, left_behind, size_of
from gateway.audit.keys import EntryKeys
from gateway.audit.model import Entry, Recorded
from gateway.audit.recorder import Recorder
from gateway.sdk.errors import GatewayError, IntegrityError


class _Left(Enum):
    NOTHING = auto()
    WAITING = auto()
    SET_ASIDE = auto()


PENDING = Recorded(index=None, leaf_hash=b"")
RETRY_S = 1.0

log = structlog.get_logger()


class SigningRecorder(Recorder, Protocol):
    """What a process records with."""

    async def sign(self, *, only_if_due: bool = False) -> None: ...


class Spool:
    """Implements `SigningRecorder` around another one. `alarm` is told how many entries were late, once they are
    written; that they began to be, the log of the process says at once."""

    def __init__(
        self,
        inner: SigningRecorder,
        keys: EntryKeys,
        folder: Path,
        *,
        max_bytes: int,
        alarm: Callable[[str, int], Awaitable[None]],
    ) -> None:
        """`max_bytes`: of all journals in `folder`; 0: nothing is kept, and traffic stops."""
        self._inner = inner
        self._keys = keys
        self._folder = folder
        self._max_bytes = max_bytes
        self._alarm = alarm
        self._journal: Journal | None = None
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._keeping: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._retry())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What still waits stays on disk, for whoever starts next."""
        await asyncio.gather(*self._keeping, return_exceptions=True)
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._journal:
            self._journal.close()

    async def record(self, entry: Entry) -> Recorded:
        """`Recorded.index` is None when it waits. Behind what waits everything waits, so that the order stays."""
        if self._journal is None:
            try:
                return await self._inner.record(entry)
            except AuditUnavailableError as exc:
                log.critical("audit_not_writable", code=exc.error_code)
        leaf.prepare(entry, self._keys)  # `UnrecordableEntryError` now: later it would keep the others waiting
        keeping = asyncio.create_task(self._keep_in_turn(entry))
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)
        await asyncio.shield(keeping)
        return PENDING

    async def _keep_in_turn(self, entry: Entry) -> None:
        """A task of its own: a thread cannot be cancelled, and the next one would write over what it writes."""
        async with self._turn:
            await asyncio.to_thread(self._keep, entry)

    async def sign(self, *, only_if_due: bool = False) -> None:
        await self._inner.sign(only_if_due=only_if_due)

    async def drain(self) -> int:
        """Write what waits, of this process and of those that are gone; how many. What cannot be written yet waits on;
        a journal that was altered is set aside, and the others are written."""
        written = 0
        for journal in left_behind(self._folder, self._keys):
            done, left = await self._empty(journal)
            written += done
            if left is _Left.WAITING:
                journal.close()
                break
        async with self._turn:
            if self._journal:
                done, left = await self._empty(self._journal)
                written += done
                self._journal = self._journal if left is _Left.WAITING else None
        if written:
            log.warning("audit_written_late", entries=written)
            await self._tell("evidence_late", written)
        return written

    def _keep(self, entry: Entry) -> None:
        if size_of(self._folder) >= self._max_bytes:
            if self._max_bytes:
                log.critical("audit_spool_full", most=self._max_bytes)
            raise AuditUnavailableError("The audit log cannot be written, and its spool is full or not used.")
        if self._journal is None:
            self._journal = Journal.create(self._folder, self._keys)
        self._journal.append(entry)

    async def _empty(self, journal: Journal) -> tuple[int, _Left]:
        """How many were written, and what became of the journal."""
        written = 0
        while True:
            try:
                found = journal.read()
            except IntegrityError:
                log.exception("audit_spool_damaged", journal=journal.path.name)
                journal.set_aside()
                await self._tell("evidence_spool_damaged", 1)
                return written, _Left.SET_ASIDE
            if found is None:
                journal.remove()
                return written, _Left.NOTHING
            entry, end = found
            facts = {**entry.facts, "late": 1, "late_id": journal.late_id(end)}
            try:
                await self._inner.record(replace(entry, facts=facts))
            except GatewayError as exc:
                log.warning("audit_still_not_writable", code=exc.error_code)
                return written, _Left.WAITING
            journal.finish(end)
            written += 1

    async def _retry(self) -> None:
        while True:
            try:
                await self.drain()
            except Exception:
                log.exception("audit_spool_not_drained")
            await asyncio.sleep(RETRY_S)

    async def _tell(self, kind: str, entries: int) -> None:
        try:
            await self._alarm(kind, entries)
        except GatewayError as exc:
            log.error("alarm_not_raised", kind=kind, code=exc.error_code)
