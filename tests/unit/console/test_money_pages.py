"""What pages about money are made of: words for every state, addresses that lead to the lines that were counted."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

import pytest
from refunds_house import payment, refund
from services import NOW

from gateway.cases.model import CaseKind, Owner
from gateway.console import money_words as words
from gateway.console.case_words import ADVICE, FACTS_EN, FACTS_MORE_VI
from gateway.console.money_lists import LOOKS, Asked, chosen, path_of
from gateway.console.pages.payment_refunds import can
from gateway.console.pages.payments import rungs
from gateway.delivery.model import StreamState
from gateway.payments.books import Account, EntryKind
from gateway.payments.model import BillState, PaymentState, Source
from gateway.receipts.model import ReceiptKind, ReceiptState
from gateway.receipts.tax_watch import Haste
from gateway.reconciliation.board import FIGURES, OF_THE_DAYS, Span
from gateway.reconciliation.model import View
from gateway.reconciliation.piles import Choice, Pile
from gateway.reconciliation.words import FACTS
from gateway.refunds.model import RefundKind, RefundState, RefundWay

NAMED: list[tuple[type[StrEnum], words.Words]] = [
    (BillState, words.BILL_STATES),
    (PaymentState, words.ATTEMPT_STATES),
    (RefundState, words.REFUND_STATES),
    (RefundKind, words.REFUND_KINDS),
    (RefundWay, words.WAYS),
    (CaseKind, words.CASE_KINDS),
    (Owner, words.OWNERS),
    (ReceiptState, words.RECEIPT_STATES),
    (ReceiptKind, words.RECEIPT_KINDS),
    (Haste, words.HASTE),
    (Source, words.SOURCES),
    (EntryKind, words.ENTRIES),
    (Account, words.ACCOUNTS),
    (StreamState, words.STREAMS),
    (View, words.VIEWS),
]


@pytest.mark.parametrize(("kinds", "named"), NAMED, ids=[kinds.__name__ for kinds, _ in NAMED])
def test_every_state_has_plain_words_in_both_languages(kinds: type[StrEnum], named: words.Words) -> None:
    assert {kind.value for kind in kinds} <= {*named}
    for code, said in named.items():
        assert code not in {said.vi, said.en}
        assert said.kind in {"good", "late", "bad", "calm"}


def test_a_state_without_words_is_shown_as_it_is() -> None:
    assert words.word_of(words.BILL_STATES, "brand_new") == words.Word("brand_new", "brand_new")


def test_what_is_unclear_is_neither_good_nor_bad() -> None:
    """PAY-08 (part)."""
    for state in (PaymentState.UNKNOWN, PaymentState.PENDING):
        assert words.ATTEMPT_STATES[state.value].kind == "late"
    assert words.REFUND_STATES[RefundState.UNKNOWN.value].kind == "late"


def test_every_kind_of_case_says_what_to_do_and_every_fact_has_a_name() -> None:
    """PAY-07 (part)."""
    assert {*ADVICE} == {*CaseKind}
    assert {*FACTS, *FACTS_MORE_VI} == {*FACTS_EN}


@pytest.mark.parametrize("pile", Pile)
def test_an_address_leads_back_to_exactly_the_lines_that_were_counted(pile: Pile) -> None:
    """KPI-12 (part)."""
    choice = Choice(
        pile=pile,
        states=("a", "b"),
        kind="k",
        rail="r&x",
        owner="o",
        dossier="H99-1",
        first=date(2026, 11, 1),
        last=date(2026, 11, 29),
        late=True,
    )
    assert all(getattr(choice, field.name) for field in fields(Choice))
    parts = urlsplit(path_of(choice))
    assert parts.path == f"/console/payments/{LOOKS[pile].path}"
    assert chosen(Asked(**dict(parse_qsl(parts.query))), [*Pile]) == choice  # type: ignore[arg-type]  # as addresses give it


def test_a_pile_of_another_page_is_not_shown_here() -> None:
    assert chosen(Asked(pile="refunds"), [Pile.BILLS]).pile is Pile.BILLS


def test_a_board_of_today_is_one_day_and_the_others_end_today() -> None:
    today = date(2026, 3, 2)
    assert Span.TODAY.days(today) == (today, today)
    assert Span.WEEK.days(today) == (date(2026, 2, 24), today)
    assert Span.MONTH.days(today) == (date(2026, 2, 1), today)
    assert {*OF_THE_DAYS} < {*FIGURES}


@pytest.mark.parametrize(
    ("state", "way", "may"),
    [
        (RefundState.REQUESTED, RefundWay.RAIL, {"approve", "cancel"}),
        (RefundState.APPROVED, RefundWay.BY_HAND, {"record", "cancel"}),
        (RefundState.SENT, RefundWay.RAIL, {"record", "cancel"}),
        (RefundState.UNKNOWN, RefundWay.RAIL, {"record", "cancel"}),
        (RefundState.PENDING, RefundWay.RAIL, {"record", "cancel"}),
        (RefundState.DONE, RefundWay.RAIL, set()),
        (RefundState.FAILED, RefundWay.RAIL, set()),
        (RefundState.CANCELLED, RefundWay.BY_HAND, set()),
    ],
)
def test_a_refund_offers_what_its_state_allows(state: RefundState, way: RefundWay, may: set[str]) -> None:
    """PAY-16 (part)."""
    assert can(refund(state=state, way=way)) == may


def test_the_ladder_shows_which_questions_are_over() -> None:
    """PAY-08 (part)."""
    made = payment(created_at=NOW)
    found = rungs(made, now=NOW + timedelta(minutes=10))
    assert [rung.at - NOW for rung in found[:4]] == [timedelta(seconds=s) for s in (30, 150, 450, 1350)]
    assert [rung.is_past for rung in found[:4]] == [True, True, True, False]
    assert found[-1].at - NOW == timedelta(days=3)
