"""A payment is stored before it leaves, and its money is posted once, whatever the platform does."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, Clock, ListedOutbox, ScriptedExchange, atomically

from gateway.delivery.model import StreamKey
from gateway.payments.followup import QueryFollowUp
from gateway.payments.memory import MemoryInbox, MemoryPayments
from gateway.payments.model import PaymentState
from gateway.payments.notices import PaymentNotices
from gateway.payments.service import Payments
from gateway.sdk import (
    Accepted,
    GatewayError,
    Inbound,
    ProtocolViolation,
    Receipt,
    Refused,
    TransientRemoteError,
    TrustError,
    Unsettled,
)
from gateway.sdk.errors import NotFoundError, UnprocessableError

OPENED = (Accepted(reference="x"), {"pay_url": "https://pay.example/1"})
DOCUMENT = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "amount": 3_000_000_000,
    "lines": [{"amount": 2_000_000_000}, {"amount": 1_000_000_000}],
}
PAID = {
    "reference": "PAY1",
    "status": "paid",
    "amount": 3_000_000_000,
    "currency": "VND",
    "transaction_id": "T1",
    "paid_at": "2026-11-23T09:15:00+07:00",
}

LADDER = StreamKey(tenant="H99", target="payment", key="PAY1")


class House:
    def __init__(self, initiate: Any = OPENED) -> None:
        self.store = MemoryPayments()
        self.outbox = ListedOutbox()
        self.numbers = itertools.count(1)
        self.service = Payments(
            self.store,
            self.outbox,  # type: ignore[arg-type]
            exchange=ScriptedExchange(initiate_payment=initiate),  # type: ignore[arg-type]
            atomically=atomically,
            clock=Clock(),
        )
        self.notices = PaymentNotices(self.service, MemoryInbox(), tenant="H99", atomically=atomically, clock=Clock())

    async def open(self) -> Any:
        return await self.service.create(DOCUMENT, payment_id=f"PAY{next(self.numbers)}", context=CONTEXT)

    async def notice(self, key: str = "k", **changes: Any) -> Receipt:
        result = {**PAID, **changes}
        return (await self.notices(Inbound(event="payment_result", key=key, body={}), result, "payment")).receipt

    async def state(self) -> PaymentState:
        return (await self.service.get("PAY1", context=CONTEXT)).state


async def test_opened_payment_has_its_page_and_will_be_queried() -> None:
    """PAY-01 (part); amounts above 2^31 stay whole."""
    house = House()
    payment = await house.open()
    assert (payment.state, payment.pay_url) == (PaymentState.OPENED, "https://pay.example/1")
    query = house.outbox.drafts[0]
    assert (query.operation, query.stream.key) == ("query_payment", "PAY1")
    assert query.due is not None
    assert (query.due - NOW).total_seconds() > 30


async def test_no_clear_answer_to_init_leaves_the_payment_unknown() -> None:
    """PAY-08."""
    assert (await House(Unsettled("cut")).open()).state is PaymentState.UNKNOWN


async def test_platform_that_surely_did_not_act_fails_the_attempt_and_says_so() -> None:
    house = House(TransientRemoteError("refused"))
    with pytest.raises(TransientRemoteError):
        await house.open()
    assert await house.state() is PaymentState.FAILED


@pytest.mark.parametrize("error", [ProtocolViolation("odd"), TrustError("checksum")])
async def test_an_answer_to_init_that_says_nothing_leaves_the_payment_unknown(error: GatewayError) -> None:
    """PAY-08."""
    assert (await House(error).open()).state is PaymentState.UNKNOWN


async def test_a_fault_of_ours_around_init_is_told_and_leaves_the_payment_unknown() -> None:
    house = House(GatewayError("the audit log is down"))
    with pytest.raises(GatewayError):
        await house.open()
    assert await house.state() is PaymentState.UNKNOWN


async def test_what_the_platforms_mapping_cannot_carry_is_refused_before_anything_is_stored() -> None:
    house = House()

    def draft(*_: Any, **__: Any) -> Any:
        raise UnprocessableError("no address")

    house.service._exchange.draft = draft  # type: ignore[method-assign]
    with pytest.raises(UnprocessableError):
        await house.open()
    assert house.store.payments == {}
    assert house.outbox.drafts == []


async def test_a_query_whose_result_fits_ends_the_ladder() -> None:
    house = House()
    await house.open()
    ladder = QueryFollowUp(house.service, house.store)
    assert await ladder.needed(LADDER)
    await ladder.conclude(LADDER, PAID)
    assert await house.state() is PaymentState.PAID
    assert not await ladder.needed(LADDER)


@pytest.mark.parametrize("change", [{"amount": 1}, {"currency": "USD"}])
async def test_a_query_whose_result_differs_is_for_a_person(change: Any) -> None:
    """PAY-05 (part): money may have moved, so the ladder must not end in silence."""
    house = House()
    await house.open()
    with pytest.raises(ProtocolViolation):
        await QueryFollowUp(house.service, house.store).conclude(LADDER, {**PAID, **change})
    assert await house.state() is PaymentState.OPENED


async def test_a_failed_payment_is_still_asked_about_and_an_unknown_one_is_not() -> None:
    house = House((Refused(code="07", reason="x"), {}))
    await house.open()
    ladder = QueryFollowUp(house.service, house.store)
    assert await ladder.needed(LADDER)
    assert not await ladder.needed(StreamKey(tenant="H99", target="payment", key="NONE"))


async def test_refused_init_fails_the_attempt() -> None:
    assert (await House((Refused(code="07", reason="x"), {})).open()).state is PaymentState.FAILED


async def test_lines_that_do_not_add_up_are_refused_before_anything_is_stored() -> None:
    """F19."""
    house = House()
    with pytest.raises(UnprocessableError):
        await house.service.create({**DOCUMENT, "amount": 1}, payment_id="PAY9", context=CONTEXT)
    assert house.store.payments == {}


async def test_notice_posts_once_however_often_it_comes() -> None:
    """PAY-06, F03."""
    house = House()
    await house.open()
    receipts = [await house.notice() for _ in range(3)]
    assert receipts == [Receipt.RECORDED, Receipt.DUPLICATE, Receipt.DUPLICATE]
    payment = await house.service.get("PAY1", context=CONTEXT)
    assert (payment.state, payment.notices, payment.postings) == (PaymentState.PAID, 3, 1)
    assert payment.paid_at is not None
    assert payment.paid_at.isoformat() == "2026-11-23T09:15:00+07:00"


async def test_query_and_notice_of_one_payment_post_it_once() -> None:
    house = House()
    await house.open()
    assert await house.service.settle(PAID, tenant="H99", source="query") is Receipt.RECORDED
    assert await house.notice() is Receipt.DUPLICATE
    assert len(house.store.postings) == 1


@pytest.mark.parametrize(
    "change", [{"amount": 1}, {"amount": "3000000000"}, {"currency": "USD"}, {"reference": "PAY9"}]
)
async def test_notice_that_differs_from_what_was_asked_changes_nothing(change: Any) -> None:
    """F07, F26, PAY-05 (part)."""
    house = House()
    await house.open()
    assert await house.notice(**change) is Receipt.REJECTED
    assert await house.state() is PaymentState.OPENED
    assert house.store.postings == []


async def test_late_success_after_a_failure_is_accepted() -> None:
    """F08."""
    house = House()
    await house.open()
    assert await house.notice("k1", status="failed") is Receipt.RECORDED
    assert await house.state() is PaymentState.FAILED
    assert await house.notice("k2") is Receipt.RECORDED
    assert await house.state() is PaymentState.PAID


async def test_failure_after_success_does_not_take_the_money_back() -> None:
    house = House()
    await house.open()
    await house.notice("k1")
    assert await house.notice("k2", status="failed") is Receipt.DUPLICATE
    assert await house.state() is PaymentState.PAID


async def test_one_transaction_number_is_never_posted_for_two_payments() -> None:
    house = House()
    await house.open()
    await house.open()
    await house.notice("k1")
    assert await house.notice("k2", reference="PAY2") is Receipt.REJECTED
    assert len(house.store.postings) == 1


async def test_notice_that_overtakes_the_answer_to_init_is_not_undone_by_it() -> None:
    """F02: the row exists before INIT leaves."""
    house = House()
    exchange = house.service._exchange

    class Overtaken:
        def __getattr__(self, name: str) -> Any:
            return getattr(exchange, name)

        async def ask(self, *arguments: Any, **named: Any) -> Any:
            await house.notice()
            return await exchange.ask(*arguments, **named)

    house.service._exchange = Overtaken()  # type: ignore[assignment]
    payment = await house.open()
    assert payment.state is PaymentState.PAID
    assert payment.pay_url


async def test_unknown_payment_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        await House().service.get("NONE", context=CONTEXT)


async def test_an_old_key_does_not_answer_for_another_payment() -> None:
    """PAY-06 (part): the state of one fee is never the answer to another."""
    house = House()
    first = await house.service.create(DOCUMENT, payment_id="PAY1", context=CONTEXT)
    assert (await house.service.create(DOCUMENT, payment_id="PAY1", context=CONTEXT)).created_at == first.created_at
    with pytest.raises(UnprocessableError, match="another payment"):
        await house.service.create({**DOCUMENT, "dossier_code": "D2"}, payment_id="PAY1", context=CONTEXT)


async def test_a_second_transfer_for_a_paid_reference_is_not_a_duplicate() -> None:
    """PAY-08 (part): money taken twice is somebody's business."""
    house = House()
    await house.open()
    assert await house.service.settle(PAID, tenant="H99", source="notice") is Receipt.RECORDED
    assert await house.service.settle(PAID, tenant="H99", source="notice") is Receipt.DUPLICATE
    second = {**PAID, "transaction_id": "T2"}
    assert await house.service.settle(second, tenant="H99", source="notice") is Receipt.REJECTED


async def test_the_ladder_goes_by_the_age_of_the_payment() -> None:
    """PAY-08: early returns and outages use up no rung; after the third day a person looks."""
    house = House()
    created = (await house.open()).created_at
    ladder = QueryFollowUp(house.service, house.store)

    async def wait(age_s: float) -> float | None:
        return await ladder.next_wait_s(LADDER, now=created + timedelta(seconds=age_s))

    assert [await wait(age) for age in (0, 29, 30, 100, 16_000, 259_199)] == [30, 1, 120, 50, 21_350, 1]
    assert await wait(259_200) is None
