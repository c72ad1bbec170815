"""Indexed transactions: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.audit.model import EntryKind
from gateway.transactions.memory import MemoryTransactions
from gateway.transactions.model import Fault, Place, Transaction, Wanted
from gateway.transactions.postgres import PostgresTransactions
from gateway.transactions.statement import Bounds

ROW = Transaction(
    index=0,
    recorded_at=NOW,
    kind=EntryKind.EXCHANGE,
    actor="motcua",
    operation="verify_citizen",
    system="dancu",
    outcome="answered",
    fault=Fault.NONE,
    reference="H99-1",
    trace_id="a" * 32,
    call_id="C0",
    duration_ms=12,
)


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresTransactions(on) if on else MemoryTransactions()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def rows(count: int, **changes: Any) -> list[Transaction]:
    return [replace(ROW, index=n, recorded_at=NOW + timedelta(seconds=n // 2), **changes) for n in range(count)]


async def kept(store: Any, tenant: str, several: list[Transaction]) -> None:
    await store.add(tenant, several, next_index=len(several), now=NOW)


async def test_a_row_is_found_as_it_was_written_and_the_place_with_it(store: Any, tenant: str) -> None:
    assert await store.read_up_to(tenant) == 0
    bare = replace(ROW, index=1, call_id="", duration_ms=None, kind=EntryKind.ADMIN, fault=Fault.OURS, beside=True)
    await kept(store, tenant, [ROW, bare])
    assert await store.read_up_to(tenant) == 2
    assert (await store.search(tenant, Wanted())).rows == (bare, ROW)
    assert await store.at(tenant, [0, 7]) == [ROW]
    assert (await store.search(tenant + "X", Wanted())).rows == ()


async def test_a_row_that_is_written_again_stays_as_it_was(store: Any, tenant: str) -> None:
    await kept(store, tenant, [ROW])
    await kept(store, tenant, [replace(ROW, outcome="refused")])
    assert (await store.search(tenant, Wanted())).rows == (ROW,)


async def test_pages_follow_each_other_newest_first_also_within_one_moment(store: Any, tenant: str) -> None:
    several = rows(7)
    await kept(store, tenant, several)
    found, before = list[Transaction](), None
    for expected in (3, 3, 1):
        page = await store.search(tenant, Wanted(), before=before, limit=3)
        assert (len(page.rows), page.is_cut) == (expected, False)
        found, before = [*found, *page.rows], page.onward
    assert before is None
    assert found == several[::-1]


@pytest.mark.parametrize("name", ["system", "operation", "actor", "trace_id", "call_id"])
async def test_rows_are_found_by_each_of_their_words(store: Any, tenant: str, name: str) -> None:
    other = replace(ROW, index=1, **{name: "another"})
    await kept(store, tenant, [ROW, other])
    assert (await store.search(tenant, Wanted(equal={name: "another"}))).rows == (other,)
    assert (await store.search(tenant, Wanted(equal={name: "nothing"}))).rows == ()


async def test_rows_are_found_by_fault_and_several_words_at_once(store: Any, tenant: str) -> None:
    mine = replace(ROW, index=1, fault=Fault.PARTNER_BUSINESS)
    await kept(store, tenant, [ROW, mine, replace(mine, index=2, system="dkdn")])
    equal = {"fault": "partner_business", "system": "dancu", "operation": "verify_citizen", "actor": "motcua"}
    assert (await store.search(tenant, Wanted(equal=equal))).rows == (mine,)


async def test_rows_are_found_by_any_of_several_references_and_within_a_span(store: Any, tenant: str) -> None:
    several = [replace(row, reference=f"H99-{row.index}") for row in rows(6)]
    await kept(store, tenant, several)
    wanted = Wanted(references=("H99-1", "H99-4", "H99-5"))
    assert [row.index for row in (await store.search(tenant, wanted)).rows] == [5, 4, 1]
    wanted = replace(wanted, since=NOW + timedelta(seconds=1), until=NOW + timedelta(seconds=2, microseconds=1))
    assert [row.index for row in (await store.search(tenant, wanted)).rows] == [5, 4]
    assert [row.index for row in (await store.search(tenant, replace(wanted, until=NOW))).rows] == []


async def test_who_only_looked_is_left_out_unless_asked_for(store: Any, tenant: str) -> None:
    look = replace(ROW, index=1, operation="console_transaction")
    await kept(store, tenant, [ROW, look])
    assert (await store.search(tenant, Wanted(references=(ROW.reference,)))).rows == (look, ROW)
    assert (await store.search(tenant, Wanted(references=(ROW.reference,), looks=False))).rows == (ROW,)


async def test_the_turn_names_the_next_leaf(store: Any, tenant: str) -> None:
    assert await store.turn(tenant) == 0
    await kept(store, tenant, rows(3))
    assert await store.turn(tenant) == 3


async def test_of_two_processes_one_has_the_turn(on: Any, store: Any, tenant: str) -> None:
    if on is None:
        store.taken.add(tenant)
        assert await store.turn(tenant) is None
        return
    async with on.own_transaction() as connection:
        key = f"log_reader/{tenant}/transactions"
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))
        async with on.transaction():
            assert await store.turn(tenant) is None
    async with on.transaction():
        assert await store.turn(tenant) == 0


async def test_a_search_for_what_is_nowhere_ends_and_says_where_it_stopped(on: Any, tenant: str) -> None:
    """Two common conditions without a row in common: the look is bounded, and goes on from where it ended."""
    if on is None:
        pytest.skip("the list in memory is searched whole")
    store = PostgresTransactions(on, bounds=Bounds(most=5, probed=3))
    mixed = [replace(r, system=("dkdn", "dancu")[r.index % 2], actor=("a", "b")[r.index % 2]) for r in rows(24)]
    await kept(store, tenant, mixed)
    wanted = Wanted(equal={"system": "dancu", "actor": "a"})
    page = await store.search(tenant, wanted, limit=2)
    assert (page.rows, page.is_cut) == ((), True)
    looks, before = 1, page.onward
    assert isinstance(before, Place)
    while before is not None:
        page = await store.search(tenant, wanted, before=before, limit=2)
        assert page.rows == ()
        before, looks = page.onward, looks + 1
    assert looks == 3
