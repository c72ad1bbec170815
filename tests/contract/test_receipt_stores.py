"""Receipts and their numbers: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from receipts_house import AGENCY, PAYER, ReceiptHouse, other_unit
from services import NOW, atomically

from gateway.database import Database
from gateway.receipts.memory import MemoryReceipts
from gateway.receipts.model import PaperReceipt, ReceiptKind, ReceiptState
from gateway.receipts.postgres import PostgresReceipts
from gateway.receipts.store import Trouble
from gateway.sdk.errors import ConflictError, IntegrityError
from gateway.signing import Keyring

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(on: Any, keyring: Keyring) -> Any:
    return PostgresReceipts(on, keyring) if on else MemoryReceipts()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


@pytest.fixture
def house(on: Any, store: Any, tenant: str) -> ReceiptHouse:
    return ReceiptHouse(store, tenant=tenant, transaction=on.transaction if on else atomically)


async def test_a_receipt_is_stored_once_and_read_back_whole(house: ReceiptHouse) -> None:
    await house.collect()
    before = await house.of()
    await house.collect()  # the same money
    assert await house.of() == before
    assert [(r.receipt_id, r.amount, r.state) for r in before] == [
        ("P00001-C", 30_000, "due"),
        ("P00001-F", 120_000, "due"),
    ]
    content = await house.store.content(house.tenant, "P00001-F")
    assert content.payer.name == PAYER["full_name"]
    assert content.payer.address == "1 Phố Mẫu, Tỉnh Ví Dụ"
    assert await house.store.find(house.tenant + "X", "P00001-F") is None
    assert await house.store.content(house.tenant, "P9-F") is None


async def test_what_is_issued_is_found_by_its_code_with_its_file(house: ReceiptHouse) -> None:
    await house.register(1, 10)
    await house.collect()
    assert await house.issue() == 2
    for receipt in await house.of():
        assert receipt.state is ReceiptState.ISSUED
        assert await house.store.by_code(house.tenant, receipt.lookup_code) == receipt
        assert (await house.store.file(house.tenant, receipt.receipt_id)).startswith(b"%PDF")
    assert await house.store.by_code(house.tenant, "") is None
    assert await house.store.file(house.tenant, "P9-F") is None


async def test_ranges_do_not_overlap_within_a_series(house: ReceiptHouse) -> None:
    """PAY-12."""
    await house.register(1, 100)
    for first, last in ((1, 100), (100, 200), (50, 60), (1, 1_000)):
        with pytest.raises(ConflictError) as refused:
            await house.register(first, last, other_unit("H99.12"))  # another unit, the same issuer and symbol
        assert refused.value.error_code == "caller.receipt_range_overlaps"
    await house.register(101, 200, other_unit("H99.12"))
    await house.register(1, 100, other_unit("H99.13", tax_code="9900000026"))  # another issuer
    await house.register(1, 100, other_unit("H99.14", letters="AB"))  # another symbol
    assert len(await house.store.ranges(house.tenant)) == 4
    assert await house.store.ranges(house.tenant + "X") == []


async def test_the_lowest_registered_number_comes_first(house: ReceiptHouse) -> None:
    """PAY-12: whichever was registered first."""
    await house.register(101, 200)
    await house.register(51, 60)
    await house.collect()
    await house.issue()
    assert [r.number for r in await house.of()] == [51, 52]
    await house.register(1, 50, other_unit("H99.12"))  # to another unit they are new


async def test_numbers_below_those_given_are_refused(house: ReceiptHouse) -> None:
    """PAY-12."""
    await house.register(101, 200)
    await house.collect()
    await house.issue()
    with pytest.raises(ConflictError) as refused:
        await house.register(1, 100)
    assert refused.value.error_code == "caller.receipt_range_goes_back"


async def test_ranges_are_used_up_one_after_the_other(house: ReceiptHouse) -> None:
    """PAY-12: ascending."""
    await house.register(7, 8)
    await house.register(21, 30)
    for number in (1, 2):
        await house.collect(number)
    await house.issue()
    numbers = [r.number for number in (1, 2) for r in await house.of(number)]
    assert numbers == [7, 8, 21, 22]


async def test_who_cannot_be_issued_waits_and_can_be_hurried(house: ReceiptHouse) -> None:
    await house.collect()
    first = await house.store.next_due(house.tenant, now=NOW)
    assert first.receipt_id == "P00001-C"
    await house.store.postpone(Trouble(tenant=house.tenant, code="x.y", receipt_id=first.receipt_id), until=LATER)
    assert (await house.store.next_due(house.tenant, now=NOW)).receipt_id == "P00001-F"
    assert await house.store.trouble(house.tenant, first.receipt_id) == "x.y"
    await house.store.postpone(Trouble(tenant=house.tenant, code="u.v", unit=AGENCY), until=LATER)
    assert await house.store.next_due(house.tenant, now=NOW) is None
    assert await house.store.hurry(house.tenant, now=NOW) == 2
    assert (await house.store.next_due(house.tenant, now=NOW)).receipt_id == "P00001-C"


async def test_receipts_are_listed_by_state(house: ReceiptHouse) -> None:
    await house.register(1, 1)
    await house.collect()
    await house.issue()
    due = await house.store.listed(house.tenant, state=ReceiptState.DUE, limit=10)
    assert [receipt.receipt_id for receipt in due] == ["P00001-F"]
    assert len(await house.store.listed(house.tenant, state=None, limit=10)) == 2
    assert len(await house.store.listed(house.tenant, state=None, limit=1)) == 1


async def test_a_paper_receipt_is_recorded_once(store: Any, tenant: str) -> None:
    """PAY-14 (part)."""
    paper = PaperReceipt(
        tenant=tenant,
        dossier_code=f"{AGENCY}-261123-0007",
        kind=ReceiptKind.FEE,
        symbol="AA-22P",
        number=7,
        amount=50_000,
        day=date(2026, 12, 31),
        recorded_at=NOW,
    )
    assert await store.add_paper(paper)
    assert not await store.add_paper(replace(paper, amount=1))


async def test_a_hundred_at_once_get_a_hundred_numbers(on: Any, store: Any, tenant: str) -> None:
    """PAY-12: no hole, no duplicate, whichever process issues."""
    if on is None:
        pytest.skip("one process has one memory")
    houses = [ReceiptHouse(store, tenant=tenant, transaction=on.transaction) for _ in range(4)]
    await houses[0].register(1, 60)
    await houses[0].register(61, 500)
    fee = [{"kind": "fee", "code": "P01", "name": "Phí", "amount": 1_000}]
    await asyncio.gather(*(houses[0].collect(number, lines=fee) for number in range(1, 101)))
    done = await asyncio.gather(*(house.issue() for house in houses))
    assert sum(done) == 100
    assert sum(1 for count in done if count) > 1
    issued = await houses[0].store.listed(tenant, state=ReceiptState.ISSUED, limit=1_000)
    numbers = sorted(receipt.number for receipt in issued)
    assert numbers == list(range(1, 101))


async def test_an_issue_that_is_undone_gives_its_number_back(on: Any, store: Any, tenant: str) -> None:
    """PAY-12, F18: whatever fails before the transaction ends, the number is the next one's."""
    if on is None:
        pytest.skip("memory has no transactions")
    house = ReceiptHouse(store, tenant=tenant, transaction=on.transaction)
    await house.register(1, 10)
    await house.collect()
    house.noted.broken = ZeroDivisionError()
    assert await house.issue() == 0
    assert {receipt.state for receipt in await house.of()} == {ReceiptState.DUE}
    house.noted.broken = None
    house.clock.now += timedelta(minutes=2)
    assert await house.issue() == 2
    assert [receipt.number for receipt in await house.of()] == [1, 2]


KEPT = {
    "delete from receipt": "restrict_violation",
    "update receipt set amount = amount + 1": "restrict_violation",
    "update receipt set number = number + 1 where number is not null": "restrict_violation",
    "update receipt set state = 'due', number = null, issued_at = null": "restrict_violation",
    "update receipt set content = ''": "restrict_violation",
    "update receipt set sha256 = 'x'": "restrict_violation",
    "truncate receipt cascade": "restrict_violation",
    "delete from receipt_file": "restrict_violation",
    "update receipt_file set content = ''": "restrict_violation",
    "truncate receipt_file": "restrict_violation",
    "delete from receipt_range": "restrict_violation",
    "update receipt_range set used_to = used_to + 2": "restrict_violation",
    "update receipt_range set used_to = used_to - 1": "restrict_violation",
    "update receipt_range set last = last + 1": "restrict_violation",
    "truncate receipt_range": "restrict_violation",
}


@pytest.mark.parametrize("statement", KEPT)
async def test_an_issued_receipt_can_be_neither_altered_nor_deleted(
    statement: str, database: Database, keyring: Keyring, tenant: str
) -> None:
    """PAY-15, PAY-16."""
    house = ReceiptHouse(PostgresReceipts(database, keyring), tenant=tenant, transaction=database.transaction)
    await house.register(1, 10)
    await house.collect()
    await house.issue()
    with pytest.raises(psycopg.errors.RestrictViolation):
        await database.run(statement)


async def test_a_paper_receipt_of_2027_is_refused_by_the_database_too(
    database: Database, keyring: Keyring, tenant: str
) -> None:
    """PAY-14, T9."""
    paper = PaperReceipt(
        tenant=tenant,
        dossier_code="H99.01-270101-0001",
        kind=ReceiptKind.FEE,
        symbol="AA-22P",
        number=1,
        amount=1,
        day=date(2027, 1, 1),
        recorded_at=datetime(2027, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        await PostgresReceipts(database, keyring).add_paper(paper)


async def test_what_is_stored_of_a_payer_cannot_be_read_without_the_keys(
    database: Database, keyring: Keyring, tenant: str
) -> None:
    house = ReceiptHouse(PostgresReceipts(database, keyring), tenant=tenant, transaction=database.transaction)
    await house.collect()
    row = await (await database.run("select * from receipt where tenant = %(t)s limit 1", {"t": tenant})).fetchone()
    assert row is not None
    assert "Mẫu".encode() not in bytes(row["content"])
    with pytest.raises(IntegrityError):
        await PostgresReceipts(database, Keyring.ephemeral()).content(tenant, row["receipt_id"])
