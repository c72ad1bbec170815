"""Stored bills, payments and the books: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg.errors
import pytest
from services import NOW

from gateway.payments.books import Account, BookEntry, EntryKind, Line
from gateway.payments.memory import MemoryBills, MemoryBooks, MemoryPayments
from gateway.payments.model import Bill, BillState, Payment, PaymentState, Source
from gateway.payments.postgres import PostgresBills, PostgresBooks, PostgresPayments
from gateway.payments.store import InitTold
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

BIG = 9_999_999_999_999
CODE = "H99.01-261124-0001"
DAY = date(2026, 11, 23)
DOCUMENT = {"payer": {"full_name": "Trần Thị Mẫu"}, "amount": BIG, "list": [1, None, "ộ"]}


@dataclass
class Stores:
    bills: Any
    payments: Any
    books: Any
    database: Any


@pytest.fixture
def money(on: Any, keyring: Keyring) -> Stores:
    if on:
        return Stores(PostgresBills(on, keyring), PostgresPayments(on, keyring), PostgresBooks(on), on)
    bills, payments = MemoryBills(), MemoryPayments()
    return Stores(bills, payments, MemoryBooks(bills, payments), None)


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def bill(tenant: str, **changes: Any) -> Bill:
    first = Bill(
        tenant=tenant,
        bill_id="B1",
        dossier_code=CODE,
        amount=BIG,
        currency="VND",
        state=BillState.UNPAID,
        matter="m",
        beneficiary="0000111122",
        created_at=NOW,
        updated_at=NOW,
        document=DOCUMENT,
    )
    return replace(first, **changes)


def payment(tenant: str, **changes: Any) -> Payment:
    name = changes.get("payment_id", "P0000000000000000001")
    first = Payment(
        tenant=tenant,
        payment_id=name,
        bill_id="B1",
        dossier_code=CODE,
        amount=BIG,
        currency="VND",
        state=PaymentState.CREATED,
        system="payment",
        reference=name,
        created_at=NOW,
        updated_at=NOW,
        document=DOCUMENT,
    )
    return replace(first, **changes)


def entry(tenant: str, **changes: Any) -> BookEntry:
    first = BookEntry(
        tenant=tenant,
        entry_id="collection:P0000000000000000001",
        kind=EntryKind.COLLECTION,
        rail="payment",
        transaction_id="T1",
        bill_id="B1",
        payment_id="P0000000000000000001",
        currency="VND",
        day=DAY,
        occurred_at=NOW,
        posted_at=NOW,
        source=Source.NOTICE,
        lines=(
            Line(account=Account.RAIL, party="payment", amount=BIG),
            Line(account=Account.FEE, party="0000111122", amount=-BIG + 1),
            Line(account=Account.CHARGE, party="0000111122", amount=-1),
        ),
    )
    return replace(first, **changes)


async def opened(money: Stores, tenant: str, *others: str) -> None:
    await money.bills.add(bill(tenant))
    for name in ("P0000000000000000001", *others):
        await money.payments.add(payment(tenant, payment_id=name))


async def all_of(money: Stores, tenant: str, *, last: date = DAY) -> list[Any]:
    pages = [page async for page in money.books.of_days(tenant, "payment", first=DAY, last=last)]
    return [line for page in pages for line in page]


async def write(database: Any, tenant: str, *amounts: int) -> None:
    """An entry with these lines, past the code that makes them balance."""
    values = {name: getattr(entry(tenant), name) for name in BookEntry.__slots__ if name != "lines"}
    names, holes = ", ".join(values), ", ".join(f"%({name})s" for name in values)
    async with database.transaction() as connection:
        await connection.execute(f"INSERT INTO book_entry ({names}) VALUES ({holes})", values)
        await add_lines(database, tenant, 1, *amounts)


async def add_lines(database: Any, tenant: str, first: int, *amounts: int) -> None:
    async with database.transaction() as connection:
        for place, amount in enumerate(amounts, start=first):
            line = (tenant, entry(tenant).entry_id, place, "rail", "payment", amount)
            await connection.execute("INSERT INTO book_line VALUES (%s, %s, %s, %s, %s, %s)", line)


class TestBills:
    async def test_a_bill_is_found_as_it_was_stored(self, money: Stores, tenant: str) -> None:
        """Thirteen digits stay whole."""
        await money.bills.add(bill(tenant))
        assert await money.bills.find(tenant, "B1") == bill(tenant)
        assert await money.bills.lock(tenant, "B1") == bill(tenant)
        assert await money.bills.find(tenant + "X", "B1") is None

    async def test_only_its_state_moves(self, money: Stores, tenant: str) -> None:
        await money.bills.add(bill(tenant))
        await money.bills.save(bill(tenant, state=BillState.PAID, amount=1))
        assert await money.bills.find(tenant, "B1") == bill(tenant, state=BillState.PAID)

    async def test_a_bill_is_never_rewritten_or_deleted(self, money: Stores, tenant: str) -> None:
        if money.database is None:
            pytest.skip("memory has no triggers")
        await money.bills.add(bill(tenant))
        for statement in ("UPDATE bill SET amount = 1 WHERE tenant = %s", "DELETE FROM bill WHERE tenant = %s"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                async with money.database.transaction() as connection:
                    await connection.execute(statement, (tenant,))

    async def test_bills_of_a_dossier_come_oldest_first(self, money: Stores, tenant: str) -> None:
        newer = bill(tenant, bill_id="B2", created_at=NOW + timedelta(hours=1))
        for each in (newer, bill(tenant), bill(tenant, bill_id="B3", dossier_code="OTHER")):
            await money.bills.add(each)
        assert [found.bill_id for found in await money.bills.of_dossier(tenant, CODE)] == ["B1", "B2"]

    async def test_bills_are_locked_by_name_and_by_dossier_each_once(self, money: Stores, tenant: str) -> None:
        newer = bill(tenant, bill_id="B2", created_at=NOW + timedelta(hours=1))
        other, unasked = (bill(tenant, bill_id=name, dossier_code=name) for name in ("B3", "B4"))
        await money.bills.add(newer, bill(tenant), other, unasked)
        await money.bills.lock_dossiers(tenant, [CODE, "NONE"])
        locked = await money.bills.lock_all(tenant, ["B3", "B1", "NONE"], dossiers=[CODE])
        assert sorted(each.bill_id for each in locked) == ["B1", "B2", "B3"]
        assert [each for each in locked if each.dossier_code == CODE] == [bill(tenant), newer]
        assert await money.bills.lock_all(tenant, [], dossiers=[]) == []
        assert await money.bills.lock_all(tenant + "X", ["B1"], dossiers=[CODE]) == []

    async def test_no_name_of_a_payer_lies_open(self, money: Stores, tenant: str) -> None:
        """PDP-06 (part), PAY-18 (part): sealed at rest."""
        if money.database is None:
            pytest.skip("memory holds nothing after the process")
        await opened(money, tenant)
        async with money.database.transaction() as connection:
            for table in ("bill", "payment"):
                cursor = await connection.execute(f"SELECT document FROM {table} WHERE tenant = %s", (tenant,))
                assert "Mẫu".encode() not in bytes((await cursor.fetchone())["document"])

    async def test_what_is_sealed_is_sealed_to_its_row(self, money: Stores, tenant: str) -> None:
        """PAY-18 (part): whoever can write the table cannot put one payer in another's place."""
        if money.database is None:
            pytest.skip("memory holds nothing after the process")
        await opened(money, tenant)
        other = replace(payment(tenant), payment_id=f"{payment(tenant).payment_id[:-1]}X", reference="X")
        await money.payments.add(other)
        async with money.database.transaction() as connection:
            await connection.execute(
                "UPDATE payment SET document = (SELECT document FROM payment WHERE tenant = %s AND payment_id = %s)"
                " WHERE tenant = %s AND payment_id = %s",
                (tenant, payment(tenant).payment_id, tenant, other.payment_id),
            )
        with pytest.raises(IntegrityError):
            await money.payments.find(tenant, other.payment_id)

    async def test_what_was_sealed_before_rows_had_names_of_their_own_is_still_read(
        self, money: Stores, tenant: str, keyring: Keyring
    ) -> None:
        """Bills of before were copied from payments as they lay there (0024)."""
        if money.database is None:
            pytest.skip("memory holds nothing after the process")
        await opened(money, tenant)
        sealed = keyring.seal(b'{"payer": {}}', purpose="payment")
        name = payment(tenant).payment_id
        async with money.database.transaction() as connection:
            await connection.execute(
                "UPDATE payment SET document = %s WHERE tenant = %s AND payment_id = %s", (sealed, tenant, name)
            )
        assert (await money.payments.find(tenant, name)).document == {"payer": {}}


class TestPayments:
    async def test_a_payment_is_found_as_it_was_stored(self, money: Stores, tenant: str) -> None:
        await opened(money, tenant)
        name = payment(tenant).payment_id
        assert await money.payments.find(tenant, name) == payment(tenant)
        assert await money.payments.lock(tenant, name) == payment(tenant)
        assert await money.payments.by_reference(tenant, "payment", name) == payment(tenant)
        assert await money.payments.by_reference(tenant, "vnpay", name) is None
        assert await money.payments.find(tenant + "X", name) is None

    async def test_what_was_learnt_is_kept(self, money: Stores, tenant: str) -> None:
        await opened(money, tenant)
        learnt: dict[str, Any] = {"pay_url": "https://a/b", "transaction_id": "T1", "paid_at": NOW, "notices": 3}
        paid = payment(tenant, state=PaymentState.PAID, excess=True, **learnt)
        await money.payments.save(paid)
        assert await money.payments.find(tenant, paid.payment_id) == paid

    async def test_what_init_told_is_written_unless_a_notice_was_faster(self, money: Stores, tenant: str) -> None:
        """F02: a notice knows more than the answer to INIT."""
        await opened(money, tenant, "P2", "P3")
        asked = {name: payment(tenant, payment_id=name) for name in ("P0000000000000000001", "P2")}
        paid = replace(asked["P2"], state=PaymentState.PAID, pay_url="https://a/b", notices=1, paid_at=NOW)
        await money.payments.save(paid)
        later = NOW + timedelta(seconds=1)
        told = [
            InitTold(each, PaymentState.OPENED, url)
            for each, url in zip(asked.values(), ("https://p", ""), strict=True)
        ]
        after = {each.payment_id: each for each in await money.payments.told(told, at=later)}
        first = replace(told[0].payment, state=PaymentState.OPENED, pay_url="https://p", updated_at=later)
        assert after == {first.payment_id: first, "P2": replace(paid, updated_at=later)}
        found = await money.payments.several(tenant, ["P3", "NONE", *after])
        assert {each.payment_id: each for each in found} == {**after, "P3": payment(tenant, payment_id="P3")}

    async def test_paid_once_is_paid_and_otherwise_the_newest_attempt_counts(self, money: Stores, tenant: str) -> None:
        """STA-05 (part)."""
        assert await money.payments.state_of(tenant, CODE) == "none"
        await money.bills.add(bill(tenant))
        await money.payments.add(payment(tenant, state=PaymentState.FAILED))
        newer = payment(tenant, payment_id="P2", created_at=NOW + timedelta(hours=1))
        await money.payments.add(newer)
        assert await money.payments.state_of(tenant, CODE) == "created"
        await money.payments.save(payment(tenant, state=PaymentState.PAID))
        assert await money.payments.state_of(tenant, CODE) == "paid"
        assert await money.payments.state_of(tenant + "X", CODE) == "none"

    async def test_attempts_are_found_by_dossier_bill_and_reference(self, money: Stores, tenant: str) -> None:
        await opened(money, tenant, "P2")
        await money.bills.add(bill(tenant, bill_id="B2", dossier_code="OTHER"))
        await money.payments.add(payment(tenant, payment_id="P3", bill_id="B2", dossier_code="OTHER"))
        await money.books.enter(entry(tenant))
        first = payment(tenant, postings=1)
        assert list(await money.payments.of_dossier(tenant, CODE)) == [first, payment(tenant, payment_id="P2")]
        assert [p.payment_id for p in await money.payments.of_bill(tenant, "B2")] == ["P3"]
        found = await money.payments.by_references(tenant, "payment", ["P3", first.reference, "NONE"])
        assert {p.payment_id for p in found} == {"P3", first.payment_id}

    async def test_open_attempts_of_a_day_are_those_without_an_end(self, money: Stores, tenant: str) -> None:
        await opened(money, tenant)
        late = NOW.replace(hour=16, minute=59)
        await money.payments.add(payment(tenant, payment_id="P2", created_at=late))
        await money.payments.add(payment(tenant, payment_id="P3", created_at=late + timedelta(minutes=1)))
        await money.payments.add(payment(tenant, payment_id="P4", state=PaymentState.FAILED))
        found = await money.payments.open_on(tenant, "payment", first=DAY, last=DAY)
        assert [p.payment_id for p in found] == ["P0000000000000000001", "P2"]


class TestBooks:
    async def test_money_is_entered_once_per_bill_and_per_transaction(self, money: Stores, tenant: str) -> None:
        """PAY-06, PAY-08."""
        await opened(money, tenant, "P2")
        other = replace(entry(tenant), entry_id="collection:P2", payment_id="P2")
        assert await money.books.enter(entry(tenant))
        assert not await money.books.enter(entry(tenant, source=Source.QUERY))
        assert not await money.books.enter(other)
        assert not await money.books.enter(replace(other, transaction_id="T2"))
        excess = replace(other, entry_id="excess:P2", kind=EntryKind.EXCESS)
        assert not await money.books.enter(excess)
        assert await money.books.enter(replace(excess, transaction_id="T2"))
        assert (await money.payments.find(tenant, payment(tenant).payment_id)).postings == 1
        assert (await money.payments.find(tenant, "P2")).postings == 0
        assert await money.books.balance(tenant) == 0

    async def test_a_refund_goes_out_once_also_under_a_number_of_money_that_came_in(
        self, money: Stores, tenant: str
    ) -> None:
        await opened(money, tenant)
        assert await money.books.enter(entry(tenant))
        refund = replace(entry(tenant), entry_id="refund:R1", kind=EntryKind.REFUND, refund_id="R1")
        assert await money.books.enter(refund)
        assert not await money.books.enter(replace(refund, entry_id="refund:R1/2"))
        assert await money.books.enter(replace(refund, entry_id="refund:R2", refund_id="R2"))

    async def test_the_sums_of_days_count_what_came_and_what_went(self, money: Stores, tenant: str) -> None:
        await opened(money, tenant)
        await money.books.enter(entry(tenant))
        back = (
            Line(account=Account.FEE, party="0000111122", amount=7),
            Line(account=Account.RAIL, party="payment", amount=-7),
        )
        refund = entry(tenant, entry_id="refund:R1", kind=EntryKind.REFUND, refund_id="R1", lines=back)
        await money.books.enter(refund)
        found = await money.books.sums(tenant, "payment", first=DAY, last=DAY + timedelta(days=1))
        assert found == {DAY: (2, BIG - 7)}
        assert await money.books.sums(tenant, "vnpay", first=DAY, last=DAY) == {}

    async def test_the_movements_of_days_come_with_their_parts(self, money: Stores, tenant: str) -> None:
        await opened(money, tenant)
        await money.books.enter(entry(tenant))
        (line,) = await all_of(money, tenant)
        assert (line.amount, line.fee, line.charge) == (BIG, BIG - 1, 1)
        assert (line.reference, line.beneficiary, line.dossier_code) == (payment(tenant).reference, "0000111122", CODE)
        assert await all_of(money, tenant + "X") == []

    async def test_movements_come_in_pages_and_none_is_missed(
        self, money: Stores, tenant: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gateway.payments.postgres.PAGE", 2)
        await opened(money, tenant)
        for number in range(5):
            name = f"refund:R{number}"
            one = replace(entry(tenant), entry_id=name, kind=EntryKind.REFUND, refund_id=name, transaction_id="SAME")
            assert await money.books.enter(one)
        assert [line.refund_id for line in await all_of(money, tenant)] == [f"refund:R{n}" for n in range(5)]

    @pytest.mark.parametrize("amounts", [(1, -2), (5,), ()])
    async def test_an_entry_that_does_not_balance_is_refused_by_the_database_too(
        self, money: Stores, tenant: str, amounts: tuple[int, ...]
    ) -> None:
        if money.database is None:
            pytest.skip("memory has no constraints")
        await opened(money, tenant)
        with pytest.raises(psycopg.errors.CheckViolation):
            await write(money.database, tenant, *amounts)

    async def test_a_line_that_is_added_later_unbalances_nothing(self, money: Stores, tenant: str) -> None:
        if money.database is None:
            pytest.skip("memory has no constraints")
        await opened(money, tenant)
        await money.books.enter(entry(tenant))
        with pytest.raises(psycopg.errors.CheckViolation):
            await add_lines(money.database, tenant, 9, 7)
        for table in ("book_entry", "book_line"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                async with money.database.transaction() as connection:
                    await connection.execute(f"DELETE FROM {table} WHERE tenant = %s", (tenant,))

    @pytest.mark.parametrize(
        "table",
        [
            "bill",
            "book_entry",
            "book_line",
            "money_case",
            "money_day",
            "money_finding",
            "refund",
            "refund_step",
            "statement_file",
            "statement_line",
            "voucher",
        ],
    )
    async def test_no_table_of_money_is_emptied(self, money: Stores, table: str) -> None:
        """PAY-15 (part)."""
        if money.database is None:
            pytest.skip("memory has no triggers")
        with pytest.raises(psycopg.errors.RestrictViolation):
            async with money.database.transaction() as connection:
                await connection.execute(f"TRUNCATE {table} CASCADE")

    async def test_an_entry_that_does_not_balance_cannot_be_made(self, tenant: str) -> None:
        with pytest.raises(AssertionError, match="balances"):
            replace(entry(tenant), lines=(Line(account=Account.RAIL, party="payment", amount=1),))

    async def test_of_many_entries_at_once_one_holds(self, money: Stores, tenant: str) -> None:
        if money.database is None:
            pytest.skip("memory has no transactions")
        await opened(money, tenant)
        entered = await asyncio.gather(*(money.books.enter(entry(tenant)) for _ in range(5)))
        assert sum(entered) == 1

    async def test_provinces_and_rails_number_their_transactions_apart(self, money: Stores, tenant: str) -> None:
        for name in (tenant, tenant + "X"):
            await opened(money, name, "P2")
            assert await money.books.enter(entry(name))
            other = replace(entry(name), entry_id="excess:P2", kind=EntryKind.EXCESS, payment_id="P2", rail="vnpay")
            assert await money.books.enter(other)
