"""Stored suspensions: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg.errors
import pytest
from services import NOW

from gateway.maintenance.memory import MemoryMaintenance
from gateway.maintenance.model import Plan
from gateway.maintenance.postgres import PostgresMaintenance

HOUR = timedelta(hours=1)
PLAN = Plan(
    subject="population", begins=NOW, ends=NOW + 2 * HOUR, text="Nâng cấp", text_en="Upgrade", pauses=True, rate=5.0
)


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresMaintenance(on) if on else MemoryMaintenance()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_it_is_found_as_it_was_announced(store: Any, tenant: str) -> None:
    made = await store.add(tenant, PLAN, by="operator:mau", now=NOW - HOUR)
    assert (made.plan, made.announced_at, made.announced_by) == (PLAN, NOW - HOUR, "operator:mau")
    assert await store.find(tenant, made.id) == made
    assert await store.find(f"{tenant}X", made.id) is None


async def test_now_coming_and_past_follow_from_the_moment(store: Any, tenant: str) -> None:
    later = replace(PLAN, begins=NOW + 5 * HOUR, ends=NOW + 6 * HOUR)
    first = await store.add(tenant, PLAN, by="a", now=NOW)
    second = await store.add(tenant, later, by="a", now=NOW)
    for at, current, coming, past in (
        (NOW - HOUR, [], [first, second], []),
        (NOW, [first], [second], []),
        (NOW + 2 * HOUR, [], [second], [first]),
        (NOW + 6 * HOUR, [], [], [second, first]),
    ):
        assert await store.current(tenant, at) == current
        assert await store.coming(tenant, at, limit=9) == coming
        assert await store.past(tenant, at, limit=9) == past
    assert await store.coming(tenant, NOW - HOUR, limit=1) == [first]


async def test_a_list_is_read_on_from_a_number(store: Any, tenant: str) -> None:
    made = [await store.add(tenant, PLAN, by="a", now=NOW) for _ in range(3)]
    assert await store.listed(tenant, limit=2) == made[:0:-1]
    assert await store.listed(tenant, before=made[1].id, limit=2) == [made[0]]


async def test_only_what_has_not_begun_is_called_off(store: Any, tenant: str) -> None:
    made = await store.add(tenant, PLAN, by="a", now=NOW)
    assert await store.cancel(tenant, made.id, at=NOW) is None
    done = await store.cancel(tenant, made.id, at=NOW - HOUR)
    assert done.cancelled_at == NOW - HOUR
    assert await store.cancel(tenant, made.id, at=NOW - HOUR) is None
    assert await store.current(tenant, NOW) == []
    assert await store.past(tenant, NOW + 9 * HOUR, limit=9) == []


async def test_only_what_is_under_way_is_ended_and_only_later_ends_are_told(store: Any, tenant: str) -> None:
    made = await store.add(tenant, PLAN, by="a", now=NOW)
    assert await store.end(tenant, made.id, at=NOW - HOUR) is None
    assert await store.extend(tenant, made.id, ends=NOW + HOUR, at=NOW) is None
    longer = await store.extend(tenant, made.id, ends=NOW + 3 * HOUR, at=NOW)
    assert longer.plan.ends == NOW + 3 * HOUR
    ended = await store.end(tenant, made.id, at=NOW + HOUR)
    assert ended.until == NOW + HOUR
    assert await store.end(tenant, made.id, at=NOW + HOUR) is None
    assert await store.extend(tenant, made.id, ends=NOW + 9 * HOUR, at=NOW) is None


async def test_it_is_paused_once_and_resumed_once(store: Any, tenant: str) -> None:
    made = await store.add(tenant, PLAN, by="a", now=NOW)
    await store.add(tenant, replace(PLAN, pauses=False), by="a", now=NOW)
    assert await store.pausing(tenant, NOW - HOUR) == []
    assert await store.pausing(tenant, NOW) == [made]
    assert not await store.resumed(tenant, made.id, at=NOW)
    assert await store.paused(tenant, made.id, at=NOW)
    assert not await store.paused(tenant, made.id, at=NOW)
    assert await store.pausing(tenant, NOW) == []
    assert [window.id for window in await store.holding(tenant)] == [made.id]
    assert await store.resumed(tenant, made.id, at=NOW)
    assert not await store.resumed(tenant, made.id, at=NOW)
    assert await store.holding(tenant) == []


async def test_what_was_announced_stays_in_the_database(on: Any, tenant: str) -> None:
    if not on:
        pytest.skip("a promise of the database")
    made = await PostgresMaintenance(on).add(tenant, PLAN, by="a", now=NOW)
    for change in (
        "DELETE FROM maintenance",
        "UPDATE maintenance SET text = 'x'",
        "UPDATE maintenance SET begins = ends",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            await on.run(f"{change} WHERE tenant = %(tenant)s AND id = %(id)s", {"tenant": tenant, "id": made.id})
