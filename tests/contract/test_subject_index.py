"""The index of whom leaves are about: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from services import NOW, Clock

from gateway.audit.log import AuditLog
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry, EntryKind
from gateway.audit.postgres import PostgresAudit
from gateway.audit.subject import subject_digest
from gateway.privacy.log import TreeProofs, between
from gateway.privacy.memory_index import MemorySubjects
from gateway.privacy.postgres_index import PostgresSubjects
from gateway.signing import Keyring

MINE, OTHER = "099000000013", "099000000014"


@pytest.fixture
def log(on: Any) -> Any:
    return PostgresAudit(on) if on else MemoryAudit()


@pytest.fixture
def index(on: Any, log: Any) -> Any:
    return PostgresSubjects(on, log) if on else MemorySubjects(log)


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def fill(log: Any, keyring: Keyring, tenant: str) -> None:
    entry = Entry(
        kind=EntryKind.EXCHANGE,
        tenant=tenant,
        actor="a",
        operation="lookup_citizen",
        outcome="answered",
        occurred_at=NOW,
        trace_id="a" * 32,
    )
    async with AuditLog(log, keyring, clock=Clock()) as recorder:
        for subjects in ((MINE,), (), (MINE, OTHER)):
            await recorder.record(replace(entry, subjects=subjects))


async def test_leaves_are_found_by_person_and_persons_by_leaf(
    log: Any, index: Any, keyring: Keyring, tenant: str
) -> None:
    """PDP-03 (part)"""
    assert await index.subjects_since(tenant) is None
    await fill(log, keyring, tenant)
    mine, other = (subject_digest(number, keyring, tenant=tenant) for number in (MINE, OTHER))
    assert [row.index for row in await index.of_subject(tenant, mine)] == [2, 0]
    assert [row.index for row in await index.of_subject(tenant, mine, before=2)] == [0]
    assert [row.index for row in await index.of_subject(tenant, other)] == [2]
    assert await index.of_subject(f"{tenant}X", mine) == []
    found = await index.subjects_of(tenant, [0, 1, 2, 9])
    assert {number: set(digests) for number, digests in found.items()} == {0: {mine}, 2: {mine, other}}
    rows = await log.find(tenant)
    assert await index.subjects_since(tenant) == rows[-1].recorded_at


async def test_a_period_is_read_newest_first_and_each_leaf_is_still_itself(
    log: Any, keyring: Keyring, tenant: str
) -> None:
    await fill(log, keyring, tenant)
    rows = [row async for row in between(log, tenant, from_at=NOW, to_at=NOW)]
    assert [row.index for row in rows] == [2, 1, 0]
    proofs = TreeProofs(log, public_key=keyring.public_key)
    assert [await proofs.holds(tenant, row) for row in rows] == [True] * 3
    assert not await proofs.holds(tenant, replace(rows[1], leaf=rows[0].leaf))
    assert not await proofs.holds(tenant, replace(rows[1], leaf=b"{}"))
    assert not await proofs.holds(f"{tenant}X", rows[1])
