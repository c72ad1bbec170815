"""The writing side: whatever waits is committed together, and nobody is told before it is durable.

No timer gathers entries. While one transaction commits, the next batch collects behind it, so a lone entry waits for
nothing and a hundred share one flush of the disk.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import NamedTuple, Self

import structlog

from gateway.audit import batch, leaf
from gateway.audit.batch import Policy
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.keys import LogKeys
from gateway.audit.model import Entry, Prepared, Recorded
from gateway.audit.rows import Batch, Head
from gateway.audit.store import AuditStore
from gateway.sdk import GatewayError

log = structlog.get_logger()


class _Waiting(NamedTuple):
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
        self._waiting: list[_Waiting] = []
        self._is_waited_for = asyncio.Event()
        """There is something to write, or to be ended."""
        self._room = asyncio.Semaphore(self._policy.max_waiting)
        self._tenants: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._running = False

    async def __aenter__(self) -> Self:
        self._running = True
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._sign_in_time())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running = False
        self._is_waited_for.set()
        try:
            await asyncio.wait(self._tasks[:1])
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sign_or_warn(only_if_due=False)

    async def record(self, entry: Entry) -> Recorded:
        """`AuditUnavailableError`: it may or may not have been written, and must not be relied on.

        A caller that is cancelled while it waits loses the answer; the entry is written all the same.
        """
        self._check_running()
        prepared = leaf.prepare(entry, self._keys)
        async with self._room:
            self._check_running()  # once more: nothing may enter the queue after its writer has left
            done: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
            self._tenants.add(entry.tenant)
            self._waiting.append(_Waiting(prepared, done))
            self._is_waited_for.set()
            return await done

    async def sign(self, *, only_if_due: bool = False) -> None:
        """Sign a checkpoint of every log that we write to and that has grown since its last one.

        Only of those: a log that another installation writes in the same database is signed with its own key.
        """
        for tenant in await self._store.unsigned():
            if tenant in self._tenants:
                await self._store.append(tenant, partial(self._build, tenant, sign_anyway=not only_if_due))

    def _check_running(self) -> None:
        if not self._running:
            raise AuditUnavailableError("The audit log is not running.")

    async def _write(self) -> None:
        """Until the log is left and nothing waits any more."""
        try:
            while self._running or self._waiting:
                await self._is_waited_for.wait()
                await asyncio.sleep(0)  # whom the last commit has just answered may have the next entry ready
                await self._write_batch()
        finally:
            self._running = False
            _stop(self._waiting)

    async def _write_batch(self) -> None:
        """The oldest of what waits."""
        most = self._policy.max_batch
        batch, self._waiting = self._waiting[:most], self._waiting[most:]
        if not self._waiting:
            self._is_waited_for.clear()
        try:
            by_tenant: dict[str, list[_Waiting]] = defaultdict(list)
            for one in batch:
                by_tenant[one.entry.tenant].append(one)
            for tenant, several in by_tenant.items():
                await self._commit(tenant, several)
        except BaseException:
            _stop(batch)
            raise

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
        for index, (one, leaf_hash) in enumerate(zip(several, written.hashes, strict=True), written.first):
            _resolve(one.done, Recorded(index=index, leaf_hash=leaf_hash))

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
            await self._sign_or_warn(only_if_due=True)

    async def _sign_or_warn(self, *, only_if_due: bool) -> None:
        try:
            await self.sign(only_if_due=only_if_due)
        except Exception:
            log.exception("checkpoint_not_signed")


def _resolve(done: asyncio.Future[Recorded], result: Recorded | BaseException) -> None:
    """Tell a waiter, if it still waits."""
    if done.done():
        return
    if isinstance(result, BaseException):
        done.set_exception(result)
    else:
        done.set_result(result)


def _stop(waiting: Sequence[_Waiting]) -> None:
    """Tell those that were told nothing yet."""
    for one in waiting:
        _resolve(one.done, AuditUnavailableError("The audit log stopped before the entry was known to be durable."))
