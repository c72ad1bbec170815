"""Follow the log in order and write what its leaves say into columns.

The place in the log and the rows are one database transaction, so that a crash repeats a batch and loses none. What
cannot be read as a leaf is indexed all the same, as a fault of ours: nobody hides what comes after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import orjson

from gateway.audit.model import EntryKind
from gateway.audit.rows import Row
from gateway.audit.store import AuditReader
from gateway.sdk.errors import IntegrityError
from gateway.transactions.faults import Happened, fault_of
from gateway.transactions.model import Fault, Transaction
from gateway.transactions.store import TransactionStore

BATCH = 1000
"""Leaves in one database transaction."""
LONGEST = 200
"""Letters of a column; longer ones would fit no index."""
MOST_MS = 2**31 - 1
PATIENCE_S = 0.02
BESIDE = frozenset({"shadow_of", "copy_of_call", "tried"})
"""Facts of an exchange after which the system was not asked for anybody."""
RECONCILE = "reconcile"


class Indexer:
    """Reads one tenant's log."""

    def __init__(
        self,
        store: TransactionStore,
        log: AuditReader,
        *,
        tenant: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
        batch: int = BATCH,
    ) -> None:
        self._store = store
        self._log = log
        self._tenant = tenant
        self._atomically = atomically
        self._clock = clock
        self._batch = batch

    async def step(self) -> int | None:
        """Index the next leaves; how many. None: another process is at it."""
        async with self._atomically():
            first = await self._store.turn(self._tenant)
            if first is None:
                return None
            at = self._clock()
            size = (await self._log.head(self._tenant)).size
            end = min(size, first + self._batch)
            if end <= first:
                await self._store.add(self._tenant, [], next_index=first, now=at)
                return 0
            leaves = await self._log.span(self._tenant, first=first, last=end - 1, limit=self._batch)
            if len(leaves) == self._batch and leaves[-1].index + 1 < end:  # an index that stands twice took the room
                end = max(leaves[-1].index, first + 1)
            rows = [transaction_of(row) for row in leaves if row.index < end]
            read_until = at if end >= size or not rows else min(rows[-1].recorded_at, at)
            await self._store.add(self._tenant, rows, next_index=end, now=read_until)
        return end - first

    async def catch_up(self, *, within_s: float) -> int:
        """For somebody who waits: read on for at most so long, and then say how many leaves are still unread."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while loop.time() < end:
            done = await self.step()
            if done is None:
                await asyncio.sleep(PATIENCE_S)
            elif done < self._batch:
                break
        return await self.behind()

    async def behind(self) -> int:
        """How many leaves are not indexed."""
        size = (await self._log.head(self._tenant)).size
        return max(size - await self._store.read_up_to(self._tenant), 0)


def transaction_of(row: Row) -> Transaction:
    """What a leaf says; of what is no leaf, what stands beside it."""
    try:
        return _read(row)
    except (IntegrityError, ValueError, KeyError, TypeError, AttributeError):
        return Transaction(
            index=row.index,
            recorded_at=row.recorded_at,
            kind=EntryKind.ALARM,
            actor="",
            operation="unreadable_leaf",
            system="",
            outcome="ours.integrity",
            fault=Fault.OURS,
            reference=_column(row.reference),
            trace_id=_column(row.trace_id),
        )


def _read(row: Row) -> Transaction:
    said: dict[str, Any] = orjson.loads(row.leaf)
    kind, facts = EntryKind(said["kind"]), said["facts"]
    system, outcome = said["system"], said["outcome"]
    duration = facts.get("duration_ms")
    is_told = isinstance(duration, int) and 0 <= duration <= MOST_MS
    return Transaction(
        index=row.index,
        recorded_at=row.recorded_at,
        kind=kind,
        actor=_column(said["actor"]),
        operation=_column(said["operation"]),
        system=_column(system),
        outcome=_column(outcome),
        fault=fault_of(Happened(kind=kind, outcome=outcome, system=system, facts=facts)),
        reference=_column(said["reference"]),
        trace_id=_column(said["trace_id"]),
        call_id=_column(facts.get("call_id") or facts.get("copy_of_call") or ""),
        duration_ms=duration if is_told else None,
        beside=kind is EntryKind.EXCHANGE and (said["operation"] == RECONCILE or not BESIDE.isdisjoint(facts)),
    )


def _column(text: str) -> str:
    """As a column holds it. `AttributeError`: it is no text."""
    return text.replace("\0", "")[:LONGEST]
