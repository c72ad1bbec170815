"""Stored alarms: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.model import Occasion, Settled
from gateway.alarms.postgres import PostgresAlarms
from gateway.signing import Keyring

OCCASION = Occasion(kind="lookup_misses", about="officer:H99.1/canbo.mau", facts={"count": 13, "held": "a b"})
BEFORE = NOW - timedelta(days=1)


@pytest.fixture
def alarms(on: Any, keyring: Keyring) -> Any:
    return PostgresAlarms(on, keyring) if on else MemoryAlarms()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_an_alarm_is_found_as_it_was_raised(alarms: Any, tenant: str) -> None:
    raised = await alarms.note(tenant, OCCASION, now=NOW, since=BEFORE)
    assert (raised.occasion, raised.raised_at, raised.last_at, raised.count) == (OCCASION, NOW, NOW, 1)
    assert await alarms.find(tenant, raised.id) == raised
    assert await alarms.find(tenant + "X", raised.id) is None
    assert await alarms.find(tenant, raised.id + 1000) is None


async def test_the_same_again_is_counted_with_the_newest_facts(alarms: Any, tenant: str) -> None:
    first = await alarms.note(tenant, OCCASION, now=NOW, since=BEFORE)
    newer = Occasion(kind=OCCASION.kind, about=OCCASION.about, facts={"count": 14})
    later = NOW + timedelta(hours=1)
    again = await alarms.note(tenant, newer, now=later, since=BEFORE)
    assert (again.id, again.count, again.raised_at, again.last_at) == (first.id, 2, NOW, later)
    assert again.occasion == newer


@pytest.mark.parametrize("other", [{"kind": "lookup_neighbours"}, {"about": "client:motcua"}])
async def test_another_kind_or_another_party_is_another_alarm(alarms: Any, tenant: str, other: dict[str, str]) -> None:
    first = await alarms.note(tenant, OCCASION, now=NOW, since=BEFORE)
    second = await alarms.note(
        tenant, Occasion(**{"kind": OCCASION.kind, "about": OCCASION.about, **other}), now=NOW, since=BEFORE
    )
    assert second.id != first.id
    assert (await alarms.note(tenant + "X", OCCASION, now=NOW, since=BEFORE)).count == 1
    assert [alarm.id for alarm in await alarms.listed(tenant, everything=False, limit=9)] == [second.id, first.id]
    assert len(await alarms.listed(tenant, everything=False, limit=1)) == 1
    pages = [await alarms.page(tenant, everything=False, before=number, limit=9) for number in (second.id, first.id)]
    assert [[alarm.id for alarm in page] for page in pages] == [[first.id], []]


async def test_one_raised_before_the_window_is_not_counted_on(alarms: Any, tenant: str) -> None:
    first = await alarms.note(tenant, OCCASION, now=NOW, since=BEFORE)
    assert (await alarms.note(tenant, OCCASION, now=NOW, since=NOW)).id != first.id


async def test_settled_once_it_stays_so_and_the_next_is_new(alarms: Any, tenant: str) -> None:
    first = await alarms.note(tenant, OCCASION, now=NOW, since=BEFORE)
    settled = Settled(by="Trưởng phòng", reason="đã kiểm tra", at=NOW)
    assert await alarms.settle(tenant + "X", first.id, settled) is None
    done = await alarms.settle(tenant, first.id, settled)
    assert (done.settled_at, done.settled_by, done.reason) == (NOW, "Trưởng phòng", "đã kiểm tra")
    assert await alarms.settle(tenant, first.id, settled) is None
    assert await alarms.find(tenant, first.id) == done
    assert await alarms.listed(tenant, everything=False, limit=9) == []
    assert await alarms.listed(tenant, everything=True, limit=9) == [done]
    assert (await alarms.note(tenant, OCCASION, now=NOW, since=BEFORE)).count == 1


async def test_of_many_at_once_one_raises_and_the_others_count(alarms: Any, tenant: str) -> None:
    raised = await asyncio.gather(*(alarms.note(tenant, OCCASION, now=NOW, since=BEFORE) for _ in range(8)))
    assert sorted(alarm.count for alarm in raised) == list(range(1, 9))
    assert len({alarm.id for alarm in raised}) == 1


async def test_what_a_person_wrote_is_sealed(on: Any, alarms: Any, tenant: str) -> None:
    """PDP-06 (part): sealed at rest."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    first = await alarms.note(tenant, OCCASION, now=NOW, since=BEFORE)
    await alarms.settle(tenant, first.id, Settled(by="Trưởng phòng", reason="đã kiểm tra", at=NOW))
    async with on.transaction() as connection:
        row = await (await connection.execute("SELECT * FROM alarm WHERE tenant = %s", (tenant,))).fetchone()
    assert "kiểm" not in repr(row)
    assert "kiểm".encode() not in bytes(row["settled"])
