"""The payer's browser comes back: it proves nothing, but the rail is asked, and not too often."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from services import NOW, ListedOutbox, ScriptedExchange, atomically

from gateway.arrivals.returns import MOST, SPACING, PaymentReturns
from gateway.delivery.model import StreamKey
from gateway.payments.asking import Asking
from gateway.payments.model import Payment, PaymentState
from gateway.sdk import Handled, Inbound, Receipt

REFERENCE = "P0001"
STREAM = StreamKey(tenant="H99", target="payment", key="P0001")
RETURN = Inbound(event="payment_return", key="", body={})


def payment(number: str = "0001", *, state: PaymentState = PaymentState.OPENED) -> Payment:
    return Payment(
        tenant="H99",
        payment_id=f"P{number}",
        bill_id="B1",
        dossier_code="000.00.05.H99-261123-0007",
        amount=150_000,
        currency="VND",
        state=state,
        system="payment",
        reference=f"P{number}",
        created_at=NOW,
        updated_at=NOW,
    )


class ByReference:
    """The one question that is asked of `PaymentStore`; whatever else is called is not there."""

    def __init__(self, *payments: Payment) -> None:
        self.payments = {(one.tenant, one.system, one.reference): one for one in payments}

    async def by_reference(self, tenant: str, system: str, reference: str) -> Payment | None:
        return self.payments.get((tenant, system, reference))


class House:
    def __init__(self, *payments: Payment) -> None:
        self.outbox, self.exchange, self.now = ListedOutbox(), ScriptedExchange(), NOW
        asking: tuple[Any, Any] = (self.outbox, self.exchange)
        fakes: Any = (ByReference(*payments), Asking(*asking, clock=self.clock))
        self.returns = PaymentReturns(*fakes, tenant="H99", atomically=atomically, clock=self.clock)

    def clock(self) -> datetime:
        return self.now

    async def back(self, system: str = "payment", **body: Any) -> Handled:
        return await self.returns(RETURN, {"reference": REFERENCE, **body}, system)


@pytest.mark.parametrize("state", [state for state in PaymentState if state is not PaymentState.PAID])
async def test_a_return_has_the_rail_asked_and_shows_our_own_page(state: PaymentState) -> None:
    """PAY-08. A failed payment may be paid late, so it is asked about as well."""
    house = House(payment(state=state))
    assert await house.back() == Handled(Receipt.ANSWERED, {"page": "/thanh-toan/P0001"})
    assert house.outbox.hurried == [STREAM]


async def test_what_a_return_says_of_the_result_is_not_believed() -> None:
    """PAY-08, F13. The store offers nothing to write with."""
    house = House(payment())
    said = await house.back(status="paid", amount=150_000, transaction_id="GD1", responseCode="00")
    assert said == await House(payment()).back()


async def test_nobody_is_asked_about_what_is_paid() -> None:
    house = House(payment(state=PaymentState.PAID))
    assert (await house.back()).answer == {"page": "/thanh-toan/P0001"}
    assert house.outbox.hurried == []


@pytest.mark.parametrize(
    ("system", "body"), [("vnpay", {}), ("payment", {"reference": "P0009"}), ("payment", {"reference": None})]
)
async def test_a_return_of_no_payment_at_this_rail_is_absent(system: str, body: dict[str, Any]) -> None:
    """F26. Another rail's reference is no reference."""
    house = House(payment())
    assert await house.back(system, **body) == Handled(Receipt.ABSENT)
    assert house.outbox.hurried == []


async def test_a_payment_that_began_at_the_portal_sends_nobody_here() -> None:
    house = House(replace(payment(), reference="PAY26K7Q2M0001"))
    assert await house.back(reference="PAY26K7Q2M0001") == Handled(Receipt.ABSENT)


async def test_a_browser_that_keeps_coming_back_does_not_flood_the_rail() -> None:
    house = House(payment(), payment("0002"))
    for _ in range(int(SPACING.total_seconds()) * 3):
        assert (await house.back()).receipt is Receipt.ANSWERED
        house.now += timedelta(seconds=1)
    assert house.outbox.hurried == [STREAM] * 3
    await house.back(reference="P0002")
    assert len(house.outbox.hurried) == 4


async def test_only_the_last_returns_are_remembered() -> None:
    house = House(*(payment(f"{number:05d}") for number in range(MOST + 2)))
    for number in range(MOST + 2):
        await house.back(reference=f"P{number:05d}")
    assert len(house.outbox.hurried) == MOST + 2
    assert len(house.returns._hurried) == MOST


async def test_what_a_rail_that_cannot_be_asked_may_vouch_for_is_shown_to_it() -> None:
    """F05: the browser's values prove nothing until the rail says that they are its own."""
    house = House(payment())
    house.exchange.lacking = {"verify_report"}
    await house.back(report={"reference": REFERENCE, "told": {}})
    assert house.outbox.drafts == []
    house.exchange.lacking = set()
    house.now += SPACING
    await house.back(report={"reference": REFERENCE, "told": {}})
    assert [draft.operation for draft in house.outbox.drafts] == ["verify_report"]
