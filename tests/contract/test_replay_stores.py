"""Marks of signed messages: the same promises in memory and on PostgreSQL (SIG-09 (part))."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.exchange.postgres_replays import PostgresReplays
from gateway.exchange.replays import LEASE, Begun, MemoryReplays
from gateway.signing.protection import Mark

MARK = Mark(digest=b"m" * 32, until=NOW + timedelta(minutes=5))


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresReplays(on) if on else MemoryReplays()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_of_many_that_come_together_one_is_handled(store: Any, tenant: str) -> None:
    begun = await asyncio.gather(*(store.begin(tenant, "s", MARK, now=NOW) for _ in range(20)))
    assert sorted(one.name for one in begun) == ["ELSEWHERE"] * 19 + ["NOW"]


async def test_what_was_handled_never_counts_again(store: Any, tenant: str) -> None:
    await store.begin(tenant, "s", MARK, now=NOW)
    await store.finish(tenant, "s", MARK)
    await store.forget(tenant, "s", MARK)
    assert await store.begin(tenant, "s", MARK, now=NOW + timedelta(days=1)) is Begun.BEFORE


async def test_what_was_not_handled_may_come_again(store: Any, tenant: str) -> None:
    await store.begin(tenant, "s", MARK, now=NOW)
    assert await store.begin(tenant, "s", MARK, now=NOW + LEASE - timedelta(seconds=1)) is Begun.ELSEWHERE
    assert await store.begin(tenant, "s", MARK, now=NOW + LEASE) is Begun.NOW
    await store.forget(tenant, "s", MARK)
    assert await store.begin(tenant, "s", MARK, now=NOW + LEASE) is Begun.NOW


async def test_another_system_or_tenant_has_marks_of_its_own(store: Any, tenant: str) -> None:
    for whose, system in ((tenant, "s"), (tenant, "other"), (f"{tenant}X", "s")):
        assert await store.begin(whose, system, MARK, now=NOW) is Begun.NOW


async def test_marks_of_messages_that_are_too_old_anyway_are_dropped(store: Any, tenant: str) -> None:
    await store.begin(tenant, "s", MARK, now=NOW)
    await store.finish(tenant, "s", MARK)
    assert await store.sweep(tenant, before=MARK.until) == 0
    assert await store.sweep(tenant, before=MARK.until + timedelta(seconds=1)) == 1
