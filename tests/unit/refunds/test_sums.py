"""How much can go back, of what, and what the books say of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refunds_house import AMOUNT, LINES, RAIL, bill, payment, refund
from services import NOW

from gateway.payments.books import Account, EntryKind
from gateway.payments.model import BillState, PaymentState, Source
from gateway.refunds.model import RefundKind, RefundState, RefundWay
from gateway.refunds.sums import bill_state, entry_of_refund, kind_of, refundable, split
from gateway.sdk.errors import UnprocessableError

FEE, CHARGE = 2_000_000_000, 1_000_000_000
DONE: dict[str, Any] = {"state": RefundState.DONE, "done_at": NOW, "refund_transaction_id": "RT1"}


@pytest.mark.parametrize(
    ("state", "left"),
    [(state, AMOUNT if state in {"failed", "cancelled"} else AMOUNT - 500) for state in RefundState],
)
def test_what_went_goes_or_may_go_cannot_go_again(state: RefundState, left: int) -> None:
    """PAY-16 (part)."""
    assert refundable(payment(), [refund(amount=500, state=state), refund(2, payment_id="P2")]) == left


def test_of_a_payment_that_brought_no_money_nothing_can_go_back() -> None:
    assert refundable(payment(state=PaymentState.UNKNOWN), []) == 0


def test_a_refund_is_whole_partial_or_of_an_excess() -> None:
    assert kind_of(payment(), AMOUNT) is RefundKind.WHOLE
    assert kind_of(payment(), 1) is RefundKind.PARTIAL
    assert kind_of(payment(excess=True), AMOUNT) is RefundKind.EXCESS


@pytest.mark.parametrize(
    ("before", "amount", "said", "parts"),
    [
        ([], AMOUNT, (None, None), (FEE, CHARGE)),
        ([], 700, (300, 400), (300, 400)),
        ([], 700, (700, None), (700, 0)),
        ([(FEE, 0)], CHARGE, (None, None), (0, CHARGE)),
        ([(FEE, 0)], 5, (None, None), (0, 5)),
        ([(FEE - 5, 0)], CHARGE + 5, (None, None), (5, CHARGE)),
    ],
)
def test_what_goes_back_is_fee_and_charge_as_said_or_as_is_left(
    before: list[tuple[int, int]], amount: int, said: Any, parts: tuple[int, int]
) -> None:
    earlier = [refund(n, fee=fee, charge=charge, **DONE) for n, (fee, charge) in enumerate(before, 2)]
    assert split(bill(), earlier, amount, said=said) == parts


@pytest.mark.parametrize(
    ("before", "amount", "said"),
    [
        ([], 700, (None, None)),
        ([], 700, (300, 300)),
        ([], CHARGE + 1, (0, CHARGE + 1)),
        ([(0, CHARGE)], 700, (300, 400)),
    ],
    ids=["not-said", "other-sum", "more-than-there-is", "more-than-is-left"],
)
def test_a_split_that_is_not_exact_is_refused(before: list[tuple[int, int]], amount: int, said: Any) -> None:
    earlier = [refund(n, fee=fee, charge=charge, **DONE) for n, (fee, charge) in enumerate(before, 2)]
    with pytest.raises(UnprocessableError) as raised:
        split(bill(), earlier, amount, said=said)
    assert raised.value.error_code == "caller.refund_split"


def test_of_a_bill_of_one_kind_nothing_need_be_said() -> None:
    for line in LINES:
        only = bill(document={"lines": [line]})
        assert sum(split(only, [], 5, said=(None, None))) == 5


@pytest.mark.parametrize(
    ("paid", "refunds", "state"),
    [
        (1, [], BillState.PAID),
        (1, [(RefundState.REQUESTED, AMOUNT)], BillState.REFUND_PENDING),
        (1, [(RefundState.PENDING, 5)], BillState.REFUND_PENDING),
        (1, [(RefundState.DONE, 5)], BillState.PAID),
        (1, [(RefundState.DONE, AMOUNT)], BillState.REFUNDED),
        (1, [(RefundState.FAILED, AMOUNT), (RefundState.CANCELLED, AMOUNT)], BillState.PAID),
        (2, [], BillState.OVERPAID),
        (2, [(RefundState.REQUESTED, AMOUNT)], BillState.REFUND_PENDING),
        (2, [(RefundState.CANCELLED, AMOUNT)], BillState.OVERPAID),
        (2, [(RefundState.DONE, AMOUNT)], BillState.PAID),
        (2, [(RefundState.DONE, AMOUNT), (RefundState.DONE, AMOUNT)], BillState.REFUNDED),
    ],
)
def test_a_bill_stands_where_its_money_stands(paid: int, refunds: list[Any], state: BillState) -> None:
    """PAY-04 (part), F15."""
    payments = [payment(n) for n in range(1, paid + 1)] + [payment(9, state=PaymentState.EXPIRED)]
    found = [refund(n, state=said, amount=amount) for n, (said, amount) in enumerate(refunds, 1)]
    assert bill_state(bill(), payments, found) is state


def test_what_came_for_a_bill_that_was_cancelled_is_owed_until_it_went_back() -> None:
    late = [payment(excess=True)]
    called_off = refund(state=RefundState.CANCELLED)
    assert bill_state(bill(state=BillState.CANCELLED), late, [called_off]) is BillState.OVERPAID
    assert bill_state(bill(state=BillState.CANCELLED), late, [called_off, refund(2, **DONE)]) is BillState.REFUNDED


def test_money_that_went_back_is_entered_against_what_it_was_for() -> None:
    """PAY-16 (part), F34."""
    entry = entry_of_refund(refund(**DONE), bill(), source=Source.QUERY)
    assert (entry.kind, entry.rail, entry.transaction_id, entry.refund_id) == (EntryKind.REFUND, RAIL, "RT1", "F1")
    assert [(line.account, line.party, line.amount) for line in entry.lines] == [
        (Account.FEE, "0000111122", FEE),
        (Account.CHARGE, "0000111122", CHARGE),
        (Account.RAIL, RAIL, -AMOUNT),
    ]


def test_an_excess_that_went_back_is_owed_no_more() -> None:
    """F15."""
    entry = entry_of_refund(refund(kind=RefundKind.EXCESS, fee=0, charge=0, **DONE), bill(), source=Source.QUERY)
    assert [(line.account, line.amount) for line in entry.lines] == [(Account.OWED, AMOUNT), (Account.RAIL, -AMOUNT)]


def test_what_was_paid_back_by_hand_is_no_movement_at_the_rail() -> None:
    """F34."""
    entry = entry_of_refund(refund(way=RefundWay.BY_HAND, **DONE), bill(), source=Source.STATEMENT)
    assert (entry.rail, entry.transaction_id) == ("by_hand", "F1")
    assert all(line.party != RAIL for line in entry.lines)


@given(fee=st.integers(0, 10**13), charge=st.integers(0, 10**13), excess=st.booleans(), by_hand=st.booleans())
def test_every_entry_balances(fee: int, charge: int, *, excess: bool, by_hand: bool) -> None:
    """PAY-16 (part): whole đồng, above 2^31 too."""
    amount = fee + charge
    if not amount:
        return
    one = refund(
        amount=amount,
        kind=RefundKind.EXCESS if excess else RefundKind.PARTIAL,
        way=RefundWay.BY_HAND if by_hand else RefundWay.RAIL,
        fee=0 if excess else fee,
        charge=0 if excess else charge,
        **DONE,
    )
    entry = entry_of_refund(one, bill(), source=Source.QUERY)
    assert sum(line.amount for line in entry.lines) == 0
    assert all(line.amount for line in entry.lines)
