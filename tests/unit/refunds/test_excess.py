"""Money that comes twice: entered, owed, and on its way back as soon as a person allows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from couriers import atomically
from refunds_house import AMOUNT, RAIL, House, bill, payment
from services import CONTEXT, NOW

from gateway.bootstrap.money import Follows
from gateway.payments.asking import Asking
from gateway.payments.model import BillState, PaymentState, Source
from gateway.payments.news import News
from gateway.payments.settling import Settling
from gateway.refunds.model import RefundKind, RefundState
from gateway.sdk import Receipt


def told(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "reference": f"P{number}",
        "status": "paid",
        "amount": AMOUNT,
        "currency": "VND",
        "transaction_id": f"T{number}",
        "paid_at": NOW.isoformat(),
        **changes,
    }


async def opened() -> tuple[House, Settling]:
    """A bill with two attempts under way, and the one way into the books."""
    house = House()
    house.bills.bills[CONTEXT.tenant, "B1"] = bill(state=BillState.UNPAID)
    for number in (1, 2):
        attempt = payment(number, state=PaymentState.OPENED, transaction_id="", paid_at=None)
        await house.payments.add(attempt)
    news = News(house.noted)
    settling = Settling(
        house.bills,
        house.payments,
        house.books,
        asking=Asking(house.outbox, house.exchange, clock=house.clock),  # type: ignore[arg-type]
        consequences=Follows(
            collected_by=[news.collected],
            exceeded_by=[house.service.open_excess, news.exceeded],
            disputed_by=[news.disputed],
        ),
        atomically=atomically,
        clock=house.clock,
    )
    return house, settling


async def test_a_second_payment_of_a_bill_opens_a_refund_that_waits_for_a_person() -> None:
    """F15, F16, PAY-16 (part)."""
    house, settling = await opened()
    for number in (1, 2):
        handled = await settling.settle(told(number), tenant=CONTEXT.tenant, rail=RAIL, source=Source.NOTICE)
        assert handled.receipt is Receipt.RECORDED
    (refund,) = await house.refunds.of_bill(CONTEXT.tenant, "B1")
    assert (refund.payment_id, refund.amount, refund.kind) == ("P2", AMOUNT, RefundKind.EXCESS)
    assert (refund.state, refund.requested_by) == (RefundState.REQUESTED, "gateway")
    assert await house.bill_state() is BillState.REFUND_PENDING
    assert house.noted.events == ["payment.paid", "payment.excess"]
    assert await house.books.balance(CONTEXT.tenant) == 0


async def test_the_same_news_again_opens_no_second_refund() -> None:
    """F03, F15."""
    house, settling = await opened()
    for number in (1, 2, 2, 1, 2):
        await settling.settle(told(number), tenant=CONTEXT.tenant, rail=RAIL, source=Source.NOTICE)
    assert len(await house.refunds.of_bill(CONTEXT.tenant, "B1")) == 1
    assert len(house.noted.told) == 2


@pytest.mark.parametrize("changes", [{"amount": AMOUNT - 1}, {"currency": "USD"}])
async def test_what_does_not_fit_is_told_as_a_case_and_owed_to_nobody(changes: dict[str, Any]) -> None:
    """F07 (part)."""
    house, settling = await opened()
    house.now += timedelta(minutes=1)
    await settling.settle(told(1, **changes), tenant=CONTEXT.tenant, rail=RAIL, source=Source.NOTICE)
    assert (house.noted.events, await house.refunds.of_bill(CONTEXT.tenant, "B1")) == (["payment.case"], [])
