"""What one-stop systems are told of money: ids, amounts and states."""

from __future__ import annotations

from refunds_house import Noted, bill, payment
from services import NOW, PURPOSE

from gateway.payments.model import Dispute, Money, Source
from gateway.payments.news import News

MONEY = Money(
    bill=bill(),
    payment=payment(),
    entry_id="collection:P1",
    amount=3_000_000_000,
    currency="VND",
    transaction_id="T1",
    paid_at=NOW,
    posted_at=NOW,
    source=Source.NOTICE,
)


async def test_money_that_came_is_told_with_its_bill() -> None:
    """PDP-15 (part); F15."""
    noted = Noted()
    await News(noted).collected(MONEY)
    await News(noted).exceeded(MONEY)
    assert noted.events == ["payment.paid", "payment.excess"]
    assert noted.told[0][1] == {
        "payment_id": "P1",
        "bill_id": "B1",
        "dossier_code": PURPOSE.dossier_code,
        "agency_id": PURPOSE.agency_id,
        "rail": "vnpay",
        "transaction_id": "T1",
        "amount": 3_000_000_000,
        "currency": "VND",
        "state": "paid",
        "bill_state": "paid",
        "paid_at": NOW.isoformat(),
    }
    assert noted.told[1][1]["bill_state"] == "overpaid"


async def test_of_a_dispute_its_kind_alone_is_told() -> None:
    """What the rail said is not proven."""
    noted = Noted()
    dispute = Dispute(
        tenant="H99", kind="amount_mismatch", rail="vnpay", reference="P1", told={"amount": 1}, source=Source.NOTICE
    )
    await News(noted).disputed(dispute)
    assert [(event.value, facts) for event, facts in noted.told] == [
        ("payment.case", {"rail": "vnpay", "case": "amount_mismatch"})
    ]
