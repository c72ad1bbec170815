"""The writing side: whatever waits is committed together, and nobody is told before it is durable.

No timer gathers entries. While one transaction commits, the next batch collects behind it, so a lone entry waits for
nothing and a hundred share one flush of the disk.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from gateway.audit import batch, leaf
from gateway.audit.batch import Policy
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.keys import LogKeys
from gateway.audit.leaf import Prepared
from gateway.audit.model import Entry, Recorded
from gateway.audit.rows import Batch, Head
from gateway.audit.store import AuditStore
from gateway.sdk import GatewayError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An entry, and the future of whoever recorded it."""

    entry: Prepared
    done: asyncio.Future[Recorded]


class AuditLog:
    """Implements `Recorder`. Use it as a context manager: leaving it writes what waits and signs the end."""

    def __init__(
        self, store: AuditStore, keys: LogKeys, *, clock: Callable[[], datetime], policy: Policy | None = None
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._policy = policy or Policy()
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(self._policy.max_waiting)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._sign_in_time())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._queue.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self.sign()
        except GatewayError as failed:
            log.warning("checkpoint_not_signed", code=failed.error_code)

    async def record(self, entry: Entry) -> Recorded:
        """`AuditUnavailableError`: it may or may not have been written, and must not be relied on.

        A caller that is cancelled while it waits loses the answer; the entry is written all the same.
        """
        if not self._tasks or self._tasks[0].done():
            raise AuditUnavailableError("The audit log is not running.")
        waiting = _Waiting(leaf.prepare(entry, self._keys), asyncio.get_running_loop().create_future())
        await self._queue.put(waiting)
        return await waiting.done

    async def sign(self, *, only_if_due: bool = False) -> None:
        """Sign a checkpoint of every log that has grown since its last one."""
        for tenant in await self._store.unsigned():
            await self._store.append(tenant, partial(self._build, tenant, sign_anyway=not only_if_due))

    async def _write(self) -> None:
        while True:
            waiting = [await self._queue.get()]
            while not self._queue.empty() and len(waiting) < self._policy.max_batch:
                waiting.append(self._queue.get_nowait())
            by_tenant: dict[str, list[_Waiting]] = defaultdict(list)
            for one in waiting:
                by_tenant[one.entry.tenant].append(one)
            for tenant, several in by_tenant.items():
                await self._commit(tenant, several)
            for _ in waiting:
                self._queue.task_done()

    async def _commit(self, tenant: str, several: list[_Waiting]) -> None:
        entries = [one.entry for one in several]
        try:
            written = await self._store.append(tenant, partial(self._build, tenant, entries=entries))
        except Exception as exc:
            log.exception("audit_not_written", entries=len(entries))
            error = exc if isinstance(exc, GatewayError) else AuditUnavailableError("The audit log failed.")
            for one in several:
                _resolve(one.done, error)
            return
        for one, row in zip(several, written.rows, strict=True):
            _resolve(one.done, Recorded(index=row.index, leaf_hash=row.leaf_hash))

    def _build(self, tenant: str, head: Head, entries: Sequence[Prepared] = (), *, sign_anyway: bool = False) -> Batch:
        now = self._clock()
        extended = batch.extend(head, entries, now=now)
        grown = extended.head.size > extended.head.signed_size
        if self._policy.due(extended.head, now) or (sign_anyway and grown):
            return batch.signed(extended, tenant=tenant, signer=self._keys, now=now)
        return extended

    async def _sign_in_time(self) -> None:
        while True:
            await asyncio.sleep(self._policy.checkpoint_every_s)
            try:
                await self.sign(only_if_due=True)
            except GatewayError as exc:
                log.warning("checkpoint_not_signed", code=exc.error_code)


def _resolve(done: asyncio.Future[Recorded], result: Recorded | BaseException) -> None:
    """Tell a waiter, if it still waits."""
    if done.done():
        return
    if isinstance(result, BaseException):
        done.set_exception(result)
    else:
        done.set_result(result)
