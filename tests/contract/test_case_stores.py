"""Stored cases: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg.errors
import pytest
from services import NOW

from gateway.cases.memory import MemoryCases
from gateway.cases.model import CaseKind, Opening, Owner
from gateway.cases.postgres import PostgresCases
from gateway.cases.store import Resolved
from gateway.signing import Keyring

DAY = date(2026, 11, 22)
OPENING = Opening(
    kind=CaseKind.LOCAL_ONLY, about="T1", rail="vnpay", finder="query", owner=Owner.RAIL, facts={"amount": 5}, day=DAY
)
DONE = Resolved(by="Trưởng phòng", resolution="đã kiểm tra", evidence="a" * 64, at=NOW)
TIMES: dict[str, Any] = {"now": NOW, "due_at": NOW + timedelta(hours=8)}


@pytest.fixture
def cases(on: Any, keyring: Keyring) -> Any:
    return PostgresCases(on, keyring) if on else MemoryCases()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_a_case_is_found_as_it_was_opened(cases: Any, tenant: str) -> None:
    case, new = await cases.open(tenant, OPENING, **TIMES)
    assert (case.opening, case.opened_at, case.due_at, new) == (OPENING, NOW, TIMES["due_at"], True)
    assert await cases.find(tenant, case.id) == case
    assert await cases.find(f"{tenant}X", case.id) is None


async def test_the_same_waits_or_was_resolved_with_the_same_facts(cases: Any, tenant: str) -> None:
    case, _ = await cases.open(tenant, OPENING, **TIMES)
    assert await cases.open(tenant, replace(OPENING, facts={"amount": 6}), **TIMES) == (case, False)
    done = await cases.resolve(tenant, case.id, DONE)
    assert (done.resolved_by, done.resolution, done.evidence) == ("Trưởng phòng", "đã kiểm tra", "a" * 64)
    assert await cases.open(tenant, OPENING, **TIMES) == (done, False)
    other, new = await cases.open(tenant, replace(OPENING, facts={"amount": 6}), **TIMES)
    assert (other.id != case.id, new) == (True, True)
    assert await cases.resolve(tenant, case.id, DONE) is None


async def test_of_many_at_once_one_opens_it(cases: Any, tenant: str) -> None:
    opened = await asyncio.gather(*(cases.open(tenant, OPENING, **TIMES) for _ in range(8)))
    assert len({case.id for case, _ in opened}) == 1
    assert sum(new for _, new in opened) == 1


async def test_cases_are_listed_by_due_time_day_and_rail(cases: Any, tenant: str) -> None:
    first, _ = await cases.open(tenant, OPENING, **TIMES)
    sooner = {**TIMES, "due_at": NOW}
    second, _ = await cases.open(tenant, replace(OPENING, about="T2", rail="paygov", day=None), **sooner)
    both = await cases.listed(tenant, everything=False, limit=9, day=None)
    assert [case.id for case in both] == [second.id, first.id]
    assert [case.id for case in await cases.listed(tenant, everything=False, limit=9, day=DAY)] == [first.id]
    assert [c.id for c in await cases.listed(tenant, everything=False, limit=9, day=None, rail="paygov")] == [second.id]
    await cases.resolve(tenant, first.id, DONE)
    assert [case.id for case in await cases.listed(tenant, everything=False, limit=9, day=None)] == [second.id]
    assert len(await cases.listed(tenant, everything=True, limit=9, day=None)) == 2
    assert len(await cases.listed(tenant, everything=True, limit=1, day=None)) == 1


async def test_a_resolved_case_cannot_be_changed_nor_any_be_deleted(on: Any, cases: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory has no triggers")
    case, _ = await cases.open(tenant, OPENING, **TIMES)
    await cases.resolve(tenant, case.id, DONE)
    for statement in (
        "UPDATE money_case SET evidence = '' WHERE tenant = %s",
        "DELETE FROM money_case WHERE tenant = %s",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            async with on.transaction() as connection:
                await connection.execute(statement, (tenant,))
    async with on.transaction() as connection:
        row = await (await connection.execute("SELECT * FROM money_case WHERE tenant = %s", (tenant,))).fetchone()
    assert "kiểm".encode() not in bytes(row["resolved"])
