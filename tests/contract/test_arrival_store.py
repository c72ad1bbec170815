"""Stored arrivals: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.arrivals.memory import MemoryArrivals
from gateway.arrivals.model import Arrival, ArrivalView
from gateway.arrivals.postgres import PostgresArrivals
from gateway.signing import Keyring

BODY = {"enterprise": {"name": "Công ty Mẫu"}, "list": [1, None, "ộ"], "amount": 2_500_000}


@pytest.fixture
def arrivals(on: Any, keyring: Keyring) -> Any:
    return PostgresArrivals(on, keyring) if on else MemoryArrivals()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def arrival(**changes: Any) -> Arrival:
    first = ArrivalView(
        id=str(uuid4()), system="portal", event="promotion_notice", key="G22.01-260102-000321", received_at=NOW
    )
    return Arrival(view=replace(first, **changes), body=BODY, original=b'{"MaHoSo": "\xe1\xbb\x99"}')


async def ids(arrivals: Any, tenant: str, **changes: Any) -> list[str]:
    asked = {"cursor": 0, "limit": 100, "everything": False, **changes}
    return [view.id for view in await arrivals.after(tenant, **asked)]


async def test_an_arrival_is_found_as_it_was_kept(arrivals: Any, tenant: str) -> None:
    sent = arrival()
    kept = await arrivals.keep(tenant, sent, digest=b"1")
    assert (kept.id, kept.version, kept.deliveries, kept.acknowledged_at) == (sent.view.id, 1, 1, None)
    assert await arrivals.find(tenant, sent.view.id) == replace(sent, view=kept)
    assert await arrivals.find(tenant, str(uuid4())) is None
    assert await arrivals.find(tenant + "X", sent.view.id) is None


async def test_the_same_content_again_is_counted_and_not_kept_twice(arrivals: Any, tenant: str) -> None:
    """SYN-09 (part)."""
    first = await arrivals.keep(tenant, arrival(), digest=b"1")
    again = await arrivals.keep(tenant, arrival(received_at=NOW + timedelta(hours=1)), digest=b"1")
    assert again == replace(first, deliveries=2)
    assert await ids(arrivals, tenant) == [first.id]


async def test_other_content_under_the_same_key_is_kept_beside(arrivals: Any, tenant: str) -> None:
    first = await arrivals.keep(tenant, arrival(), digest=b"1")
    second = await arrivals.keep(tenant, arrival(), digest=b"2")
    assert (first.version, second.version) == (1, 2)
    assert await ids(arrivals, tenant) == [first.id, second.id]
    for other in ({"system": "s"}, {"event": "e"}, {"key": "k"}):
        assert (await arrivals.keep(tenant, arrival(**other), digest=b"1")).version == 1
    assert (await arrivals.keep(tenant + "X", arrival(), digest=b"1")).version == 1


async def test_they_are_read_in_order_behind_a_cursor(arrivals: Any, tenant: str) -> None:
    kept = [await arrivals.keep(tenant, arrival(key=f"K-{number}"), digest=b"1") for number in range(5)]
    assert [view.cursor for view in kept] == sorted({view.cursor for view in kept})
    assert await ids(arrivals, tenant, limit=2) == [kept[0].id, kept[1].id]
    assert await ids(arrivals, tenant, cursor=kept[1].cursor, limit=2) == [kept[2].id, kept[3].id]
    assert await ids(arrivals, tenant, cursor=kept[4].cursor) == []
    assert await ids(arrivals, tenant + "X") == []


async def test_an_acknowledged_one_is_no_longer_listed_and_stays(arrivals: Any, tenant: str) -> None:
    kept = await arrivals.keep(tenant, arrival(), digest=b"1")
    done = await arrivals.acknowledge(tenant, kept.id, by="motcua", now=NOW)
    assert done == replace(kept, acknowledged_at=NOW, acknowledged_by="motcua")
    assert await arrivals.acknowledge(tenant, kept.id, by="khac", now=NOW + timedelta(days=1)) == done
    assert await arrivals.acknowledge(tenant + "X", kept.id, by="khac", now=NOW) is None
    assert await arrivals.acknowledge(tenant, str(uuid4()), by="khac", now=NOW) is None
    assert await ids(arrivals, tenant) == []
    assert await ids(arrivals, tenant, everything=True) == [kept.id]
    assert (await arrivals.find(tenant, kept.id)).view == done
    assert (await arrivals.keep(tenant, arrival(), digest=b"1")).acknowledged_at == NOW


async def test_of_many_at_once_none_is_lost_and_none_is_doubled(on: Any, arrivals: Any, tenant: str) -> None:
    """SYN-09 (part)."""
    if on is None:
        pytest.skip("memory has no transactions")
    kept = await asyncio.gather(*(arrivals.keep(tenant, arrival(), digest=bytes([number % 3])) for number in range(12)))
    assert sorted({view.version for view in kept}) == [1, 2, 3]
    assert len(await ids(arrivals, tenant)) == 3


async def test_a_reader_never_passes_one_that_is_not_committed_yet(on: Any, arrivals: Any, tenant: str) -> None:
    """A cursor that is seen was given after every smaller one was committed."""
    if on is None:
        pytest.skip("memory has no transactions")
    holding, may_commit = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with on.transaction():
            await arrivals.keep(tenant, arrival(key="K-1"), digest=b"1")
            holding.set()
            await may_commit.wait()

    first = asyncio.create_task(slow())
    await holding.wait()
    second = asyncio.create_task(arrivals.keep(tenant, arrival(key="K-2"), digest=b"1"))
    await asyncio.wait({second}, timeout=0.2)
    assert not second.done()
    assert await ids(arrivals, tenant) == []
    may_commit.set()
    await asyncio.gather(first, second)
    assert [view.key for view in await arrivals.after(tenant, cursor=0, limit=9, everything=False)] == ["K-1", "K-2"]


async def test_what_it_says_is_sealed(on: Any, arrivals: Any, tenant: str) -> None:
    """PDP-06 (part): sealed at rest."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    await arrivals.keep(tenant, arrival(), digest=b"1")
    async with on.transaction() as connection:
        row = await (await connection.execute("SELECT * FROM arrival WHERE tenant = %s", (tenant,))).fetchone()
    assert "Mẫu".encode() not in b"".join(value for value in row.values() if isinstance(value, bytes))
