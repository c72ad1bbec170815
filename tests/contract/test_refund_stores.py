"""Stored refunds: the same promises on memory and on PostgreSQL, and the one transaction of their end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from refunds_house import AMOUNT, PROOF, Noted, bill, collected, payment, refund
from services import NOW, ListedRecorder

from gateway.payments.books import EntryKind, entry_of
from gateway.payments.model import BillState, Source
from gateway.payments.postgres import PostgresBills, PostgresBooks, PostgresPayments
from gateway.refunds.desk import Desk
from gateway.refunds.ending import Endings
from gateway.refunds.memory import MemoryRefunds
from gateway.refunds.model import RefundState, RefundWay, Step
from gateway.refunds.postgres import PostgresRefunds
from gateway.sdk import GatewayError
from gateway.signing import Keyring


@pytest.fixture
def store(on: Any, keyring: Keyring) -> Any:
    return PostgresRefunds(on, keyring) if on else MemoryRefunds()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_a_refund_is_found_as_it_was_stored(store: Any, tenant: str) -> None:
    """PAY-16 (part); amounts above 2^31 stay whole."""
    first = refund(tenant=tenant, decision_number="12/QĐ-UBND", decision_day=date(2026, 11, 23))
    await store.add(first, actor="motcua")
    assert await store.find(tenant, "F1") == first
    for name in ((tenant + "X", "F1"), (tenant, "F9")):
        assert await store.find(*name) is None


async def test_every_state_and_who_put_it_there_is_kept(store: Any, tenant: str) -> None:
    """PAY-16 (part)."""
    later = NOW + timedelta(hours=1)
    first = refund(tenant=tenant, way=RefundWay.BY_HAND)
    await store.add(first, actor="motcua")
    allowed = replace(first, state=RefundState.APPROVED, approved_by="chutich.mau", updated_at=later)
    await store.save(allowed, actor="chutich.mau")
    done = replace(allowed, state=RefundState.DONE, done_at=later, refund_transaction_id="UNC-7", proof=PROOF)
    await store.save(done, actor="ketoan.mau")
    assert await store.find(tenant, "F1") == done
    assert await store.steps(tenant, "F1") == [
        Step(state=RefundState.REQUESTED, at=NOW, actor="motcua"),
        Step(state=RefundState.APPROVED, at=later, actor="chutich.mau"),
        Step(state=RefundState.DONE, at=later, actor="ketoan.mau"),
    ]
    assert await store.steps(tenant, "F9") == []


async def test_refunds_are_listed_by_bill_and_by_state(store: Any, tenant: str) -> None:
    first = refund(1, tenant=tenant)
    second = refund(2, tenant=tenant, state=RefundState.FAILED, created_at=NOW + timedelta(seconds=1))
    other = refund(3, tenant=tenant, bill_id="B2", created_at=NOW + timedelta(seconds=2))
    for one in (second, other, first):
        await store.add(one, actor="motcua")
    assert await store.of_bill(tenant, "B1") == [first, second]
    assert await store.latest(tenant, state=None, limit=2) == [other, second]
    assert await store.latest(tenant, state=RefundState.FAILED, limit=9) == [second]
    assert await store.latest(tenant + "X", state=None, limit=9) == []


async def test_those_under_way_at_a_rail_are_found(store: Any, tenant: str) -> None:
    """PAY-07 (part): what reconciliation looks for."""
    for number, state in enumerate(state for state in RefundState if state is not RefundState.UNKNOWN):
        done_at = NOW if state is RefundState.DONE else None
        await store.add(refund(number, tenant=tenant, state=state, done_at=done_at), actor="motcua")
    await store.add(refund(99, tenant=tenant, state=RefundState.SENT, rail="paygov"), actor="motcua")
    found = await store.under_way(tenant, "vnpay")
    assert [one.state for one in found] == [RefundState.SENT, RefundState.PENDING]


async def test_what_people_wrote_and_where_money_went_is_sealed(on: Any, store: Any, tenant: str) -> None:
    """PAY-18 (part)."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    await store.add(refund(tenant=tenant, proof=PROOF, reason="Trần Thị Mẫu rút hồ sơ"), actor="motcua")
    rows = await (await on.run("SELECT * FROM refund WHERE tenant = %(t)s", {"t": tenant})).fetchall()
    shown = b"".join(bytes(value) if isinstance(value, bytes) else str(value).encode() for value in rows[0].values())
    assert not any(word.encode() in shown for word in ("Mẫu", "0011223344", "TRAN THI"))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM refund WHERE tenant = %(t)s",
        "UPDATE refund SET amount = 1 WHERE tenant = %(t)s",
        "UPDATE refund_step SET actor = 'x' WHERE tenant = %(t)s",
        "DELETE FROM refund_step WHERE tenant = %(t)s",
    ],
)
async def test_nobody_rewrites_a_refund_that_was_done(on: Any, store: Any, tenant: str, statement: str) -> None:
    """PAY-16 (part): the trace stays."""
    if on is None:
        pytest.skip("memory has no triggers")
    await store.add(refund(tenant=tenant, state=RefundState.DONE, done_at=NOW), actor="motcua")
    with pytest.raises(psycopg.errors.RestrictViolation):
        await on.run(statement, {"t": tenant})


async def test_the_end_of_a_refund_is_one_transaction(on: Any, store: Any, keyring: Keyring, tenant: str) -> None:
    """PAY-16, F34: entry, refund, bill, receipt and notice; or nothing of them."""
    if on is None:
        pytest.skip("memory has no transactions")
    bills, payments, books = PostgresBills(on, keyring), PostgresPayments(on, keyring), PostgresBooks(on)
    paid = payment(tenant=tenant)
    await bills.add(bill(tenant=tenant, state=BillState.REFUND_PENDING))
    await payments.add(paid)
    money = collected(bill(tenant=tenant), paid)
    assert await books.enter(entry_of(money, kind=EntryKind.COLLECTION))
    await store.add(refund(tenant=tenant, state=RefundState.SENT), actor="motcua")
    noted = Noted()
    endings = Endings(
        Desk(refunds=store, bills=bills, payments=payments, books=books),
        after=[noted],
        teller=noted,
        recorder=ListedRecorder(),
        atomically=on.transaction,
        clock=lambda: NOW,
    )
    told = {"refund_id": "F1", "status": "done", "amount": AMOUNT, "refund_transaction_id": "RT1"}
    noted.broken = GatewayError("the receipt cannot be adjusted")
    with pytest.raises(GatewayError):
        await endings.settle(told, tenant=tenant, source=Source.QUERY)
    assert [e.state for e in await store.of_bill(tenant, "B1")] == [RefundState.SENT]
    assert [line async for page in _days(books, tenant) for line in page if line.refund_id] == []
    noted.broken = None
    for _ in range(2):
        await endings.settle(told, tenant=tenant, source=Source.QUERY)
    found = await bills.find(tenant, "B1")
    assert found is not None
    assert found.state is BillState.REFUNDED
    lines = [line async for page in _days(books, tenant) for line in page if line.refund_id]
    assert [(line.amount, line.fee, line.charge, line.refund_id, line.transaction_id) for line in lines] == [
        (-AMOUNT, -2_000_000_000, -1_000_000_000, "F1", "RT1")
    ]
    assert (len(noted.returned), noted.events, await books.balance(tenant)) == (1, ["refund.done"], 0)


def _days(books: PostgresBooks, tenant: str) -> Any:
    return books.of_days(tenant, "vnpay", first=date(2026, 11, 1), last=date(2026, 11, 30))
