"""`lienthong refunds` and `lienthong callbacks`, over a real database: each act is a leaf, and no account is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder
from refunds_house import bill, collected, payment, refund

from gateway.database import open_database
from gateway.payments.books import EntryKind, entry_of
from gateway.payments.model import BillState
from gateway.payments.postgres import PostgresBills, PostgresBooks, PostgresPayments
from gateway.refunds.postgres import PostgresRefunds
from gateway.signing import Keyring


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def lienthong(database_url: str, state: Path) -> Run:
    return typed(database_url, state, USER="chutich.mau", LOGNAME="chutich.mau")


async def paid(database_url: str, state: Path) -> None:
    """A bill that was paid, and two refunds of it that wait."""
    keyring = Keyring.load_or_create(state / "keyring.json")
    async with open_database(database_url) as database:
        bills, payments = PostgresBills(database, keyring), PostgresPayments(database, keyring)
        await bills.add(bill(state=BillState.REFUND_PENDING))
        await payments.add(payment(system="payment"))
        money = collected(bill(), payment(system="payment"))
        assert await PostgresBooks(database).enter(entry_of(money, kind=EntryKind.COLLECTION))
        store = PostgresRefunds(database, keyring)
        await store.add(refund(1, amount=700, fee=300, charge=400, rail="payment"), actor="motcua")
        await store.add(refund(2, amount=5, fee=5, charge=0, rail="payment"), actor="motcua")


def acts(database_url: str) -> list[tuple[str, str]]:
    with psycopg.connect(database_url) as connection:
        leaves = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
    found = [json.loads(bytes(leaf[0])) for leaf in leaves]
    assert "0011223344" not in json.dumps(found)
    return [(act["operation"], act["reference"]) for act in found]


@pytest.fixture(scope="module")
def given(lienthong: Run, database_url: str, state: Path) -> None:
    """The first command makes the keys; the database is migrated."""
    empty = lienthong("refunds", "list")
    assert "Không có khoản hoàn trả nào" in empty.stdout, empty.stderr
    asyncio.run(paid(database_url, state))


@pytest.mark.usefixtures("given")
def test_a_refund_is_shown_allowed_and_recorded_each_in_an_officers_name(lienthong: Run, database_url: str) -> None:
    """PAY-16 (part), SEC-04 (part), PAY-18 (part)."""
    listed = lienthong("refunds", "list", "--state", "requested").stdout
    assert ("F1" in listed, "F2" in listed, "3,000" in listed) == (True, True, False)
    refused = lienthong("refunds", "approve", "F1", "--number", "12/QĐ-UBND", "--day", "2026-11-23")
    assert (refused.returncode, "caller.no_refund_over_rail" in refused.stderr) == (2, True), refused.stderr
    allowed = lienthong("refunds", "approve", "F1", "--number", "12/QĐ-UBND", "--day", "2026-11-23", "--by-hand")
    assert (allowed.returncode, "approved" in allowed.stdout) == (0, True), allowed.stderr
    paid = ("--document", "UNC-7", "--paid-at", "2026-11-24T10:00")
    for whose in ("--account=0011223344", "--name=TRAN THI MAU"):  # every process of the machine sees a command's words
        assert lienthong("refunds", "record", "F1", *paid, whose).returncode == 2
    done = lienthong("refunds", "record", "F1", *paid, stdin="0011223344\nTRAN THI MAU\n")
    assert (done.returncode, "Đã hoàn trả" in done.stdout) == (0, True), done.stderr
    shown = lienthong("refunds", "show", "F1").stdout
    assert ("12/QĐ-UBND 2026-11-23" in shown, "UNC-7" in shown, "0011223344" in shown) == (True, True, False)
    assert [word in shown for word in ("requested", "approved", "done")] == [True] * 3
    with psycopg.connect(database_url) as connection:
        lines = connection.execute(
            "SELECT account, party, amount FROM lienthong.book_line WHERE entry_id = 'refund:F1' ORDER BY place"
        ).fetchall()
    assert lines == [("fee", "0000111122", 300), ("charge", "0000111122", 400), ("rail", "by_hand", -700)]
    done_so_far = [act for act in acts(database_url) if act[1] == "F1"]
    assert done_so_far == [("approve_refund", "F1"), ("refund_done", "F1"), ("record_refund", "F1")]


@pytest.mark.usefixtures("given")
def test_a_refund_is_called_off(lienthong: Run, database_url: str) -> None:
    assert "cancelled" in lienthong("refunds", "cancel", "F2").stdout
    assert ("cancel_refund", "F2") in acts(database_url)
    again = lienthong("refunds", "approve", "F2", "--by-hand")
    assert (again.returncode, "caller.refund_state" in again.stderr) == (2, True)


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "F9"], "caller.not_found"),
        (["cancel", "F9"], "caller.not_found"),
        (["approve", "F2", "--day", "23/11/2026"], "caller.unprocessable"),
        (["record", "F9", "--document", "x", "--paid-at", "hôm qua"], "caller.unprocessable"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(lienthong: Run, arguments: list[str], code: str) -> None:
    refused = lienthong("refunds", *arguments)
    assert (refused.returncode, code in refused.stderr) == (2, True), refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_was_told_is_listed_and_can_be_hurried(lienthong: Run, database_url: str) -> None:
    assert "Không có thông báo nào" in lienthong("callbacks", "list").stdout
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO lienthong.callback_event (tenant, event_id, client_id, type, subject, agency_id, reference, "
            "trace_id, body, created_at, due, state) VALUES ('H99', 'E1', 'motcua', 'payment.paid', 'P1', '', '', '', "
            "'\\x7b7d', now(), now() + interval '1 hour', 'waiting')"
        )
    listed = lienthong("callbacks", "list", "--state", "waiting").stdout
    assert ("E1" in listed, "payment.paid" in listed) == (True, True)
    assert lienthong("callbacks", "hurry", "E1").returncode == 0
    assert lienthong("callbacks", "hurry", "E2").returncode == 2
    assert acts(database_url)[-1] == ("hurry_callback", "E1")


@pytest.mark.parametrize("command", [["refunds"], ["refunds", "record"], ["callbacks"]])
def test_every_command_explains_itself_in_both_languages(lienthong: Run, command: list[str]) -> None:
    said = lienthong(*command, "--help").stdout
    assert "Usage" in said
    assert any(letter in said for letter in "ăâđêôơưạảấầẩẫậắằếềểễệ")
