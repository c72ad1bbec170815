"""Books against the statements of the bank, and statements as files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from reconciling_house import ACCOUNT, DAY, RAIL, TENANT, ReconcilingHouse, kinds, line, moment, stated
from services import CONTEXT

from gateway.payments.books import Account, EntryKind, Line
from gateway.reconciliation.statements import MOST_LINES, MOST_PROBLEMS, read_statement
from gateway.sdk.errors import UnprocessableError

MONDAY = DAY
LATER = DAY + timedelta(days=5)


@pytest.fixture
def house() -> ReconcilingHouse:
    house = ReconcilingHouse()
    house.today = LATER
    return house


async def test_what_the_bank_has_that_day_or_later_is_matched(house: ReconcilingHouse) -> None:
    """PAY-07 (part): NĐ 252/2026 Art 61 lets a bank pass it on before 10:00 of the next transaction day."""
    for name in ("P1", "P2", "P3"):
        await house.paid(name)
    await house.bank(
        stated("P1"),
        stated("P2", day=MONDAY + timedelta(days=1)),
        stated("P3", transaction_id="", reference="P3", day=MONDAY + timedelta(days=1)),
    )
    report = await house.run_bank()
    assert (kinds(report), report.day.counts["matched"], report.clean) == ({}, 3, True)
    sums = {(t.group, t.name, t.side): t.amount for t in report.day.totals}
    assert sums["account", ACCOUNT, "books"] == 450_000
    assert (sums["account", ACCOUNT, "bank"], sums["account", ACCOUNT, "bank_late"]) == (150_000, 300_000)
    assert kinds(await house.run_bank(MONDAY + timedelta(days=1))) == {}


async def test_what_the_statement_lacks_is_missing_only_when_it_reaches_the_next_working_day(
    house: ReconcilingHouse,
) -> None:
    await house.paid("P1")
    await house.paid("P2")
    await house.bank(stated("P1"))
    report = await house.run_bank()
    assert (kinds(report), report.day.counts["not_compared"]) == ({}, 1)
    await house.bank(stated("PX", day=MONDAY + timedelta(days=1)))
    assert kinds(await house.run_bank()) == {"vnpay:TP2": "statement_missing"}
    await house.bank(stated("P2", day=MONDAY + timedelta(days=2)))
    report = await house.run_bank()
    assert (kinds(report), report.clean) == ({}, True)
    assert [case.resolved_by for _, case in house.kept.kept] == ["reconciliation"]


async def test_money_of_friday_may_come_on_monday(house: ReconcilingHouse) -> None:
    friday = date(2026, 11, 20)
    await house.paid("P1", at=moment(day=friday))
    await house.bank(stated("PX", day=friday + timedelta(days=2)))
    assert kinds(await house.run_bank(friday)) == {}


@pytest.mark.parametrize(
    ("changes", "kind"), [({"amount": 149_999}, "amount_mismatch"), ({"account": "9"}, "account_mismatch")]
)
async def test_the_bank_may_differ_in_amount_and_account(
    house: ReconcilingHouse, changes: dict[str, object], kind: str
) -> None:
    await house.paid("P1")
    told = stated("P1", **changes)
    await house.bank(told, account=told.account)
    assert kinds(await house.run_bank()) == {"vnpay:TP1": kind}


async def test_what_only_the_bank_has_is_a_case_unless_the_rail_told_of_it(house: ReconcilingHouse) -> None:
    house.lists(line("P1"))
    await house.run()
    await house.bank(stated("P1"), stated("P2"))
    report = await house.run_bank()
    assert list(kinds(report).values()) == ["statement_only"]
    assert report.findings[0].facts["listed_transaction"] == "TP2"


async def test_a_rail_that_neither_lists_nor_answers_goes_by_the_statement(house: ReconcilingHouse) -> None:
    """PAY-08: money that only the bank tells of is entered, and marked so."""
    house.rail.can = set()
    await house.attempt("P1")
    await house.bank(stated("P1", reference="P1"), stated("P2", reference="P2"))
    report = await house.run()
    assert kinds(report) == {"TP1": "remote_only"}
    ((_, entry),) = house.books.entries.items()
    assert entry.source == "statement"


GOOD = """Ngày GD;Mã GD;Số tiền;Nội dung
23/11/2026;T1;1.500.000;THANH TOAN
2026-11-24;T2;-150000;
24/11/2026;T2;-150,000;
"""
COLUMNS = {"day": "Ngày GD", "transaction_id": "Mã GD", "amount": "Số tiền", "content": "Nội dung"}


def test_a_statement_is_read_by_the_names_of_its_columns() -> None:
    found = read_statement(("﻿" + GOOD).encode(), account=ACCOUNT, columns=COLUMNS)
    assert [(told.day.day, told.transaction_id, told.amount, told.number) for told in found.lines] == [
        (23, "T1", 1_500_000, 1),
        (24, "T2", -150_000, 1),
        (24, "T2", -150_000, 2),
    ]
    assert len({told.key for told in found.lines}) == 3
    assert found.sha256 == read_statement(("﻿" + GOOD).encode(), account=ACCOUNT, columns=COLUMNS).sha256


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ("31/02/2026,T1,,5", "/2/day"),
        ("23/11/2026,T1,,0", "/2/amount"),
        ("23/11/2026,T1,,150000.50", "/2/amount"),
        ("23/11/2026,T1,,1.50", "/2/amount"),
        ("23/11/2026,T1,,1e5", "/2/amount"),
        ("23/11/2026,T1,,9999999999999999", "/2/amount"),
        (f"23/11/2026,T1,,{'9' * 5000}", "/2/amount"),
        ("23/11/2026,,,5", "/2/transaction_id"),
        ("23/11/2026,T1' OR 1=1,,5", "/2/transaction_id"),
        ("23/11/2026,T1,P|1,5", "/2/reference"),
    ],
)
def test_one_bad_field_refuses_the_file_and_is_named(row: str, pointer: str) -> None:
    text = f"day,transaction_id,reference,amount\n{row}\n23/11/2026,T2,,5\n"
    with pytest.raises(UnprocessableError) as told:
        read_statement(text.encode(), account=ACCOUNT, columns={})
    assert [field.pointer for field in told.value.fields] == [pointer]


@pytest.mark.parametrize(
    "content", [b"", b"day,amount\n", b"amount,reference\n5,P1\n", b"\xff\xfe", b"day,amount,reference\n"]
)
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    with pytest.raises(UnprocessableError) as told:
        read_statement(content, account=ACCOUNT, columns={})
    assert told.value.error_code == "caller.statement"


@pytest.mark.parametrize(
    "rows",
    [
        "2026-11-23,T1,150,000,Nop tien",  # an amount that nobody quoted: its second half stands in the next column
        "2026-11-23,T1,150000",
        '2026-11-23,T1,150000,"nop tien\n2026-11-24,T2,-5,x',  # a sign that a payer wrote hides the next line
        '2026-11-23,T1,150000,"nop" tien',
    ],
)
def test_a_row_that_readers_would_split_otherwise_refuses_the_file(rows: str) -> None:
    """PAY-07 (part): narrations are written by strangers, and must neither hide a line nor shift an amount."""
    with pytest.raises(UnprocessableError) as told:
        read_statement(f"day,transaction_id,amount,content\n{rows}\n".encode(), account=ACCOUNT, columns={})
    assert told.value.error_code == "caller.statement"


def test_a_column_that_stands_twice_refuses_the_file() -> None:
    with pytest.raises(UnprocessableError) as told:
        read_statement(b"day,amount,reference,amount\n2026-11-23,5,P1,7\n", account=ACCOUNT, columns={})
    assert told.value.error_code == "caller.statement"


def test_a_line_of_another_account_is_refused() -> None:
    with pytest.raises(UnprocessableError) as told:
        read_statement(b"day,amount,reference,account\n2026-11-23,5,P1,9\n", account=ACCOUNT, columns={})
    assert [field.pointer for field in told.value.fields] == ["/2/account"]


async def test_a_line_of_the_statement_answers_for_one_movement(house: ReconcilingHouse) -> None:
    """PAY-07: another rail's payment may have the same number, and only one of the two is at the bank."""
    await house.paid("P1")
    await house.paid("P2")
    for (_, name), entry in list(house.books.entries.items()):
        if name == "collection:P2":
            house.books.entries[TENANT, name] = replace(entry, rail="paygov", transaction_id="TP1")
    await house.bank(stated("P1"), stated("PX", day=MONDAY + timedelta(days=1)))
    report = await house.reconciliation.reconcile_bank(MONDAY, [RAIL, "paygov"], context=CONTEXT)
    assert kinds(report) == {"paygov:TP1": "statement_missing"}


async def test_the_parts_of_a_payment_that_went_back_are_told_apart_by_their_amounts(house: ReconcilingHouse) -> None:
    """PAY-16: a bank that tells the payment's reference alone."""
    paid = await house.paid("P1")
    for number, amount in enumerate((100_000, 50_000)):
        lines = (
            Line(account=Account.RAIL, party=RAIL, amount=-amount),
            Line(account=Account.FEE, party="", amount=amount),
        )
        entry = next(iter(house.books.entries.values()))
        name = f"refund:R{number}"
        changes = {
            "entry_id": name,
            "kind": EntryKind.REFUND,
            "refund_id": f"R{number}",
            "transaction_id": f"TR{number}",
        }
        await house.books.enter(replace(entry, lines=lines, **changes))  # type: ignore[arg-type]
    parts = [stated("", transaction_id="", reference=paid.reference, amount=-amount) for amount in (50_000, 100_000)]
    await house.bank(stated("P1"), *parts)
    assert kinds(await house.run_bank()) == {}


def test_a_file_of_more_lines_than_anybody_waits_for_is_refused() -> None:
    lines = "2026-11-23,5,P1\n" * (MOST_LINES + 1)
    with pytest.raises(UnprocessableError, match="at most 50000 lines"):
        read_statement(f"day,amount,reference\n{lines}".encode(), account=ACCOUNT, columns={})


def test_of_a_file_that_is_wrong_all_over_the_first_faults_are_told() -> None:
    with pytest.raises(UnprocessableError) as caught:
        read_statement(("day,amount,reference\n" + "x,x,\n" * 5000).encode(), account=ACCOUNT, columns={})
    assert MOST_PROBLEMS <= len(caught.value.fields) < MOST_PROBLEMS + 5
