"""A refund is asked for by one, allowed by another, and paid once; the payment stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from refunds_house import AMOUNT, DECISION, PROOF, RAIL, House, payment, wanted
from services import CONTEXT, NOW

from gateway.payments.model import BillState, Payment, PaymentState
from gateway.refunds.model import Approval, RefundKind, RefundState, RefundWay
from gateway.sdk.errors import ConflictError, GatewayError, NotAllowedError, NotFoundError, UnprocessableError

APPROVAL = Approval(approved_by="chutich.mau")
HAND: dict[str, Any] = {"lacking": ("refund_payment",)}


async def code_of(act: Any) -> str:
    with pytest.raises(GatewayError) as raised:
        await act
    return raised.value.error_code


async def test_a_refund_by_hand_goes_its_way_and_changes_nothing_of_the_payment() -> None:
    """PAY-16, F34."""
    house = House(**HAND)
    await house.open()
    paid = await house.payments.find(CONTEXT.tenant, "P1")
    asked = await house.service.request(wanted(), context=CONTEXT)
    assert (asked.state, asked.way, asked.kind) == (RefundState.REQUESTED, RefundWay.BY_HAND, RefundKind.WHOLE)
    assert await house.bill_state() is BillState.REFUND_PENDING
    allowed = await house.service.approve("F1", APPROVAL, context=CONTEXT)
    assert (allowed.state, house.entered) == (RefundState.APPROVED, [])
    done = await house.service.record("F1", PROOF, context=CONTEXT)
    assert (done.state, done.done_at, done.refund_transaction_id) == (RefundState.DONE, NOW, "UNC-7")
    assert house.entered == [
        ("fee", "0000111122", 2_000_000_000),
        ("charge", "0000111122", 1_000_000_000),
        ("rail", "by_hand", -AMOUNT),
    ]
    assert await house.bill_state() is BillState.REFUNDED
    assert await house.payments.find(CONTEXT.tenant, "P1") == paid
    assert await house.books.balance(CONTEXT.tenant) == 0
    steps = await house.service.steps("F1", context=CONTEXT)
    assert [(step.state.value, step.actor) for step in steps] == [
        ("requested", "motcua"),
        ("approved", "chutich.mau"),
        ("done", "ketoan.mau"),
    ]


async def test_what_follows_from_it_is_told_with_it_and_names_no_person() -> None:
    """F34: the receipt is adjusted, the one-stop system is told; PDP-15 (part)."""
    house = House(**HAND)
    await house.open()
    await house.approved()
    await house.service.record("F1", PROOF, context=CONTEXT)
    returned = house.noted.returned[0]
    assert (returned.refund.state, returned.bill.state) == (RefundState.DONE, BillState.REFUNDED)
    assert returned.entry.refund_id == "F1"
    event, facts = house.noted.told[0]
    assert event == "refund.done"
    assert facts == {
        "payment_id": "P1",
        "bill_id": "B1",
        "refund_id": "F1",
        "dossier_code": returned.refund.dossier_code,
        "agency_id": returned.refund.agency_id,
        "kind": "whole",
        "way": "by_hand",
        "amount": AMOUNT,
        "currency": "VND",
        "state": "done",
        "bill_state": "refunded",
    }
    leaf = house.leaves.entries[0]
    assert (leaf.operation, leaf.actor, leaf.reference) == ("refund_done", "ketoan.mau", "F1")
    shown = repr((leaf, facts, returned.refund))
    assert not any(word in shown for word in ("0011223344", "TRAN THI", "từ chối"))


async def test_whoever_believes_another_amount_is_told_the_truth() -> None:
    """Contract, section 9, row 12."""
    house = House()
    await house.open()
    await house.service.request(wanted(amount=5, fee=5), context=CONTEXT)
    with pytest.raises(ConflictError) as raised:
        await house.service.request(wanted(2, amount=5, fee=5), context=CONTEXT)
    assert raised.value.error_code == "caller.refundable_differs"
    assert str(AMOUNT - 5) in raised.value.detail
    await house.service.request(wanted(2, amount=5, fee=5, refundable=AMOUNT - 5), context=CONTEXT)


async def test_never_more_goes_back_than_came() -> None:
    """PAY-16 (part)."""
    house = House()
    await house.open()
    more = wanted(amount=AMOUNT + 1)
    assert await code_of(house.service.request(more, context=CONTEXT)) == "caller.refund_too_large"


async def test_of_an_unpaid_payment_nothing_goes_back() -> None:
    house = House()
    await house.open(state=BillState.UNPAID)
    await house.payments.save(payment(state=PaymentState.UNKNOWN))
    assert await code_of(house.service.request(wanted(), context=CONTEXT)) == "caller.payment_not_paid"
    with pytest.raises(NotFoundError):
        await house.service.request(wanted(payment_id="P9"), context=CONTEXT)


async def test_the_same_request_again_is_the_same_refund_and_another_under_its_id_is_refused() -> None:
    house = House()
    await house.open()
    first = await house.service.request(wanted(), context=CONTEXT)
    assert await house.service.request(wanted(), context=CONTEXT) == first
    other = wanted(amount=7)
    assert await code_of(house.service.request(other, context=CONTEXT)) == "caller.idempotency_key_reused"


async def test_nobody_allows_what_they_asked_for() -> None:
    """SEC-17 (part)."""
    house = House()
    await house.open()
    await house.service.request(wanted(), context=CONTEXT)
    with pytest.raises(NotAllowedError):
        await house.service.approve("F1", Approval(approved_by="canbo.mau"), context=CONTEXT)


async def test_without_a_decision_nothing_is_allowed() -> None:
    """PAY-16 (part)."""
    house = House()
    await house.open()
    await house.service.request(wanted(decision_number="", decision_day=None), context=CONTEXT)
    assert await code_of(house.service.approve("F1", APPROVAL, context=CONTEXT)) == "caller.decision_missing"
    named = replace(APPROVAL, **DECISION)
    assert (await house.service.approve("F1", named, context=CONTEXT)).decision_number == "12/QĐ-UBND"
    assert (await house.service.approve("F1", named, context=CONTEXT)).state is RefundState.SENT
    other = Approval(approved_by="khac.mau")
    assert await code_of(house.service.approve("F1", other, context=CONTEXT)) == "caller.refund_state"


async def test_an_excess_waits_for_a_person_and_then_the_bill_is_paid_once() -> None:
    """F15, F16: opened by the gateway itself."""
    house = House(**HAND)
    await house.open(state=BillState.OVERPAID)
    money = await house.enter(payment(2, excess=True))
    opened = await house.service.open_excess(money)
    assert (opened.state, opened.kind, opened.requested_by) == (RefundState.REQUESTED, RefundKind.EXCESS, "gateway")
    assert await house.bill_state() is BillState.REFUND_PENDING
    more = wanted(payment_id="P2", refundable=0)
    assert await code_of(house.service.request(more, context=CONTEXT)) == "caller.refund_too_large"
    await house.service.approve(opened.refund_id, replace(APPROVAL, **DECISION), context=CONTEXT)
    await house.service.record(opened.refund_id, PROOF, context=CONTEXT)
    assert house.entered == [("owed", RAIL, AMOUNT), ("rail", "by_hand", -AMOUNT)]
    assert await house.bill_state() is BillState.PAID


async def test_a_part_goes_back_and_the_bill_stays_paid() -> None:
    house = House(**HAND)
    await house.open()
    await house.approved(amount=700, fee=300, charge=400)
    await house.service.record("F1", PROOF, context=CONTEXT)
    assert house.entered == [("fee", "0000111122", 300), ("charge", "0000111122", 400), ("rail", "by_hand", -700)]
    assert await house.bill_state() is BillState.PAID
    rest = wanted(2, amount=AMOUNT - 700, refundable=AMOUNT - 700)
    assert (await house.service.request(rest, context=CONTEXT)).fee == 2_000_000_000 - 300


async def test_a_cancelled_refund_leaves_everything_as_it_was() -> None:
    house = House()
    await house.open()
    await house.service.request(wanted(), context=CONTEXT)
    for _ in range(2):
        gone = await house.service.cancel("F1", by="canbo.mau", context=CONTEXT)
        assert gone.state is RefundState.CANCELLED
    assert (await house.bill_state(), house.entered) == (BillState.PAID, [])
    assert await code_of(house.service.approve("F1", APPROVAL, context=CONTEXT)) == "caller.refund_state"


async def test_what_cannot_be_written_undoes_all_of_it() -> None:
    """The receipt's part of it fails: the caller sees it, and nothing was told."""
    house = House(**HAND)
    await house.open()
    await house.approved()
    house.noted.broken = GatewayError("the receipt cannot be adjusted")
    with pytest.raises(GatewayError):
        await house.service.record("F1", PROOF, context=CONTEXT)
    assert house.noted.told == []


async def test_a_proof_is_recorded_once_and_only_where_one_is_waited_for() -> None:
    house = House(**HAND)
    await house.open()
    await house.service.request(wanted(), context=CONTEXT)
    assert await code_of(house.service.record("F1", PROOF, context=CONTEXT)) == "caller.refund_state"
    await house.service.approve("F1", APPROVAL, context=CONTEXT)
    late = replace(PROOF, paid_at=NOW + timedelta(hours=1))
    assert await code_of(house.service.record("F1", late, context=CONTEXT)) == "caller.in_the_future"
    done = await house.service.record("F1", PROOF, context=CONTEXT)
    assert await house.service.record("F1", PROOF, context=CONTEXT) == done
    other = replace(PROOF, document_number="UNC-8")
    assert await code_of(house.service.record("F1", other, context=CONTEXT)) == "caller.refund_state"
    assert len(house.noted.told) == 1


async def test_over_a_rail_without_refunds_none_is_asked_for() -> None:
    house = House(**HAND)
    await house.open()
    with pytest.raises(UnprocessableError) as raised:
        await house.service.request(wanted(way=RefundWay.RAIL), context=CONTEXT)
    assert raised.value.error_code == "caller.no_refund_over_rail"


async def test_money_whose_data_went_to_the_treasury_goes_back_by_hand_alone() -> None:
    """NĐ 252/2026 Art 61."""

    class Passed:
        async def passed_on(self, payment: Payment) -> bool:
            return payment.payment_id == "P1"

    house = House(passed=Passed())
    await house.open()
    await house.service.request(wanted(), context=CONTEXT)
    assert await code_of(house.service.approve("F1", APPROVAL, context=CONTEXT)) == "caller.refund_by_hand_only"
    by_hand = replace(APPROVAL, way=RefundWay.BY_HAND)
    assert (await house.service.approve("F1", by_hand, context=CONTEXT)).state is RefundState.APPROVED


async def test_an_unknown_refund_is_not_found() -> None:
    house = House()
    for act in (
        house.service.get("F9", context=CONTEXT),
        house.service.approve("F9", APPROVAL, context=CONTEXT),
        house.service.record("F9", PROOF, context=CONTEXT),
        house.service.cancel("F9", by="x", context=CONTEXT),
    ):
        assert await code_of(act) == "caller.not_found"
    assert await house.service.agency_of("P9", context=CONTEXT) == ""
