"""Stored events: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from callbacks_house import event
from services import NOW

from gateway.callbacks.course import CallPolicy, arrived, not_arrived
from gateway.callbacks.memory import MemoryEvents
from gateway.callbacks.model import Event, EventState, EventType, Lease
from gateway.callbacks.postgres import PostgresEvents

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresEvents(on) if on else MemoryEvents()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def claimed(store: Any, tenant: str, owner: str = "w", now: datetime = NOW, *, most: int = 10) -> list[str]:
    lease = Lease(owner=owner, now=now, until=now + timedelta(seconds=60))
    return [found.event_id for found in await store.claim(tenant, lease=lease, most=most)]


async def newest(store: Any, tenant: str) -> list[Event]:
    return list(await store.latest(tenant, state=None, limit=10))


async def test_an_event_is_found_as_it_was_told(store: Any, tenant: str) -> None:
    first, second = event(1, tenant=tenant), event(2, tenant=tenant, type=EventType.REFUND_DONE, due=LATER)
    await store.add([first, second])
    assert await newest(store, tenant) == [second, first]
    assert await store.latest(tenant, state=EventState.DELIVERED, limit=10) == []
    assert await newest(store, tenant + "X") == []


async def test_what_is_due_is_claimed_in_order_and_by_one_alone(store: Any, tenant: str) -> None:
    for number, minutes in ((1, 3), (2, 1), (3, 2), (4, 99)):
        await store.add([event(number, tenant=tenant, due=NOW + timedelta(minutes=minutes))])
    await store.add([event(5, tenant=tenant + "X")])
    assert await claimed(store, tenant, "a", LATER, most=2) == ["E0002", "E0003"]
    assert await claimed(store, tenant, "b", LATER) == ["E0001"]
    assert await claimed(store, tenant, "c", LATER) == []


async def test_of_one_subject_only_the_oldest_that_waits_is_claimed(store: Any, tenant: str) -> None:
    """Order is kept for each client and payment, also while the first is under way or waits for its next try."""
    events = [event(number, tenant=tenant, subject="P1") for number in (1, 2)]
    other = event(3, tenant=tenant, subject="P1", client_id="khac")
    await store.add([*events, other])
    assert await claimed(store, tenant, "a") == ["E0001", "E0003"]
    assert await claimed(store, tenant, "b") == []
    refused = not_arrived(events[0], now=NOW, policy=CallPolicy(), trouble="partner.callback_refused")
    assert await store.settle(refused, owner="a")
    assert await claimed(store, tenant, "b") == []
    assert await claimed(store, tenant, "b", LATER) == ["E0003", "E0001"]  # that of the other client: its lease ran out
    assert await store.settle(arrived(refused), owner="b")
    assert await claimed(store, tenant, "c", LATER) == ["E0002"]


async def test_of_many_workers_at_once_each_event_has_one(on: Any, store: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory has no transactions")
    await store.add([event(number, tenant=tenant, subject=f"P{number % 5}") for number in range(20)])
    found = await asyncio.gather(*(claimed(store, tenant, f"w{n}", most=3) for n in range(8)))
    names = [name for each in found for name in each]
    assert len(names) == len(set(names))
    assert {int(name[1:]) for name in names} <= set(range(5))  # the heads alone


async def test_a_dead_workers_late_word_counts_no_more(store: Any, tenant: str) -> None:
    first = event(tenant=tenant)
    await store.add([first])
    assert await claimed(store, tenant, "dead") == ["E0001"]
    assert await claimed(store, tenant, "next", NOW + timedelta(seconds=60)) == ["E0001"]
    assert not await store.settle(arrived(first), owner="dead")
    assert not await store.settle(arrived(first), owner="")
    assert await store.settle(arrived(first), owner="next")
    assert await newest(store, tenant) == [arrived(first)]
    assert await claimed(store, tenant, "w", LATER) == []


async def test_a_clients_calls_can_be_postponed_but_for_those_under_way(store: Any, tenant: str) -> None:
    await store.add([event(number, tenant=tenant) for number in (1, 2)])
    await store.add([event(3, tenant=tenant, client_id="khac")])
    assert await claimed(store, tenant, most=1) == ["E0001"]
    await store.postpone(tenant, "motcua", until=LATER)
    assert await claimed(store, tenant, "w2") == ["E0003"]
    assert await claimed(store, tenant, "w3", LATER) == ["E0001", "E0003", "E0002"]


async def test_an_event_can_be_hurried_while_it_waits(store: Any, tenant: str) -> None:
    first = event(tenant=tenant, due=LATER)
    await store.add([first, replace(first, client_id="khac")])
    assert await store.hurry(tenant, "E0001", now=NOW)
    assert not await store.hurry(tenant, "E0009", now=NOW)
    assert len(await claimed(store, tenant)) == 2
    for one in (first, replace(first, client_id="khac")):
        assert await store.settle(arrived(one), owner="w")
    assert not await store.hurry(tenant, "E0001", now=NOW)


async def test_what_ended_long_ago_is_deleted_and_what_waits_stays(store: Any, tenant: str) -> None:
    """PDP-11 (part)."""
    first = event(1, tenant=tenant)
    await store.add([first, event(2, tenant=tenant), event(3, tenant=tenant, created_at=LATER)])
    assert await claimed(store, tenant, most=1) == ["E0001"]
    assert await store.settle(arrived(first), owner="w")
    assert await store.expire(tenant, before=NOW) == 0
    assert await store.expire(tenant, before=LATER) == 1
    assert [one.event_id for one in await newest(store, tenant)] == ["E0003", "E0002"]


async def test_what_is_rolled_back_is_never_told(on: Any, store: Any, tenant: str) -> None:
    """Told in the transaction of what happened."""
    if on is None:
        pytest.skip("memory has no transactions")

    async def undone() -> None:
        async with on.transaction():
            await store.add([event(tenant=tenant)])
            raise RuntimeError("back")

    with pytest.raises(RuntimeError, match="back"):
        await undone()
    assert await newest(store, tenant) == []
