"""Payments that are opened at the same time share their statements, and each is opened as it would be alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout
from services import CONTEXT, Clock, ListedOutbox, ListedRecorder, ScriptedExchange
from till import Till

from gateway.payments.model import Bill, BillState, Payment, PaymentState
from gateway.payments.store import InitTold
from gateway.sdk import Accepted
from gateway.sdk.errors import ConflictError, GatewayError, IntegrityError, UnprocessableError

DOCUMENT = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "amount": 3000,
    "lines": [{"kind": "fee", "amount": 3000}],
}


class House:
    def __init__(self) -> None:
        self.outbox = ListedOutbox()
        self.till = Till(self.outbox)
        self.exchange = ScriptedExchange(initiate_payment=(Accepted(reference="x"), {"pay_url": "https://pay.example"}))
        self.transactions = 0
        self.till.open(ListedRecorder(), exchange=self.exchange, atomically=self._atomically, clock=Clock())
        self.service = self.till.service

    @asynccontextmanager
    async def _atomically(self) -> AsyncIterator[None]:
        self.transactions += 1
        yield

    async def open(self, number: int, **changes: Any) -> Payment:
        return await self.service.create({**DOCUMENT, **changes}, payment_id=f"P{number}", context=CONTEXT)

    async def at_once(self, *changes: dict[str, Any]) -> list[Any]:
        opened = (self.open(number, **change) for number, change in enumerate(changes))
        return await asyncio.gather(*opened, return_exceptions=True)


def of(number: int) -> dict[str, Any]:
    return {"dossier_code": f"D{number}"}


async def test_many_at_once_are_opened_in_few_transactions() -> None:
    house = House()
    opened = await house.at_once(*map(of, range(20)))
    assert [payment.dossier_code for payment in opened] == [f"D{number}" for number in range(20)]
    assert {payment.state for payment in opened} == {PaymentState.OPENED}
    assert len({payment.bill_id for payment in opened}) == len(house.till.bills.bills) == 20
    assert [draft.stream.key for draft in house.outbox.drafts] == [f"P{number}" for number in range(20)]
    assert house.transactions <= 2


async def test_the_same_fees_at_once_are_one_bill() -> None:
    """Two attempts to pay it, as one after the other would be."""
    house = House()
    first, second, other = await house.at_once({}, {}, {"amount": 1, "lines": [{"kind": "fee", "amount": 1}]})
    assert first.bill_id == second.bill_id != other.bill_id
    assert set(house.till.bills.bills) == {("H99", first.bill_id), ("H99", other.bill_id)}


async def test_one_that_is_refused_keeps_no_other_out_and_leaves_nothing() -> None:
    house = House()
    draft = house.exchange.draft

    def not_the_third(operation: str, canonical: Any, **named: Any) -> Any:
        if canonical.get("dossier_code") == "D2":
            raise UnprocessableError("no address")
        return draft(operation, canonical, **named)

    house.exchange.draft = not_the_third  # type: ignore[method-assign]
    results = await house.at_once(of(1), {"amount": 1}, of(2), of(2), of(3))
    assert [type(result) for result in results] == [
        Payment,
        UnprocessableError,
        UnprocessableError,
        UnprocessableError,
        Payment,
    ]
    assert Counter(bill.dossier_code for bill in house.till.bills.bills.values()) == {"D1": 1, "D3": 1}
    assert {name for _, name in house.till.payments.payments} == {"P0", "P4"}


async def test_a_bill_that_is_paid_is_paid_once_whoever_comes_beside() -> None:
    house = House()
    paid = await house.open(90)
    bill = house.till.bills.bills["H99", paid.bill_id]
    house.till.bills.bills["H99", paid.bill_id] = replace(bill, state=BillState.PAID)
    same, other = await house.at_once({}, of(1))
    assert isinstance(same, ConflictError)
    assert other.state is PaymentState.OPENED


@pytest.mark.parametrize("fault", [IntegrityError("Altered."), RuntimeError("A fault of ours.")])
async def test_a_bill_that_cannot_be_read_keeps_no_other_out(fault: Exception) -> None:
    house = House()
    lock_all = house.till.bills.lock_all

    async def altered(tenant: str, bill_ids: Sequence[str], *, dossiers: Sequence[str]) -> Sequence[Bill]:
        if "D1" in dossiers:
            raise fault
        return await lock_all(tenant, bill_ids, dossiers=dossiers)

    house.till.bills.lock_all = altered  # type: ignore[method-assign]
    first, second, third = await house.at_once(of(0), of(1), of(2))
    assert (type(first), second, type(third)) == (Payment, fault, Payment)


async def test_what_comes_over_one_alone_leaves_those_before_it_as_new_as_they_are() -> None:
    """Or they would be done again, found, taken for old ones, and their INIT never be sent."""
    house = House()
    lock_all = house.till.bills.lock_all

    async def altered(tenant: str, bill_ids: Sequence[str], *, dossiers: Sequence[str]) -> Sequence[Bill]:
        if "D1" in dossiers:
            raise IntegrityError("altered")
        if "D2" in dossiers:
            raise psycopg.errors.DeadlockDetected
        return await lock_all(tenant, bill_ids, dossiers=dossiers)

    house.till.bills.lock_all = altered  # type: ignore[method-assign]
    results = await house.at_once(of(0), of(1), of(2), of(3))
    assert [type(result) for result in results] == [Payment, IntegrityError, psycopg.errors.DeadlockDetected, Payment]
    assert results[0].state is results[3].state is PaymentState.OPENED


async def test_where_each_goes_alone_a_database_that_is_gone_is_waited_for_once() -> None:
    house, asked = House(), list[str]()
    lock_all = house.till.bills.lock_all

    async def gone_at_the_third(tenant: str, bill_ids: Sequence[str], *, dossiers: Sequence[str]) -> Sequence[Bill]:
        if len(dossiers) > 1:
            raise IntegrityError("altered")
        asked.extend(dossiers)
        if "D2" in dossiers:
            raise PoolTimeout
        return await lock_all(tenant, bill_ids, dossiers=dossiers)

    house.till.bills.lock_all = gone_at_the_third  # type: ignore[method-assign]
    results = await house.at_once(*map(of, range(5)))
    assert [type(result) for result in results] == [Payment, Payment, PoolTimeout, PoolTimeout, PoolTimeout]
    assert asked == ["D0", "D1", "D2"]


async def test_a_fault_of_ours_over_one_keeps_no_other_out() -> None:
    house = House()
    draft = house.exchange.draft

    def not_the_first(operation: str, canonical: Any, **named: Any) -> Any:
        if canonical.get("dossier_code") == "D0":
            raise KeyError("a mistake")
        return draft(operation, canonical, **named)

    house.exchange.draft = not_the_first  # type: ignore[method-assign]
    results = await house.at_once(of(0), of(1), {**of(2), "lines": [{"kind": "fee"}]}, of(3))
    assert [type(result) for result in results] == [GatewayError, Payment, GatewayError, Payment]
    assert {name for _, name in house.till.payments.payments} == {"P1", "P3"}


async def test_one_with_the_id_of_another_finds_the_other() -> None:
    """And is not looked at in its place."""
    house = House()
    other = {**of(2), "amount": 1}  # whose lines differ, besides
    first, second, third = await asyncio.gather(
        house.open(1, **of(1)), house.open(1, **other), house.open(3, **of(3)), return_exceptions=True
    )
    assert isinstance(first, Payment)
    assert isinstance(third, Payment)
    assert first.state is third.state is PaymentState.OPENED
    assert isinstance(second, UnprocessableError)
    assert second.error_code == "caller.idempotency_key_reused"


async def test_a_statement_moves_at_most_one_attempt_of_a_bill() -> None:
    """Whoever settles one attempt of a bill and ends the others waits for it, and must not be waited for."""
    house = House()
    told = house.till.payments.told
    statements: list[list[str]] = []

    async def noted(several: Sequence[InitTold], **named: Any) -> Sequence[Payment]:
        statements.append([each.payment.bill_id for each in several])
        return await told(several, **named)

    house.till.payments.told = noted  # type: ignore[method-assign]
    opened = await house.at_once({}, {}, of(1))
    assert {payment.state for payment in opened} == {PaymentState.OPENED}
    assert [payment.payment_id for payment in opened] == ["P0", "P1", "P2"]
    assert all(len(set(bills)) == len(bills) for bills in statements)
    assert sum(map(len, statements)) == 3


async def test_what_comes_over_one_statement_leaves_the_others_moved() -> None:
    """A caller whose attempt was moved hears so, and not that something went wrong."""
    house = House()
    told = house.till.payments.told
    statements = 0

    async def second_is_lost(several: Sequence[InitTold], **named: Any) -> Sequence[Payment]:
        nonlocal statements
        statements += 1
        if statements == 2:
            raise psycopg.OperationalError
        return await told(several, **named)

    house.till.payments.told = second_is_lost  # type: ignore[method-assign]
    first, second, other = await house.at_once({}, {}, of(1))
    assert [first.state, other.state] == [PaymentState.OPENED] * 2
    assert isinstance(second, psycopg.OperationalError)
    assert house.till.payments.payments[CONTEXT.tenant, "P1"].state is PaymentState.CREATED
    assert "P1" in {draft.stream.key for draft in house.outbox.drafts}  # the query finds out
    assert (await house.open(0)).pay_url == "https://pay.example"


async def test_where_attempts_are_moved_a_database_that_is_gone_is_waited_for_once() -> None:
    house, statements = House(), 0

    async def gone(several: Sequence[InitTold], **named: Any) -> Sequence[Payment]:
        nonlocal statements
        statements += 1
        raise PoolTimeout

    house.till.payments.told = gone  # type: ignore[method-assign]
    results = await house.at_once({}, {}, {}, of(1))
    assert [type(result) for result in results] == [PoolTimeout] * 4
    assert statements == 1
