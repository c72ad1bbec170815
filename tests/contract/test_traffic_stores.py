"""Counters: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from gateway.traffic.memory import MemoryTraffic
from gateway.traffic.model import Grain, Row, Sample, Wanted
from gateway.traffic.postgres import PostgresTraffic
from gateway.traffic.tally import floor, together

NOW = datetime(2026, 11, 27, 3, 4, 30, tzinfo=UTC)
EVER = {"since": NOW - timedelta(days=900), "until": NOW + timedelta(days=1)}
Write = Callable[..., Awaitable[None]]

INSERT = """INSERT INTO transaction (tenant, index, recorded_at, kind, actor, operation, system, outcome, fault,
    reference, trace_id, call_id, duration_ms, beside)
    VALUES (%(tenant)s, %(index)s, %(recorded_at)s, %(kind)s, %(actor)s, %(operation)s,
    %(system)s, 'x', %(fault)s, '', '', '', %(duration_ms)s, %(beside)s)"""
INDEXED = """INSERT INTO log_reader (tenant, name, next_index, moved_at)
    VALUES (%(tenant)s, 'transactions', %(next)s, %(at)s)
    ON CONFLICT (tenant, name) DO UPDATE SET next_index = excluded.next_index"""


@pytest.fixture
def traffic(on: Any) -> Any:
    return PostgresTraffic(on) if on else MemoryTraffic()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


@pytest.fixture
def write(on: Any, traffic: Any, tenant: str) -> Write:
    """What the indexer does: rows, and the place behind them."""

    async def writing(*rows: Row, of: str = tenant) -> None:
        if on is None:
            traffic.log.setdefault(of, []).extend(rows)
            return
        async with on.transaction() as connection:
            for row in rows:
                await connection.execute(INSERT, {**asdict(row), "tenant": of})
            await connection.execute(INDEXED, {"tenant": of, "next": rows[-1].index + 1, "at": NOW})

    return writing


def row(index: int, **other: Any) -> Row:
    usual = {
        "recorded_at": NOW,
        "kind": "exchange",
        "actor": "client:motcua",
        "operation": "lookup_person",
        "system": "population",
        "fault": "none",
        "duration_ms": 120,
    }
    return Row(index=index, **{**usual, **other})


async def test_each_row_is_counted_once_by_every_grain(traffic: Any, tenant: str, write: Write) -> None:
    await write(row(0), row(1, fault="partner_technical", duration_ms=9000), row(2, kind="inbound", duration_ms=None))
    assert await traffic.count(tenant, most=2, now=NOW) == 2
    assert await traffic.count(tenant, most=2, now=NOW) == 1
    assert await traffic.count(tenant, most=2, now=NOW) == 0
    assert await traffic.place(tenant) == (3, NOW)
    for grain in Grain:
        ((at, tally),) = (await traffic.spans(tenant, Wanted(grain=grain, **EVER))).items()
        assert (at, tally.outcomes, sum(tally.latency), tally.sum_ms) == (
            floor(NOW, grain),
            (1, 0, 0, 1, 0),
            2,
            9120,
        )
    inbound = await traffic.spans(tenant, Wanted(grain=Grain.DAY, kind="inbound", **EVER))
    assert together(inbound.values()).total == 1
    assert together(inbound.values()).latency == ()


async def test_figures_are_no_newer_than_what_was_counted(traffic: Any, tenant: str, write: Write) -> None:
    old = NOW - timedelta(hours=3)
    await write(row(0, recorded_at=old), row(1), row(2, beside=True))
    assert await traffic.count(tenant, most=1, now=NOW) == 1
    assert await traffic.place(tenant) == (1, old)
    assert await traffic.count(tenant, most=9, now=NOW) == 2
    assert await traffic.place(tenant) == (3, NOW)
    found = await traffic.by_system(tenant, Wanted(grain=Grain.DAY, **EVER))
    assert found["population"].total == 2


async def test_while_the_indexer_stands_still_the_figures_grow_old(on: Any, tenant: str, write: Write) -> None:
    traffic = PostgresTraffic(on) if on else None
    if traffic is None:
        pytest.skip("the list in memory has no indexer")
    assert await traffic.count(tenant, most=9, now=NOW) == 0
    assert await traffic.place(tenant) == (0, None)
    await write(row(0))
    assert await traffic.count(tenant, most=9, now=NOW + timedelta(hours=1)) == 1
    assert await traffic.count(tenant, most=9, now=NOW + timedelta(hours=2)) == 0
    assert await traffic.place(tenant) == (1, NOW)


async def test_operations_of_one_system_are_added_up_and_systems_kept_apart(
    traffic: Any, tenant: str, write: Write
) -> None:
    await write(row(0), row(1, operation="check_person"), row(2, system="payment", duration_ms=300))
    await write(row(3, system="client:motcua"))
    await traffic.count(tenant, most=9, now=NOW)
    wanted = Wanted(grain=Grain.MINUTE, **EVER)
    of = await traffic.by_system(tenant, wanted)
    assert {name: tally.total for name, tally in of.items()} == {"population": 2, "payment": 1, "client:motcua": 1}
    assert await traffic.all_spans(tenant, wanted) == {
        (name, floor(NOW, Grain.MINUTE)): tally for name, tally in of.items()
    }
    (all_of_them,) = (await traffic.spans(tenant, wanted)).values()
    assert (all_of_them.total, all_of_them.sum_ms) == (3, 540)
    (one,) = (await traffic.spans(tenant, Wanted(grain=Grain.MINUTE, system="payment", **EVER))).values()
    assert one.total == 1
    assert await traffic.spans(tenant + "X", wanted) == {}


async def test_spans_outside_the_wanted_time_are_left_out(traffic: Any, tenant: str, write: Write) -> None:
    await write(row(0, recorded_at=NOW - timedelta(minutes=2)), row(1))
    await traffic.count(tenant, most=9, now=NOW)
    start = floor(NOW, Grain.MINUTE)
    wanted = Wanted(grain=Grain.MINUTE, since=start, until=start + timedelta(minutes=1))
    assert list(await traffic.spans(tenant, wanted)) == [start]


async def test_many_that_count_at_once_count_each_row_once(traffic: Any, tenant: str, write: Write) -> None:
    await write(*(row(index) for index in range(40)))
    assert sum(await asyncio.gather(*(traffic.count(tenant, most=7, now=NOW) for _ in range(8)))) == 40
    (tally,) = (await traffic.spans(tenant, Wanted(grain=Grain.DAY, **EVER))).values()
    assert tally.total == 40


async def test_a_count_that_is_rolled_back_is_done_again(on: Any, traffic: Any, tenant: str, write: Write) -> None:
    """Restart-safe: the place moves with the counts or not at all."""
    if on is None:
        pytest.skip("memory has no transactions")
    await write(row(0), row(1))

    async def count_and_fail() -> None:
        async with on.transaction():
            assert await traffic.count(tenant, most=9, now=NOW) == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await count_and_fail()
    assert await traffic.place(tenant) == (0, None)
    assert await traffic.spans(tenant, Wanted(grain=Grain.DAY, **EVER)) == {}
    assert await traffic.count(tenant, most=9, now=NOW) == 2


async def test_what_the_indexer_has_not_finished_is_not_counted(on: Any, traffic: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory is always finished")
    async with on.transaction() as connection:
        await connection.execute(INSERT, {**asdict(row(0)), "tenant": tenant})
    assert await traffic.count(tenant, most=9, now=NOW) == 0
    async with on.transaction() as connection:
        await connection.execute(INDEXED, {"tenant": tenant, "next": 1, "at": NOW})
    assert await traffic.count(tenant, most=9, now=NOW) == 1


async def test_what_was_shared_in_a_month_is_what_the_log_says(traffic: Any, tenant: str, write: Write) -> None:
    """KPI-11: the totals equal the log's."""
    last_month = datetime(2026, 10, 31, 16, 59, tzinfo=UTC)
    rows = [
        row(0, recorded_at=last_month),
        row(1, recorded_at=last_month + timedelta(minutes=1)),
        row(2),
        row(3, fault="partner_business"),
        row(4, kind="inbound", actor="national_portal", system="national_portal"),
        row(5, kind="request", system=""),
        row(6, system="client:motcua"),
    ]
    await write(*rows)
    await traffic.count(tenant, most=4, now=NOW)
    await traffic.count(tenant, most=4, now=NOW)
    assert await traffic.months(tenant, limit=9) == [date(2026, 11, 1), date(2026, 10, 1)]
    found = await traffic.sharing(tenant, date(2026, 11, 1))
    assert (found.total, found.counted) == (4, 7)
    told = {(one.kind, one.system, one.actor): one.tally.outcomes for one in found.rows}
    assert told == {
        ("exchange", "population", "client:motcua"): (2, 0, 0, 0, 1),
        ("inbound", "national_portal", "national_portal"): (1, 0, 0, 0, 0),
    }
    assert (await traffic.sharing(tenant, date(2026, 10, 1))).total == 1
    assert (await traffic.sharing(tenant, date(2026, 9, 1))).rows == []


async def test_a_longer_span_keeps_the_highest_that_a_lane_stood_at(traffic: Any, tenant: str) -> None:
    sample = Sample(target="population", waiting=3, held=1, messages=9, oldest_s=60)
    low = Sample(target="population", waiting=0, held=2, messages=2, oldest_s=0)
    await traffic.sample(tenant, [sample], now=NOW)
    await traffic.sample(tenant, [low], now=NOW + timedelta(minutes=1))
    minutes = await traffic.backlog(tenant, Wanted(grain=Grain.MINUTE, **EVER))
    assert [one for _, one in minutes] == [sample, low]
    ((at, hour),) = await traffic.backlog(tenant, Wanted(grain=Grain.HOUR, system="population", **EVER))
    assert at == floor(NOW, Grain.HOUR)
    assert hour == Sample(target="population", waiting=3, held=2, messages=9, oldest_s=60)
    assert await traffic.backlog(tenant, Wanted(grain=Grain.HOUR, system="payment", **EVER)) == []


async def test_old_minutes_are_forgotten_and_their_days_kept(traffic: Any, tenant: str, write: Write) -> None:
    old = NOW - timedelta(days=5)
    await write(row(0, recorded_at=old), row(1))
    await traffic.count(tenant, most=9, now=NOW)
    await traffic.sample(tenant, [Sample(target="population", waiting=1, held=0, messages=1, oldest_s=1)], now=old)
    await traffic.forget(tenant, now=NOW)
    assert list(await traffic.spans(tenant, Wanted(grain=Grain.MINUTE, **EVER))) == [floor(NOW, Grain.MINUTE)]
    assert len(await traffic.spans(tenant, Wanted(grain=Grain.DAY, **EVER))) == 2
    assert await traffic.backlog(tenant, Wanted(grain=Grain.MINUTE, **EVER)) == []
    assert len(await traffic.backlog(tenant, Wanted(grain=Grain.DAY, **EVER))) == 1
