"""Over the rail: one order, whatever is killed or lost, and a question until there is an end."""

from __future__ import annotations

from typing import Any

import pytest
from couriers import Delivered
from refunds_house import AMOUNT, PROOF, RAIL, House, wanted
from services import CONTEXT, NOW

from gateway.delivery.model import StreamKey, StreamState, Verdict
from gateway.payments.model import BillState, Source
from gateway.refunds.model import Approval, RefundState
from gateway.refunds.sending import LADDER_S, ORDER, QUESTION
from gateway.sdk import (
    Accepted,
    Answered,
    CannotTell,
    Pending,
    ProtocolViolation,
    Refused,
    TookEffect,
    TransientRemoteError,
    Unsettled,
)
from gateway.sdk.errors import ConflictError

STREAM = StreamKey(tenant=CONTEXT.tenant, target=RAIL, key="refund:F1")
TAKEN = Accepted(reference="x")
OPEN = Pending(reference="x", look_again_after_s=1)


def said(status: str = "done", **more: Any) -> Delivered:
    canonical = {"refund_id": "F1", "status": status, "amount": AMOUNT, "refund_transaction_id": "RT1", **more}
    return Delivered(Answered(body={}), canonical)


async def approved(*script: Any) -> House:
    house = House(*script)
    await house.open()
    await house.approved()
    return house


async def test_it_is_sent_once_and_entered_when_the_rail_says_that_it_is_done() -> None:
    """PAY-16 (part)."""
    house = await approved(Delivered(TAKEN, {"refund_transaction_id": "RT1"}), OPEN, said())
    order = await house.outbox.first(STREAM)
    assert order is not None
    assert order.operation == ORDER
    assert order.body == {
        "refund_id": "F1",
        "reference": "P1",
        "transaction_id": "T1",
        "initiated_at": NOW.isoformat(),
        "amount": AMOUNT,
        "paid_amount": AMOUNT,
        "whole": True,
        "paid_at": NOW.isoformat(),
        "reason": "Hồ sơ bị từ chối",
        "requested_by": "canbo.mau",
    }
    pending = await house.drain()
    assert (pending.state, pending.refund_transaction_id, house.entered) == (RefundState.PENDING, "RT1", [])
    question = await house.outbox.first(STREAM)
    assert question is not None
    assert question.operation == QUESTION
    done = await house.drain(after_s=30)
    assert (done.state, done.refund_transaction_id) == (RefundState.DONE, "RT1")
    assert house.entered[-1] == ("rail", RAIL, -AMOUNT)
    assert (await house.bill_state(), house.noted.events) == (BillState.REFUNDED, ["refund.done"])
    assert len(house.courier.sent) == 3
    steps = [step.state.value for step in await house.service.steps("F1", context=CONTEXT)]
    assert steps == ["requested", "approved", "sent", "pending", "done"]


async def test_a_lost_answer_is_unknown_and_the_rail_is_asked_before_anything_is_sent_again() -> None:
    """PAY-08 (part)."""
    house = await approved(Unsettled("cut"), said())
    unclear = await house.drain()
    assert (unclear.state, unclear.trouble) == (RefundState.UNKNOWN, "partner.unsettled")
    house.courier.settlements = [TookEffect(reference="x")]
    assert (await house.drain(after_s=900)).state is RefundState.DONE
    assert len(house.courier.sent) == 2  # the order and the question; no second order


async def test_a_worker_that_died_with_the_order_in_hand_refunds_once() -> None:
    """PAY-08 (part), SYN-08 (part)."""
    house = await approved(said())
    await house.outbox.claim(owner="dead", now=house.now, lease_s=60, room={RAIL: 1})
    house.courier.settlements = [TookEffect(reference="x")]
    done = await house.drain(after_s=61)
    assert (done.state, len(house.courier.sent), len(house.courier.asked)) == (RefundState.DONE, 1, 1)
    assert len(house.noted.told) == 1


async def test_what_the_rail_surely_lacks_is_sent_with_the_same_ids() -> None:
    house = await approved(Unsettled("cut"), TAKEN, said())
    await house.drain()
    order = await house.outbox.first(STREAM)
    assert order is not None
    house.courier.settlements = []  # `SendNow` with the call as it was
    await house.drain(after_s=900)
    assert house.courier.call_ids[:2] == [order.call_id, order.call_id]


async def test_a_rail_that_did_not_act_is_tried_again() -> None:
    house = await approved(TransientRemoteError("busy"), TAKEN, said())
    assert (await house.drain()).state is RefundState.SENT
    assert (await house.drain(after_s=900)).state is RefundState.DONE


async def test_a_refusal_fails_it_and_another_refund_may_be_asked_for() -> None:
    house = await approved(Refused(code="95", reason="too late"))
    failed = await house.drain()
    assert (failed.state, failed.trouble) == (RefundState.FAILED, "partner.refused")
    assert (await house.bill_state(), house.entered) == (BillState.PAID, [])
    assert (house.noted.events, len(house.courier.sent)) == (["refund.failed"], 1)  # the question is not put any more
    assert (await house.outbox.views(CONTEXT.tenant, STREAM.key, now=house.now))[0].state is StreamState.IDLE


async def test_a_refund_that_the_rail_failed_later_fails() -> None:
    house = await approved(TAKEN, said("failed"))
    assert (await house.drain()).state is RefundState.FAILED
    assert house.entered == []


async def test_one_that_counted_as_failed_is_done_on_the_rails_own_word() -> None:
    house = await approved(TAKEN, said("failed"))
    await house.drain()
    told = {"refund_id": "F1", "status": "done", "amount": AMOUNT, "refund_transaction_id": "RT1"}
    await house.endings.settle(told, tenant=CONTEXT.tenant, source=Source.RECONCILIATION)
    again = await house.endings.settle(told, tenant=CONTEXT.tenant, source=Source.RECONCILIATION)
    assert (again.state, len(house.noted.returned)) == (RefundState.DONE, 1)
    assert await house.books.balance(CONTEXT.tenant) == 0


@pytest.mark.parametrize("more", [{"amount": AMOUNT - 1}, {"amount": AMOUNT * 2}])
async def test_another_amount_than_was_asked_for_is_entered_nowhere_and_a_person_looks(more: dict[str, Any]) -> None:
    house = await approved(TAKEN, said(**more))
    shown = await house.drain()
    assert (shown.state, shown.trouble, house.entered) == (RefundState.PENDING, "partner.refund_differs", [])
    assert (await house.outbox.views(CONTEXT.tenant, STREAM.key, now=house.now))[0].state is StreamState.HELD


@pytest.mark.parametrize("change", [{"status": "failed"}, {"refund_transaction_id": "RT2"}])
async def test_what_is_done_stays_done_whatever_is_told_later(change: dict[str, Any]) -> None:
    house = await approved(TAKEN, said())
    await house.drain()
    told = {"refund_id": "F1", "status": "done", "amount": AMOUNT, "refund_transaction_id": "RT1", **change}
    with pytest.raises(ProtocolViolation):
        await house.endings.settle(told, tenant=CONTEXT.tenant, source=Source.RECONCILIATION)
    assert (await house.service.get("F1", context=CONTEXT)).state is RefundState.DONE


async def test_it_is_asked_about_for_thirty_days_and_then_a_person_looks() -> None:
    house = await approved(TAKEN, *[OPEN] * 99)
    await house.drain()
    for _ in LADDER_S:
        shown = await house.drain(after_s=86_400)
    assert (shown.state, house.entered) == (RefundState.PENDING, [])
    assert (await house.outbox.views(CONTEXT.tenant, STREAM.key, now=house.now))[0].state is StreamState.HELD
    done = await house.service.record("F1", PROOF, context=CONTEXT)  # seen at the rail by an officer
    assert (done.state, house.entered[-1]) == (RefundState.DONE, ("rail", RAIL, -AMOUNT))


async def test_what_is_under_way_is_called_off_only_once_a_person_has_looked_and_never_leaves_then() -> None:
    """PAY-08 (part)."""
    house = await approved(Unsettled("cut"))
    await house.drain()
    with pytest.raises(ConflictError) as raised:
        await house.service.cancel("F1", by="ketoan.mau", context=CONTEXT)
    assert raised.value.error_code == "caller.refund_on_its_way"
    house.courier.settlements = [CannotTell(reason="no", reason_vi="không")]
    await house.drain(after_s=900)
    failed = await house.service.cancel("F1", by="ketoan.mau", context=CONTEXT)
    assert (failed.state, await house.bill_state()) == (RefundState.FAILED, BillState.PAID)
    assert await house.outbox.release(STREAM, Verdict.MISSING, now=house.now)  # by somebody who does not know
    await house.drain()
    assert (len(house.courier.sent), house.entered) == (1, [])


async def test_of_two_refunds_of_a_payment_one_is_under_way_at_a_time() -> None:
    """Some rails are asked by the payment alone."""
    house = House(*[Delivered(TAKEN, {})] * 4)
    await house.open()
    await house.approved(amount=5, fee=5)
    await house.service.request(wanted(2, amount=5, fee=5, refundable=AMOUNT - 5), context=CONTEXT)
    approval = Approval(approved_by="chutich.mau")
    with pytest.raises(ConflictError) as raised:
        await house.service.approve("F2", approval, context=CONTEXT)
    assert raised.value.error_code == "caller.refund_on_its_way"
    told = {"refund_id": "F1", "status": "done", "amount": 5, "refund_transaction_id": "RT1"}
    await house.endings.settle(told, tenant=CONTEXT.tenant, source=Source.QUERY)
    assert (await house.service.approve("F2", approval, context=CONTEXT)).state is RefundState.SENT
    with pytest.raises(ProtocolViolation):  # the rail tells of the first one again
        await house.endings.settle({**told, "refund_id": "F2"}, tenant=CONTEXT.tenant, source=Source.QUERY)
    assert len(house.noted.returned) == 1
