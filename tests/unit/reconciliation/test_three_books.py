"""The three books of a day side by side."""

from __future__ import annotations

from datetime import date
from typing import Any

from services import NOW

from gateway.reconciliation.model import BANK, MoneyDay, Total, View
from gateway.reconciliation.three_books import Row, Sum, side_by_side

ACCOUNT = "3511"


def day(rail: str, *totals: tuple[str, int, int], **changes: Any) -> MoneyDay:
    """`totals`: side, count, amount, all of one account."""
    made = [Total(group="account", name=ACCOUNT, side=side, count=n, amount=sum_) for side, n, sum_ in totals]
    told: dict[str, Any] = {
        "view": View.LIST,
        "began_at": NOW,
        "ended_at": NOW,
        "totals": made,
        "counts": {"matched": 1},
    }
    return MoneyDay(rail=rail, day=date(2026, 11, 23), **{**told, **changes})


def only(*days: MoneyDay) -> Row:
    (row,) = side_by_side(days)
    return row


def test_sides_that_say_the_same_agree_also_where_money_stands_on_another_day() -> None:
    """PAY-07 (part)."""
    row = only(
        day("vnpay", ("books", 2, 300), ("rail", 2, 250), ("rail_other_days", 1, 100), ("rail_late", 1, 150)),
        day("paygov", ("books", 1, 50), ("rail", 1, 50)),
        day(BANK, ("books", 3, 350), ("bank", 1, 50), ("bank_late", 2, 300)),
    )
    assert row == Row(
        account=ACCOUNT,
        books=Sum(count=3, amount=350),
        rail=Sum(count=3, amount=350),
        bank=Sum(count=3, amount=350),
        whole=True,
    )
    assert row.agrees is True


def test_one_dong_less_is_a_difference() -> None:
    row = only(day("vnpay", ("books", 1, 300), ("rail", 1, 300)), day(BANK, ("books", 1, 300), ("bank", 1, 299)))
    assert row.agrees is False


def test_a_side_that_was_not_compared_is_unknown_and_never_agreement() -> None:
    row = only(day("vnpay", ("books", 1, 300), ("rail", 1, 300)))
    assert (row.bank, row.agrees) == (None, None)
    row = only(day(BANK, ("books", 1, 300), ("bank", 1, 300)))
    assert (row.books, row.rail, row.agrees) == (Sum(count=1, amount=300), None, None)


def test_a_run_that_was_cut_off_or_skipped_lines_is_no_agreement() -> None:
    rail, bank = day("vnpay", ("books", 1, 3), ("rail", 1, 3)), day(BANK, ("books", 1, 3), ("bank", 1, 3))
    assert only(rail, bank).agrees is True
    skipped = day(BANK, ("books", 1, 3), ("bank", 1, 3), counts={"matched": 0, "not_compared": 1})
    assert only(rail, skipped).agrees is None
    cut = day(BANK, ("books", 1, 3), ("bank", 1, 3), ended_at=None)
    assert only(rail, cut).agrees is None
    assert side_by_side([]) == []
