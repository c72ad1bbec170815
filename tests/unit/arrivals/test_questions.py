"""What is due for a dossier: fees less payments, and a bill only where every fact of it is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from services import NOW

from gateway.arrivals.questions import FeeQuestions
from gateway.domain import DossierStatus
from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.model import DossierRecord
from gateway.payments.memory import MemoryPayments
from gateway.payments.model import Payment, PaymentState
from gateway.sdk import Handled, Inbound, Receipt

CODE = "000.00.05.H99-261123-0007"
ASKED = Inbound(event="fees_lookup", key=CODE, body={})
NOTHING_DUE = Handled(Receipt.ANSWERED, {"due": False})


def record(*fees: int, supplement: int = 0, status: DossierStatus = DossierStatus.PAYMENT_REQUESTED) -> DossierRecord:
    rounds = [{"fees": [{"amount": supplement}]}] if supplement else []
    document = {"fees": [{"amount": amount} for amount in fees], "supplements": rounds}
    return DossierRecord(
        tenant="H99", code=CODE, version=1, status=status, document=document, last_event_at=None, updated_at=NOW
    )


class House:
    def __init__(self) -> None:
        self.dossiers, self.payments = MemoryDossiers(), MemoryPayments()
        self.questions = FeeQuestions(self.dossiers, self.payments, tenant="H99", clock=lambda: NOW)

    async def has(self, dossier: DossierRecord, *attempts: tuple[PaymentState, int]) -> None:
        await self.dossiers.save(dossier)
        for number, (state, amount) in enumerate(attempts):
            first = Payment(
                tenant="H99",
                payment_id=f"P{number}",
                dossier_code=CODE,
                amount=amount,
                currency="VND",
                state=state,
                system="payment",
                created_at=NOW,
                updated_at=NOW,
                document={"amount": amount, "reference": f"P{number}"},
            )
            await self.payments.add(replace(first, created_at=NOW + timedelta(minutes=number)))

    async def due(self) -> Any:
        return await self.questions(ASKED, {"code": CODE}, "portal")


@pytest.fixture
def house() -> House:
    return House()


FAILED, PAID, OPENED, UNKNOWN = PaymentState.FAILED, PaymentState.PAID, PaymentState.OPENED, PaymentState.UNKNOWN


@pytest.mark.parametrize("status", set(DossierStatus) - {DossierStatus.PAYMENT_REQUESTED})
async def test_only_a_dossier_that_asks_for_payment_has_something_due(house: House, status: DossierStatus) -> None:
    await house.has(record(100, status=status), (FAILED, 100))
    assert await house.due() == NOTHING_DUE


async def test_no_fee_is_nothing_due(house: House) -> None:
    """DOS-27 (part)."""
    for free in (record(), record(0, 0)):
        await house.has(free)
        assert await house.due() == NOTHING_DUE


async def test_the_rest_is_due_when_a_part_was_paid(house: House) -> None:
    await house.has(record(100, 50), (PAID, 100), (FAILED, 150), (FAILED, 50))
    found = await house.due()
    assert found.answer["bill"] == {"amount": 50, "reference": "P2", "lookup_id": f"{CODE}20261123090000"}


async def test_fees_of_a_supplement_count(house: House) -> None:
    await house.has(record(100, supplement=20), (FAILED, 100), (FAILED, 120))
    assert (await house.due()).answer["bill"]["amount"] == 120


async def test_of_several_failed_attempts_the_newest_says_whom_to_pay(house: House) -> None:
    await house.has(record(100), (FAILED, 100), (FAILED, 100))
    assert (await house.due()).answer["bill"]["reference"] == "P1"


@pytest.mark.parametrize("alive", [PaymentState.CREATED, OPENED, UNKNOWN])
async def test_while_an_attempt_may_still_be_paid_nothing_is_due(house: House, alive: PaymentState) -> None:
    await house.has(record(100), (FAILED, 100), (alive, 100))
    assert await house.due() == NOTHING_DUE


@pytest.mark.parametrize("paid", [100, 101])
async def test_what_is_paid_is_not_due_and_too_much_is_not_either(house: House, paid: int) -> None:
    await house.has(record(100), (FAILED, 100), (PAID, paid))
    assert await house.due() == NOTHING_DUE


async def test_what_cannot_be_said_truly_is_not_said(house: House) -> None:
    assert (await house.due()).receipt is Receipt.ABSENT
    await house.has(record(100), (FAILED, 99))
    assert (await house.due()).receipt is Receipt.ABSENT
