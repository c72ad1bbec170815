"""Verifications of the log that somebody began and that go on by themselves: how far they are, what they found.

What is found is an alarm and a leaf; a run whose process is gone says so by not moving any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn, Protocol

import structlog

from gateway.audit.acts import Act
from gateway.audit.exhibits import Source
from gateway.audit.findings import Finding
from gateway.audit.recorder import Recorder
from gateway.audit.tail import Tail
from gateway.audit.verify import Report, Verifier, run
from gateway.domain import Context
from gateway.sdk.errors import ConflictError, GatewayError

NEWEST = 5000
"""Rows of a short run, at least."""
MOVES_S = 0.5
ALIVE = timedelta(seconds=30)
"""A run that has not moved for so long is over, though nobody ended it."""
ALTERED = "log_altered"

log = structlog.get_logger()

Alarm = Callable[[str, str, Mapping[str, str | int]], Awaitable[None]]
"""(kind, about, facts)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """`whole`: every row and every body; else the newest rows. `size`: rows that there were."""

    whole: bool
    size: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of it. `failure`: the code of what broke it off; then nothing is known."""

    first_row: int
    done: int
    at: datetime
    signed: int = 0
    checkpoints: int = 0
    bodies: int = 0
    erased: int = 0
    finding: Finding | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Một lần kiểm chứng nhật ký."""

    id: int
    begun: Begun
    moved_at: datetime
    first_row: int = 0
    done: int = 0
    ended: Ended | None = None

    def is_running(self, now: datetime) -> bool:
        return self.ended is None and now - self.moved_at <= ALIVE


class CheckStore(Protocol):
    """What is kept of them. A tenant has one running at a time."""

    async def begin(self, tenant: str, begun: Begun) -> Check | None:
        """Joins the transaction that is open. None: another one is running."""

    async def move(self, tenant: str, check: Check) -> None:
        """How far it has come."""

    async def end(self, tenant: str, check_id: int, ended: Ended) -> None:
        """For good."""

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Check]:
        """Newest first."""


class LogChecks:
    """Of one tenant's log."""

    def __init__(
        self,
        source: Source,
        store: CheckStore,
        *,
        recorder: Recorder,
        alarm: Alarm,
        atomically: Callable[[], AbstractAsyncContextManager[Any]],
        clock: Callable[[], datetime],
    ) -> None:
        self._source = source
        self._store = store
        self._recorder = recorder
        self._alarm = alarm
        self._atomically = atomically
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()

    async def begin(self, *, whole: bool, context: Context) -> Check:
        """It goes on after this returns. `ConflictError`: another one is running."""
        size = (await self._source.reader.head(self._source.tenant)).size
        begun = Begun(whole=whole, size=size, at=self._clock(), by=context.actor)
        async with self._atomically():
            check = await self._store.begin(self._source.tenant, begun) or _busy()
            await self._record(check, context=context, outcome="accepted", facts={"rows": size})
        task = asyncio.create_task(self._run(check, context))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return check

    async def listed(self, *, limit: int) -> Sequence[Check]:
        return await self._store.listed(self._source.tenant, limit=limit)

    async def finished(self) -> None:
        """Returns when what this process has begun is over."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, check: Check, context: Context) -> None:
        try:
            ended = await self._verified(check)
        except Exception as exc:
            log.exception("log_check_broken_off", check=check.id)
            failure = exc.error_code if isinstance(exc, GatewayError) else GatewayError.code
            ended = Ended(first_row=0, done=0, at=self._clock(), failure=failure)
        try:
            await self._store.end(self._source.tenant, check.id, ended)
            await self._tell(check, ended, context=context)
        except GatewayError as exc:
            log.error("log_check_not_told", check=check.id, code=exc.error_code)

    async def _verified(self, check: Check) -> Ended:
        source = self._source
        if check.begun.whole:
            whole = Verifier(source.tenant, source.public_key)
            report = await self._watched(check, whole, run(whole, source.reader, source.tenant, sealer=source.sealer))
            return _ended(report, first_row=0, at=self._clock())
        tail = Tail(source.reader, source.tenant, public_key=source.public_key)
        report = await self._watched(check, tail, tail.verify(rows=NEWEST))
        return _ended(report, first_row=tail.first, at=self._clock())

    async def _watched(self, check: Check, walk: Verifier | Tail, work: Awaitable[Report]) -> Report:
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=MOVES_S)
                first = walk.first if isinstance(walk, Tail) else 0
                moved = Check(id=check.id, begun=check.begun, moved_at=self._clock(), first_row=first, done=walk.size)
                await self._store.move(self._source.tenant, moved)
            return task.result()
        finally:
            task.cancel()

    async def _tell(self, check: Check, ended: Ended, *, context: Context) -> None:
        facts: dict[str, str | int] = {"first": ended.first_row, "rows": ended.done}
        if ended.finding is None:
            await self._record(check, context=context, outcome=ended.failure or "sound", facts=facts)
            return
        row = -1 if ended.finding.index is None else ended.finding.index
        await self._record(check, context=context, outcome="altered", facts={**facts, "row": row})
        await self._alarm(ALTERED, f"row:{row}", {"row": row, "check": check.id})

    async def _record(self, check: Check, *, context: Context, outcome: str, facts: Mapping[str, str | int]) -> None:
        entry = Act(
            operation="verify_log",
            outcome=outcome,
            reference=f"log_check:{check.id}",
            facts={**facts, "whole": str(check.begun.whole).lower()},
        ).entry(context, at=self._clock())
        await self._recorder.record(entry)


def _ended(report: Report, *, first_row: int, at: datetime) -> Ended:
    return Ended(
        first_row=first_row,
        done=report.size,
        at=at,
        signed=report.signed,
        checkpoints=report.checkpoints,
        bodies=report.bodies,
        erased=report.erased,
        finding=report.finding,
    )


def _busy() -> NoReturn:
    raise ConflictError(
        "The log is being verified already; wait for that run.",
        vi="Nhật ký đang được kiểm chứng; hãy chờ lần đang chạy xong.",
        what="check_running",
    )
