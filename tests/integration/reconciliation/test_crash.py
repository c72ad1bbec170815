"""A run that dies anywhere, and runs at the same time: every đồng once, every finding once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, timedelta

import pytest
from money_house import MoneyHouse
from money_month import RAIL, Month, fill

from gateway.database import Database

FIRST = date(2026, 11, 2)
MONTH = Month(first=FIRST, payments=420, days=1, share=0.1)
ENTERED = {"remote_only", "status_mismatch", "duplicate_paid"}


async def _house(database: Database, tenant: str) -> MoneyHouse:
    house = MoneyHouse(database, MONTH, tenant=tenant)
    await fill(database, MONTH, tenant=tenant, seal=lambda told: house.keyring.seal(told, purpose="payment"))
    house.clock.day = FIRST + timedelta(days=2)
    return house


async def _check(house: MoneyHouse) -> None:
    truth = {name: kind for name, kind in MONTH.truth().items() if name[1] == RAIL}
    assert await house.found() == truth
    cases = await house.cases.listed(house.tenant, everything=True, limit=1000)
    assert Counter(case.opening.kind.value for case in cases) == Counter(k for k in truth.values() if k != "late")
    entries = 0
    async for page in house.books.of_days(house.tenant, RAIL, first=FIRST, last=FIRST):
        entries += sum(line.amount > 0 for line in page)
    before = sum(entry["kind"] == "collection" for entry in MONTH.of(FIRST).entries)
    assert entries == before + sum(kind in ENTERED for kind in truth.values())
    assert await house.books.balance(house.tenant) == 0


async def test_a_run_that_dies_after_entering_money_is_undone_and_run_again(database: Database) -> None:
    """PAY-06, PAY-07 (part): the money and its finding stand or fall together."""
    house = await _house(database, "CRASH")
    kinds = {key: kind for (_, rail, key), kind in MONTH.truth().items() if rail == RAIL}
    house.dies_at = {key for key, kind in kinds.items() if kind in ENTERED}
    deaths = 0
    while house.dies_at:
        with pytest.raises(ConnectionResetError):
            await house.reconciliation.reconcile(FIRST, RAIL, context=house.context)
        deaths += 1
    assert deaths > 5
    await house.reconciliation.reconcile(FIRST, RAIL, context=house.context)
    await _check(house)


async def test_runs_at_the_same_time_find_everything_once(database: Database) -> None:
    """PAY-06, PAY-07 (part)."""
    house = await _house(database, "TOGETHER")
    await asyncio.gather(
        *(house.reconciliation.reconcile(FIRST, RAIL, context=house.context) for _ in range(3)), return_exceptions=False
    )
    await _check(house)
