"""The log is read in order, once, and nothing in it stops the reader."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from services import NOW

from gateway.audit.log import AuditLog
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry, EntryKind
from gateway.signing import Keyring
from gateway.transactions.indexer import LONGEST, Indexer
from gateway.transactions.memory import MemoryTransactions
from gateway.transactions.model import Fault, Transaction, Wanted

TENANT = "H99"
ENTRY = Entry(
    kind=EntryKind.EXCHANGE,
    tenant=TENANT,
    actor="motcua",
    operation="verify_citizen",
    outcome="partner.no_answer",
    occurred_at=NOW,
    trace_id="b" * 32,
    system="dancu",
    reference="H99-7",
    facts={"call_id": "C7", "duration_ms": 31},
)


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
def store() -> MemoryTransactions:
    return MemoryTransactions()


def reader(store: MemoryTransactions, audit: MemoryAudit, **options: Any) -> Indexer:
    return Indexer(store, audit, tenant=TENANT, atomically=nullcontext, clock=lambda: NOW, **options)


async def record(audit: MemoryAudit, *entries: Entry) -> None:
    async with AuditLog(audit, Keyring.ephemeral(), clock=lambda: NOW) as log:
        for entry in entries:
            await log.record(entry)


async def indexed(store: MemoryTransactions) -> list[Transaction]:
    return list((await store.search(TENANT, Wanted())).rows)[::-1]


async def test_a_leaf_becomes_a_row_with_its_fault(audit: MemoryAudit, store: MemoryTransactions) -> None:
    await record(audit, ENTRY)
    assert await reader(store, audit).step() == 1
    (row,) = await indexed(store)
    assert (row.index, row.fault, row.call_id, row.duration_ms) == (0, Fault.PARTNER_TECHNICAL, "C7", 31)
    assert (row.actor, row.operation, row.system, row.outcome) == (
        "motcua",
        "verify_citizen",
        "dancu",
        "partner.no_answer",
    )
    assert (row.reference, row.trace_id, row.recorded_at) == ("H99-7", "b" * 32, NOW)


@pytest.mark.parametrize(
    ("changes", "beside"),
    [
        ({}, False),
        ({"facts": {"call_id": "C7", "duration_ms": 31, "shadow_of": "C1"}}, True),
        ({"facts": {"call_id": "C7", "diagnosis": "D1", "tried": 1}}, True),
        ({"facts": {"call_id": "C7", "diagnosis": "D1"}}, False),
        ({"outcome": "copied", "facts": {"copy_of_call": "C1"}}, True),
        ({"operation": "reconcile", "outcome": "equal", "facts": {"rounds": 1}}, True),
        ({"operation": "reconcile", "outcome": "answered", "kind": EntryKind.ADMIN}, False),
    ],
)
async def test_what_says_nothing_of_the_system_is_marked(
    audit: MemoryAudit, store: MemoryTransactions, changes: dict[str, Any], beside: bool
) -> None:
    await record(audit, replace(ENTRY, **changes))
    await reader(store, audit).step()
    (row,) = await indexed(store)
    assert row.beside is beside


async def test_it_is_told_until_when_everything_was_read(audit: MemoryAudit, store: MemoryTransactions) -> None:
    await record(audit, *[ENTRY] * 3)
    later = NOW + timedelta(hours=1)
    follow = Indexer(store, audit, tenant=TENANT, atomically=nullcontext, clock=lambda: later, batch=2)
    assert await follow.step() == 2
    assert store.moved[TENANT] == NOW
    assert await follow.step() == 1
    assert store.moved[TENANT] == later
    store.moved.clear()
    assert await follow.step() == 0
    assert store.moved[TENANT] == later


async def test_batches_follow_each_other_and_nothing_is_read_twice(
    audit: MemoryAudit, store: MemoryTransactions
) -> None:
    await record(audit, *[ENTRY] * 5)
    follow = reader(store, audit, batch=2)
    assert [await follow.step() for _ in range(4)] == [2, 2, 1, 0]
    assert [row.index for row in await indexed(store)] == [0, 1, 2, 3, 4]
    await record(audit, ENTRY)
    assert await follow.catch_up(within_s=5) == 0
    assert len(await indexed(store)) == 6


async def test_while_another_process_has_the_turn_nothing_is_read(
    audit: MemoryAudit, store: MemoryTransactions
) -> None:
    await record(audit, *[ENTRY] * 3)
    store.taken.add(TENANT)
    follow = reader(store, audit)
    assert await follow.step() is None
    assert await follow.catch_up(within_s=0.01) == 3


@pytest.mark.parametrize(
    "leaf",
    [
        b"not json",
        b"[]",
        b"{}",
        orjson.dumps({"kind": "exchange", "facts": []}),
        orjson.dumps(
            {
                "kind": "exchange",
                "facts": {},
                "system": 7,
                "outcome": "answered",
                "actor": "",
                "operation": "",
                "reference": "",
                "trace_id": "",
            }
        ),
    ],
)
async def test_what_is_no_leaf_is_our_fault_and_stops_nobody(
    audit: MemoryAudit, store: MemoryTransactions, leaf: bytes
) -> None:
    await record(audit, *[ENTRY] * 3)
    audit.leaves[TENANT][1] = replace(audit.leaves[TENANT][1], leaf=leaf)
    assert await reader(store, audit).step() == 3
    before, damaged, after = await indexed(store)
    assert (damaged.index, damaged.fault, damaged.outcome) == (1, Fault.OURS, "ours.integrity")
    assert (damaged.reference, damaged.trace_id) == ("H99-7", "b" * 32)
    assert before.fault is after.fault is Fault.PARTNER_TECHNICAL


async def test_a_leaf_that_is_gone_or_stands_twice_stops_nobody(audit: MemoryAudit, store: MemoryTransactions) -> None:
    await record(audit, *[ENTRY] * 6)
    leaves = audit.leaves[TENANT]
    audit.leaves[TENANT] = [leaves[0], leaves[2], leaves[2], leaves[2], leaves[3], leaves[4], leaves[5]]
    follow = reader(store, audit, batch=3)
    while await follow.step():
        pass
    assert [row.index for row in await indexed(store)] == [0, 2, 3, 4, 5]


async def test_a_long_word_and_a_strange_duration_are_cut(audit: MemoryAudit, store: MemoryTransactions) -> None:
    await record(audit, replace(ENTRY, reference="x" * 5000, facts={"duration_ms": 2**40}))
    await reader(store, audit).step()
    (row,) = await indexed(store)
    assert (len(row.reference), row.duration_ms) == (LONGEST, None)
