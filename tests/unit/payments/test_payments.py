"""A payment is stored before it leaves, and its money is posted once, whatever the platform does."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, Clock, ListedOutbox, ListedRecorder, ScriptedExchange, atomically
from till import Till

from gateway.delivery.model import StreamKey
from gateway.payments.beneficiaries import Beneficiary
from gateway.payments.followup import QueryFollowUp
from gateway.payments.memory import MemoryInbox
from gateway.payments.model import BillState, PaymentState, Source
from gateway.payments.notices import PaymentNotices
from gateway.payments.settling import MOST_CLAIMED
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
from gateway.sdk.errors import ConflictError, NotFoundError, UnprocessableError

OPENED = (Accepted(reference="x"), {"pay_url": "https://pay.example/1"})
DOCUMENT = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "amount": 3_000_000_000,
    "lines": [{"kind": "fee", "amount": 2_000_000_000}, {"kind": "charge", "amount": 1_000_000_000}],
    "beneficiary": {"account": "0000111122", "bank_code": "DEMOBANK", "name": "UBND XA VI DU"},
}
RAIL = "system-of-initiate_payment"
PAID = {
    "reference": "PAY1",
    "status": "paid",
    "amount": 3_000_000_000,
    "currency": "VND",
    "transaction_id": "T1",
    "paid_at": "2026-11-23T08:59:00+07:00",
}

LADDER = StreamKey(tenant="H99", target=RAIL, key="PAY1")


class House:
    def __init__(self, initiate: Any = OPENED) -> None:
        self.outbox = ListedOutbox()
        self.till = Till(self.outbox)
        self.exchange = ScriptedExchange(initiate_payment=initiate)
        own: dict[str, Any] = {"atomically": atomically, "clock": Clock()}
        self.till.open(ListedRecorder(), exchange=self.exchange, **own)
        self.service, self.settling, self.store = self.till.service, self.till.settling, self.till.payments
        self.numbers = itertools.count(1)
        self.notices = PaymentNotices(self.settling, MemoryInbox(), tenant="H99", **own)
        self.ladder = QueryFollowUp(self.settling, self.store)

    async def open(self, **changes: Any) -> Any:
        return await self.service.create(
            {**DOCUMENT, **changes}, payment_id=f"PAY{next(self.numbers)}", context=CONTEXT
        )

    async def notice(self, key: str = "k", **changes: Any) -> Receipt:
        result = {**PAID, **changes}
        return (await self.notices(Inbound(event="payment_result", key=key, body={}), result, RAIL)).receipt

    async def settle(self, result: Any, *, source: Source) -> Receipt:
        return (await self.settling.settle(result, tenant="H99", rail=RAIL, source=source)).receipt

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
    assert await house.ladder.needed(LADDER)
    await house.ladder.conclude(LADDER, PAID)
    assert await house.state() is PaymentState.PAID
    assert not await house.ladder.needed(LADDER)


@pytest.mark.parametrize("change", [{"amount": 1}, {"currency": "USD"}])
async def test_a_query_whose_result_differs_is_for_a_person(change: Any) -> None:
    """PAY-05 (part): money may have moved, so the ladder does not end in silence: a person gets a case."""
    house = House()
    await house.open()
    await house.ladder.conclude(LADDER, {**PAID, **change})
    assert await house.state() is PaymentState.OPENED
    (dispute,) = house.till.followed.disputes
    assert (dispute.payment_id, dispute.source) == ("PAY1", Source.QUERY)


async def test_a_failed_payment_is_still_asked_about_and_an_unknown_one_is_not() -> None:
    house = House((Refused(code="07", reason="x"), {}))
    await house.open()
    assert await house.ladder.needed(LADDER)
    assert not await house.ladder.needed(replace(LADDER, key="NONE"))


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
    assert payment.paid_at.isoformat() == "2026-11-23T08:59:00+07:00"


async def test_query_and_notice_of_one_payment_post_it_once() -> None:
    house = House()
    await house.open()
    assert await house.settle(PAID, source=Source.QUERY) is Receipt.RECORDED
    assert await house.notice() is Receipt.DUPLICATE
    assert len(house.till.books.entries) == 1


@pytest.mark.parametrize(
    "change", [{"amount": 1}, {"amount": "3000000000"}, {"currency": "USD"}, {"reference": "PAY9"}]
)
async def test_notice_that_differs_from_what_was_asked_changes_nothing(change: Any) -> None:
    """F07, F26, PAY-05 (part)."""
    house = House()
    await house.open()
    assert await house.notice(**change) is Receipt.REJECTED
    assert await house.state() is PaymentState.OPENED
    assert house.till.books.entries == {}


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
    await house.open(dossier_code="000.00.05.H99-261123-0008")
    await house.notice("k1")
    assert await house.notice("k2", reference="PAY2") is Receipt.REJECTED
    assert len(house.till.books.entries) == 1


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
    assert await house.notice() is Receipt.RECORDED
    assert await house.notice() is Receipt.DUPLICATE
    assert await house.notice("k2", transaction_id="T2") is Receipt.REJECTED
    assert [dispute.kind for dispute in house.till.followed.disputes] == ["transaction_differs"]


async def test_the_ladder_goes_by_the_age_of_the_payment() -> None:
    """PAY-08: early returns and outages use up no rung; after the third day a person looks."""
    house = House()
    created = (await house.open()).created_at

    async def wait(age_s: float) -> float | None:
        return await house.ladder.next_wait_s(LADDER, now=created + timedelta(seconds=age_s))

    assert [await wait(age) for age in (0, 29, 30, 100, 16_000, 259_199)] == [30, 1, 120, 50, 21_350, 1]
    assert await wait(259_200) is None


async def test_attempts_at_the_same_fees_pay_one_bill_and_a_paid_bill_is_not_paid_again() -> None:
    """PAY-06 (part)."""
    house = House()
    first, second = await house.open(), await house.open()
    assert (first.bill_id, first.payment_id) == (second.bill_id, "PAY1")
    await house.notice()
    with pytest.raises(ConflictError, match="nothing is due"):
        await house.open()


async def test_two_payments_of_one_bill_are_one_posting_and_money_owed_back() -> None:
    """F15: the fee is credited once; what came on top stands in the books as owed."""
    house = House()
    first, second = await house.open(), await house.open()
    assert await house.notice() is Receipt.RECORDED
    assert await house.notice("k2", reference="PAY2", transaction_id="T2") is Receipt.RECORDED
    kinds = [entry.kind for entry in house.till.books.entries.values()]
    assert kinds == ["collection", "excess"]
    assert await house.till.books.balance("H99") == 0
    assert [money.payment.payment_id for money in house.till.followed.collections] == [first.payment_id]
    assert [money.payment.payment_id for money in house.till.followed.excesses] == [second.payment_id]
    late = await house.service.get("PAY2", context=CONTEXT)
    assert (late.state, late.excess, late.postings) == (PaymentState.PAID, True, 0)
    assert (await house.till.bills_service.get(first.bill_id, context=CONTEXT)).state is BillState.OVERPAID


async def test_a_paid_bill_closes_its_other_attempts_whose_late_money_is_owed_back() -> None:
    house = House()
    await house.open()
    await house.open()
    await house.notice()
    assert (await house.service.get("PAY2", context=CONTEXT)).state is PaymentState.EXPIRED
    assert await house.notice("k2", reference="PAY2", transaction_id="T2") is Receipt.RECORDED


async def test_fees_and_charges_stand_apart_in_the_books() -> None:
    house = House()
    await house.open()
    await house.notice()
    (entry,) = house.till.books.entries.values()
    said = {(line.account.value, line.party): line.amount for line in entry.lines}
    assert said == {
        ("rail", RAIL): 3_000_000_000,
        ("fee", "0000111122"): -2_000_000_000,
        ("charge", "0000111122"): -1_000_000_000,
    }


@pytest.mark.parametrize("age", [timedelta(hours=73), timedelta(minutes=-6)])
async def test_an_old_or_future_notice_is_believed_only_after_the_rail_was_asked(age: timedelta) -> None:
    """F28: no rail signs the moment of delivery."""
    house = House()
    await house.open()
    before = len(house.outbox.drafts)
    assert await house.notice(paid_at=(NOW - age).isoformat()) is Receipt.RECORDED
    assert house.till.books.entries == {}
    assert house.outbox.drafts[before].operation == "query_payment"
    assert await house.settle({**PAID, "paid_at": (NOW - age).isoformat()}, source=Source.QUERY) is Receipt.RECORDED
    assert len(house.till.books.entries) == 1


async def test_an_old_notice_of_a_rail_that_cannot_be_asked_is_for_a_person() -> None:
    house = House()
    house.exchange.lacking.add("query_payment")
    await house.open()
    assert await house.notice(paid_at=(NOW - timedelta(days=30)).isoformat()) is Receipt.RECORDED
    assert [dispute.kind for dispute in house.till.followed.disputes] == ["unproven"]


async def test_money_for_another_account_is_not_entered() -> None:
    """PAY-05 (part)."""
    house = House()
    await house.open()
    assert await house.notice(beneficiary_account="9999") is Receipt.REJECTED
    assert [dispute.kind for dispute in house.till.followed.disputes] == ["account_mismatch"]
    assert await house.notice("k2", beneficiary_account="0000111122") is Receipt.RECORDED


ELSEWHERE = {**PAID, "reference": "PORTAL-77", "dossier_code": DOCUMENT["dossier_code"]}


async def test_a_bill_paid_at_the_portal_is_posted_and_closes_our_attempt() -> None:
    """F16."""
    house = House()
    await house.open()
    assert await house.settle(ELSEWHERE, source=Source.NOTICE) is Receipt.RECORDED
    (money,) = house.till.followed.collections
    assert (money.payment.reference, money.source) == ("PORTAL-77", Source.PUSH)
    assert await house.state() is PaymentState.EXPIRED
    assert await house.settle(ELSEWHERE, source=Source.NOTICE) is Receipt.DUPLICATE


async def test_of_two_bills_the_one_over_this_amount_is_paid_and_equal_ones_are_for_a_person() -> None:
    """F37, trap 16: the wrong bill is never closed."""
    house = House()
    small = {**DOCUMENT, "amount": 5, "lines": [{"kind": "fee", "amount": 5}]}
    first = await house.till.bills_service.issue(DOCUMENT, bill_id="B1", context=CONTEXT)
    second = await house.till.bills_service.issue(small, bill_id="B2", context=CONTEXT)
    await house.till.bills_service.issue(small, bill_id="B3", context=CONTEXT)
    assert await house.settle({**ELSEWHERE, "amount": 5}, source=Source.PUSH) is Receipt.REJECTED
    assert [dispute.kind for dispute in house.till.followed.disputes] == ["ambiguous_bill"]
    assert await house.settle(ELSEWHERE, source=Source.PUSH) is Receipt.RECORDED
    states = {name: house.till.bills.bills["H99", name].state.value for name in ("B1", "B2", "B3")}
    assert states == {"B1": "paid", "B2": "unpaid", "B3": "unpaid"}
    assert first.lookup_id != second.lookup_id


async def test_two_bills_of_one_second_bear_one_look_up_id_and_are_told_apart_by_their_amounts() -> None:
    """F37: a one-stop system issues all bills of a dossier at once."""
    house = House()
    small = {**DOCUMENT, "amount": 5, "lines": [{"kind": "fee", "amount": 5}]}
    first = await house.till.bills_service.issue(DOCUMENT, bill_id="B1", context=CONTEXT)
    second = await house.till.bills_service.issue(small, bill_id="B2", context=CONTEXT)
    house.till.bills.bills["H99", "B2"] = replace(second, created_at=first.created_at)
    paid = {**ELSEWHERE, "amount": 5, "lookup_id": first.lookup_id}
    assert await house.settle(paid, source=Source.PUSH) is Receipt.RECORDED
    assert [house.till.bills.bills["H99", name].state.value for name in ("B1", "B2")] == ["unpaid", "paid"]
    other = {**ELSEWHERE, "reference": "PORTAL-78", "amount": 7, "lookup_id": first.lookup_id}
    assert await house.settle(other, source=Source.PUSH) is Receipt.REJECTED


async def test_a_word_without_proof_puts_the_attempt_down_and_posts_nothing() -> None:
    house = House()
    await house.till.bills_service.issue(DOCUMENT, bill_id="B1", context=CONTEXT)
    claimed = await house.settling.claim(ELSEWHERE, tenant="H99", rail=RAIL)
    assert claimed is not None
    assert (claimed.state, claimed.bill_id) == (PaymentState.UNKNOWN, "B1")
    assert house.till.books.entries == {}
    assert await house.settling.claim(ELSEWHERE, tenant="H99", rail=RAIL) == claimed
    assert await house.settle({**PAID, "reference": "PORTAL-77"}, source=Source.RECONCILIATION) is Receipt.RECORDED


@pytest.mark.parametrize("reference", ["", "Trần Thị Mẫu", "A\x00B", "x" * 51, "' OR 1=1"])
async def test_a_word_without_proof_and_without_a_reference_puts_nothing_down(reference: str) -> None:
    """PAY-18 (part): two dossiers would share an attempt without a reference, and a row's reference lies open."""
    house = House()
    await house.till.bills_service.issue(DOCUMENT, bill_id="B1", context=CONTEXT)
    said = {**ELSEWHERE, "reference": reference}
    assert await house.settling.claim(said, tenant="H99", rail=RAIL) is None
    assert house.till.payments.payments == {}


async def test_words_without_proof_do_not_fill_the_table() -> None:
    """Trap 17: whoever knows a dossier's code can say that it was paid, under as many references as they like."""
    house = House()
    await house.till.bills_service.issue(DOCUMENT, bill_id="B1", context=CONTEXT)
    for number in range(MOST_CLAIMED + 5):
        await house.settling.claim({**ELSEWHERE, "reference": f"FORGED{number}"}, tenant="H99", rail=RAIL)
    assert len(house.till.payments.payments) == MOST_CLAIMED
    assert await house.settle(ELSEWHERE, source=Source.PUSH) is Receipt.RECORDED


async def test_a_cancelled_bill_is_not_paid_and_money_that_still_comes_is_owed_back() -> None:
    house = House()
    payment = await house.open()
    bills = house.till.bills_service
    await bills.cancel(payment.bill_id, exempt=True, reason="miễn", context=CONTEXT)
    with pytest.raises(ConflictError):
        await house.open()
    assert await house.notice() is Receipt.RECORDED
    assert [money.payment.payment_id for money in house.till.followed.excesses] == ["PAY1"]
    with pytest.raises(NotFoundError):
        await bills.cancel("NONE", exempt=False, reason="x", context=CONTEXT)


async def test_a_rail_is_named_by_the_caller_and_an_unknown_one_is_refused() -> None:
    house = House()
    payment = await house.service.create(DOCUMENT, payment_id="PAY1", context=CONTEXT, rail="vnpay")
    assert (payment.system, house.outbox.drafts[0].stream.target) == ("vnpay", "vnpay")
    house.exchange.lacking.add("initiate_payment")
    with pytest.raises(UnprocessableError, match="rail"):
        await house.service.create(DOCUMENT, payment_id="PAY2", context=CONTEXT, rail="population")


async def test_money_goes_only_to_accounts_of_the_list_where_there_is_one() -> None:
    """PAY-05: a wrong account is refused before anything is stored."""
    house = House()
    known = Beneficiary(agency_id="A1", account="0000111122", bank_code="DEMOBANK", kinds=frozenset({"fee", "charge"}))
    house.till._beneficiaries._known = (known,)
    fitting = {**DOCUMENT, "agency_id": "A1"}
    await house.till.bills_service.issue(fitting, bill_id="B1", context=CONTEXT)
    elsewhere = {**DOCUMENT["beneficiary"], "account": "1"}  # type: ignore[dict-item]
    for wrong in ({"beneficiary": elsewhere}, {"agency_id": "A2"}):
        with pytest.raises(UnprocessableError, match="account"):
            await house.till.bills_service.issue({**fitting, **wrong}, bill_id="B2", context=CONTEXT)
    house.till._beneficiaries._known = (replace(known, kinds=frozenset({"fee"})),)
    with pytest.raises(UnprocessableError, match="account"):
        await house.till.bills_service.issue(fitting, bill_id="B3", context=CONTEXT)
