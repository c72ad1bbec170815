"""Words about money that come at the same time, too early, or for another dossier."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, Clock, ListedOutbox, ListedRecorder, ScriptedExchange, atomically
from till import Till

from gateway.domain import local_day
from gateway.payments.model import BillState, Payment, PaymentState, Source
from gateway.sdk import Receipt

FIRST, SECOND = (f"000.00.05.H99-261123-000{number}" for number in (7, 8))
RAIL = "payment"
TOLD = {
    "reference": "ELSEWHERE1",
    "status": "paid",
    "amount": 300,
    "currency": "VND",
    "transaction_id": "T1",
    "paid_at": "2026-11-23T08:59:00+07:00",
    "dossier_code": FIRST,
}


class House:
    def __init__(self) -> None:
        self.till = Till(ListedOutbox())
        own: dict[str, Any] = {"atomically": atomically, "clock": Clock()}
        self.till.open(ListedRecorder(), exchange=ScriptedExchange(), **own)

    async def bill(self, name: str, code: str = FIRST, *, amount: int = 300) -> Any:
        document = {"dossier_code": code, "amount": amount, "lines": [{"kind": "fee", "amount": amount}]}
        return await self.till.bills_service.issue(document, bill_id=name, context=CONTEXT)

    async def settle(self, source: Source = Source.NOTICE, **changes: Any) -> Receipt:
        handled = await self.till.settling.settle({**TOLD, **changes}, tenant="H99", rail=RAIL, source=source)
        return handled.receipt

    async def claim(self, **changes: Any) -> Payment | None:
        return await self.till.settling.claim({**TOLD, **changes}, tenant="H99", rail=RAIL)

    def overtake(self) -> None:
        """The proof is entered by another process while the next word looks for its bill."""
        bills, look = self.till.bills, self.till.bills.of_dossier

        async def overtaken(tenant: str, dossier_code: str) -> Any:
            bills.of_dossier = look  # type: ignore[method-assign]
            await self.settle()
            return await look(tenant, dossier_code)

        bills.of_dossier = overtaken  # type: ignore[method-assign]

    @property
    def disputes(self) -> list[str]:
        return [dispute.kind for dispute in self.till.followed.disputes]


@pytest.fixture
def house() -> House:
    return House()


async def test_proven_money_is_not_entered_for_another_dossier_that_somebody_claimed(house: House) -> None:
    """PAY-05, trap 17: a payer knows the reference of a payment before its proof is here."""
    await house.bill("B1", FIRST)
    await house.bill("B2", SECOND)
    assert await house.claim(dossier_code=FIRST) is not None
    assert await house.settle(dossier_code=SECOND) is Receipt.REJECTED
    assert not house.till.books.entries
    assert house.disputes == ["ambiguous_bill"]
    assert await house.settle() is Receipt.RECORDED


async def test_a_result_whose_twin_is_entered_while_it_looks_for_its_bill_is_a_repeat(house: House) -> None:
    """PAY-06: the second of two finds the bill paid and another one due."""
    await house.bill("B1")
    await house.bill("B2", amount=5)
    house.overtake()
    assert await house.settle() is Receipt.DUPLICATE
    assert house.disputes == []


async def test_a_claim_whose_proof_is_faster_begins_no_second_attempt(house: House) -> None:
    await house.bill("B1")
    house.overtake()
    claimed = await house.claim()
    assert claimed is not None
    assert claimed.state is PaymentState.PAID


async def test_two_bills_of_one_second_are_told_apart_by_their_amount(house: House) -> None:
    """F37: what the portal was told of a bill names its second."""
    one, two = await house.bill("B1"), await house.bill("B2", amount=5)
    bills = house.till.bills.bills
    bills["H99", "B2"] = replace(two, created_at=one.created_at)
    assert await house.settle(lookup_id=one.lookup_id) is Receipt.RECORDED
    assert bills["H99", "B1"].state is BillState.PAID


@pytest.mark.parametrize(("ahead", "believed"), [(timedelta(minutes=3), True), (timedelta(days=365), False)])
async def test_money_is_never_entered_for_a_day_that_has_not_come(
    house: House, ahead: timedelta, believed: bool
) -> None:
    """PAY-07, F29."""
    await house.bill("B1")
    said = NOW + ahead
    await house.settle(Source.QUERY, paid_at=said.isoformat())
    (entry,) = house.till.books.entries.values()
    assert (entry.occurred_at == said) is believed
    assert entry.day == local_day(NOW)
