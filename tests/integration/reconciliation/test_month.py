"""A month of payments with one in a hundred wrong, of every kind: all found, named right, none invented."""

from __future__ import annotations

from collections import Counter
from datetime import date

import psycopg.errors
import pytest
from money_house import MoneyHouse
from money_month import KINDS, RAIL, Month, fill

from gateway.database import Database
from gateway.reconciliation.model import BANK
from gateway.reconciliation.tally import together

MONTH = Month(first=date(2026, 11, 1), payments=5_000)


async def _ledger(database: Database, tenant: str) -> dict[str, tuple[int, int]]:
    statement = """
        SELECT account, count(*) AS count, sum(amount)::bigint AS amount FROM book_line
        WHERE tenant = %s GROUP BY account"""
    async with database.transaction() as connection:
        rows = await (await connection.execute(statement, (tenant,))).fetchall()
    return {row["account"]: (row["count"], row["amount"]) for row in rows}


async def test_a_month_with_every_discrepancy_is_closed_to_zero(database: Database) -> None:
    """PAY-07, PAY-08, PAY-16, F29, F30, F34."""
    house = MoneyHouse(database, MONTH, tenant="MONTH")
    await fill(database, MONTH, tenant="MONTH", seal=lambda told: house.keyring.seal(told, purpose="payment"))
    await house.whole_month()

    found, truth = await house.found(), MONTH.truth()
    assert found == truth
    assert set(truth.values()) == set(KINDS)
    assert len(truth) == MONTH.payments // 100

    days = await house.days.between("MONTH", first=MONTH.first, last=date(2026, 12, 31))
    assert {day.closed_by for day in days} == {"Trưởng phòng"}
    totals = together(*(day.totals for day in days if day.rail == RAIL))
    ledger = await _ledger(database, "MONTH")
    assert (
        sum(t.amount for t in totals if (t.side, t.group) in {("books", "rail"), ("books", "refunds")})
        == ledger["rail"][1]
    )
    assert (
        sum(t.count for t in totals if (t.side, t.group) in {("books", "rail"), ("books", "refunds")})
        == ledger["rail"][0]
    )
    for part in ("fee", "charge"):
        assert [t.amount for t in totals if (t.group, t.name) == ("kind", part)] == [-ledger[part][1]]
    assert await house.books.balance("MONTH") == 0

    entered = {kind: count for kind, count in Counter(truth.values()).items() if kind in
               {"remote_only", "status_mismatch", "duplicate_paid"}}  # fmt: skip
    assert len(house.followed.collections) == entered["remote_only"] + entered["status_mismatch"]
    assert len(house.followed.excesses) == entered["duplicate_paid"]
    assert house.followed.disputes == []

    cases = await house.cases.listed("MONTH", everything=True, limit=1000)
    kinds = Counter(case.opening.kind.value for case in cases)
    assert kinds == Counter(kind for kind in truth.values() if kind != "late")
    assert {case.opening.kind.value for case in cases if case.resolved_at} == {"remote_only"}

    day = date(2026, 11, 10)
    for rail in (RAIL, BANK):
        with pytest.raises(psycopg.errors.RestrictViolation):
            async with database.transaction() as connection:
                await connection.execute(
                    "UPDATE money_day SET runs = 0 WHERE tenant = 'MONTH' AND rail = %s AND day = %s", (rail, day)
                )
