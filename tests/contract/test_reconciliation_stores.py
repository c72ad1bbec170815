"""Reconciled days and statements: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg.errors
import pytest
from services import NOW

from gateway.cases.model import CaseKind
from gateway.reconciliation.memory import MemoryDays, MemoryStatements
from gateway.reconciliation.model import Finding, MoneyDay, Statement, StatementLine, Total, View
from gateway.reconciliation.postgres import PostgresDays, PostgresStatements
from gateway.reconciliation.statements import keyed
from gateway.signing import Keyring

DAY = date(2026, 11, 22)
BEGUN = MoneyDay(rail="vnpay", day=DAY, view=View.LIST, began_at=NOW)
FOUND = Finding(kind=CaseKind.LOCAL_ONLY, key="T1", reference="P1", facts={"amount": 3_000_000_000}, found_at=NOW)
TOTAL = Total(group="rail", name="vnpay", side="books", count=1, amount=9_999_999_999_999)


@pytest.fixture
def days(on: Any, keyring: Keyring) -> Any:
    return PostgresDays(on, keyring) if on else MemoryDays()


@pytest.fixture
def statements(on: Any, keyring: Keyring) -> Any:
    return PostgresStatements(on, keyring) if on else MemoryStatements()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def _all(days: Any, tenant: str) -> list[Finding]:
    return [finding for _, finding in await days.findings(tenant, "vnpay", first=DAY, last=DAY)]


async def test_a_day_is_begun_again_concluded_and_closed_once(days: Any, tenant: str) -> None:
    assert await days.close(tenant, "vnpay", DAY, by="A", now=NOW) is None
    assert await days.begin(tenant, BEGUN) == BEGUN
    again = await days.begin(tenant, replace(BEGUN, view=View.QUERY))
    assert (again.runs, again.view) == (2, View.QUERY)
    assert await days.close(tenant, "vnpay", DAY, by="A", now=NOW) is None
    done = replace(again, ended_at=NOW, counts={"matched": 4}, totals=(TOTAL,))
    await days.conclude(tenant, done)
    assert await days.find(tenant, "vnpay", DAY) == done
    more = await days.begin(tenant, BEGUN)
    assert (more.runs, more.ended_at, more.counts) == (3, None, {"matched": 4})
    assert await days.close(tenant, "vnpay", DAY, by="A", now=NOW) is None  # the newest run has no end yet
    await days.conclude(tenant, done)
    closed = await days.close(tenant, "vnpay", DAY, by="Trưởng phòng", now=NOW)
    assert (closed.closed_by, closed.closed_at) == ("Trưởng phòng", NOW)
    assert await days.close(tenant, "vnpay", DAY, by="B", now=NOW) is None
    assert await days.between(tenant, first=DAY, last=DAY) == [closed]
    assert await days.between(f"{tenant}X", first=DAY, last=DAY) == []


async def test_a_finding_is_renewed_and_keeps_its_first_moment_and_its_posting(days: Any, tenant: str) -> None:
    await days.begin(tenant, BEGUN)
    assert await days.put(tenant, "vnpay", DAY, finding=replace(FOUND, posted=True)) == replace(FOUND, posted=True)
    later = replace(FOUND, kind=CaseKind.LATE, found_at=NOW + timedelta(days=1))
    assert await days.put(tenant, "vnpay", DAY, finding=later) == replace(FOUND, kind=CaseKind.LATE, posted=True)
    await days.clear(tenant, "vnpay", DAY, keys=["T1"], now=NOW)
    (cleared,) = await _all(days, tenant)
    assert (cleared.cleared_at, cleared.unmatched) == (NOW, False)
    await days.put(tenant, "vnpay", DAY, finding=FOUND)
    assert [finding.cleared_at for finding in await _all(days, tenant)] == [None]


async def test_a_closed_day_takes_no_finding(on: Any, days: Any, tenant: str) -> None:
    """PAY-07 (part): a closed day is history."""
    if on is None:
        pytest.skip("memory has no triggers")
    await days.begin(tenant, BEGUN)
    await days.put(tenant, "vnpay", DAY, finding=FOUND)
    await days.conclude(tenant, replace(BEGUN, ended_at=NOW))
    await days.close(tenant, "vnpay", DAY, by="A", now=NOW)
    with pytest.raises(psycopg.errors.RestrictViolation):
        await days.put(tenant, "vnpay", DAY, finding=replace(FOUND, key="T2"))
    with pytest.raises(psycopg.errors.RestrictViolation):
        await days.clear(tenant, "vnpay", DAY, keys=["T1"], now=NOW)
    with pytest.raises(psycopg.errors.RestrictViolation):
        await days.begin(tenant, BEGUN)


def _statement(*amounts: int, sha: str = "a" * 64, day: date = DAY) -> Statement:
    lines = [
        StatementLine(account="351", day=day, transaction_id="T1", reference="", amount=amount, content="Trần Thị Mẫu")
        for amount in amounts
    ]
    return Statement(account="351", sha256=sha, lines=keyed(lines))


async def test_a_file_and_a_line_are_taken_once(statements: Any, tenant: str) -> None:
    assert await statements.add(tenant, _statement(5, 5, -3), by="ketoan", now=NOW) == 3
    assert await statements.add(tenant, _statement(5, 5, -3), by="ketoan", now=NOW) is None
    assert await statements.add(tenant, _statement(5, 7, 5, -3, sha="b" * 64), by="ketoan", now=NOW) == 1
    pages = [page async for page in statements.of_days(tenant, first=DAY, last=DAY)]
    assert sorted(line.amount for page in pages for line in page) == [-3, 5, 5, 7]
    assert [page async for page in statements.of_days(f"{tenant}X", first=DAY, last=DAY)] == []


async def test_what_is_covered_grows_with_the_files(statements: Any, tenant: str) -> None:
    await statements.add(tenant, _statement(5, day=DAY + timedelta(days=3)), by="ketoan", now=NOW)
    await statements.add(tenant, _statement(6, sha="b" * 64), by="ketoan", now=NOW)
    assert await statements.covered(tenant) == {"351": DAY + timedelta(days=3)}


async def test_a_narration_is_sealed_and_a_line_stays(on: Any, statements: Any, tenant: str) -> None:
    """PAY-18 (part)."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    await statements.add(tenant, _statement(5), by="ketoan", now=NOW)
    async with on.transaction() as connection:
        row = await (await connection.execute("SELECT * FROM statement_line WHERE tenant = %s", (tenant,))).fetchone()
    assert "Mẫu".encode() not in bytes(row["content"])
    with pytest.raises(psycopg.errors.RestrictViolation):
        async with on.transaction() as connection:
            await connection.execute("DELETE FROM statement_line WHERE tenant = %s", (tenant,))
