"""What is due for a dossier: fees less payments, and a bill only where every fact of it is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from services import NOW

from gateway.arrivals.questions import FeeQuestions
from gateway.domain import DossierStatus
from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.model import DossierRecord
from gateway.payments.memory import MemoryBills, MemoryPayments
from gateway.payments.model import OPEN, Bill, BillState, Payment, PaymentState
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
        self.dossiers, self.bills, self.payments = MemoryDossiers(), MemoryBills(), MemoryPayments()
        self.questions = FeeQuestions(
            self.dossiers, self.bills, self.payments, tenant="H99", clock=lambda: NOW, held_for=timedelta(minutes=90)
        )

    async def has(self, dossier: DossierRecord | None, *bills: tuple[BillState, int]) -> None:
        if dossier:
            await self.dossiers.save(dossier)
        for number, (state, amount) in enumerate(bills):
            at = NOW - timedelta(minutes=10 - number)
            bill = Bill(
                tenant="H99",
                bill_id=f"B{number}",
                dossier_code=CODE,
                amount=amount,
                currency="VND",
                state=state,
                matter="",
                beneficiary="0000111122",
                created_at=at,
                updated_at=at,
                document={"amount": amount},
            )
            await self.bills.add(bill)

    async def attempts(self, state: PaymentState, *, minutes_ago: int = 1, reference: str = "P0") -> None:
        at = NOW - timedelta(minutes=minutes_ago)
        payment = Payment(
            tenant="H99",
            payment_id="P0",
            bill_id="B0",
            dossier_code=CODE,
            amount=100,
            currency="VND",
            state=state,
            system="payment",
            reference=reference,
            created_at=at,
            updated_at=at,
        )
        await self.payments.add(payment)

    async def due(self) -> Any:
        return await self.questions(ASKED, {"code": CODE}, "portal")


@pytest.fixture
def house() -> House:
    return House()


UNPAID, PAID = BillState.UNPAID, BillState.PAID


@pytest.mark.parametrize("status", [DossierStatus.REFUSED, DossierStatus.WITHDRAWN, DossierStatus.STOPPED])
async def test_a_dossier_that_ended_has_nothing_due(house: House, status: DossierStatus) -> None:
    await house.has(record(100, status=status), (UNPAID, 100))
    assert await house.due() == NOTHING_DUE


async def test_no_fee_is_nothing_due(house: House) -> None:
    """DOS-27 (part)."""
    for free in (record(), record(0, 0)):
        await house.has(free)
        assert await house.due() == NOTHING_DUE


@pytest.mark.parametrize("status", [DossierStatus.FILED, DossierStatus.PAYMENT_REQUESTED, DossierStatus.IN_PROCESS])
async def test_the_oldest_unpaid_bill_is_due_whenever_the_fee_is_collected(house: House, status: DossierStatus) -> None:
    """F37, PAY-03 (part): at reception, at a supplement or with the result."""
    await house.has(record(100, 50, status=status), (PAID, 100), (UNPAID, 50), (UNPAID, 20))
    bill = (await house.due()).answer["bill"]
    assert (bill["amount"], bill["bill_id"], bill["lookup_id"]) == (50, "B1", f"{CODE}20261123085100")


async def test_a_bill_of_a_dossier_that_the_gateway_does_not_know_is_due(house: House) -> None:
    await house.has(None, (UNPAID, 100))
    assert (await house.due()).answer["due"]


@pytest.mark.parametrize("alive", sorted(OPEN))
async def test_while_an_attempt_may_still_be_paid_nothing_is_due(house: House, alive: PaymentState) -> None:
    await house.has(record(100), (UNPAID, 100))
    await house.attempts(alive)
    assert await house.due() == NOTHING_DUE


async def test_another_bill_is_due_beside_one_that_is_being_paid(house: House) -> None:
    await house.has(record(100), (UNPAID, 100), (UNPAID, 30))
    await house.attempts(PaymentState.OPENED)
    assert (await house.due()).answer["bill"]["bill_id"] == "B1"


@pytest.mark.parametrize(("state", "minutes"), [(PaymentState.FAILED, 1), (PaymentState.OPENED, 91)])
async def test_an_attempt_that_failed_or_was_left_blocks_nobody(
    house: House, state: PaymentState, minutes: int
) -> None:
    await house.has(record(100), (UNPAID, 100))
    await house.attempts(state, minutes_ago=minutes)
    assert (await house.due()).answer["due"]


async def test_a_strangers_word_that_it_was_paid_elsewhere_blocks_nobody(house: House) -> None:
    """Trap 17: an attempt that began elsewhere is put down without a proof; else whoever knows a dossier's code could
    keep its fees from being paid."""
    await house.has(record(100), (UNPAID, 100))
    await house.attempts(PaymentState.UNKNOWN, reference="PORTAL77")
    assert (await house.due()).answer["due"]


async def test_what_is_paid_is_not_due(house: House) -> None:
    await house.has(record(100), (PAID, 100))
    assert await house.due() == NOTHING_DUE


async def test_what_cannot_be_said_truly_is_not_said(house: House) -> None:
    """Fees of a supplement that no bill was told for."""
    assert (await house.due()).receipt is Receipt.ABSENT
    await house.has(record(100, supplement=20), (PAID, 100))
    assert (await house.due()).receipt is Receipt.ABSENT
