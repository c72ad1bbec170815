"""The three books of a day side by side: ours, the rails', the bank's, for each account that money goes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.reconciliation.model import BANK, MoneyDay, Total
from gateway.reconciliation.tally import together


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Lines and whole đồng; money out counts below zero."""

    count: int = 0
    amount: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(count=self.count + other.count, amount=self.amount + other.amount)

    def __sub__(self, other: Sum) -> Sum:
        return Sum(count=self.count - other.count, amount=self.amount - other.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One account. `rail` and `bank`: what the other side says of this day's money, on whatever day it says so; None:
    that side was not compared to the end, and nothing is known. `whole`: every line of the day was compared."""

    account: str
    books: Sum
    rail: Sum | None
    bank: Sum | None
    whole: bool

    @property
    def agrees(self) -> bool | None:
        """None: nobody can say yet."""
        if not self.whole or self.rail is None or self.bank is None:
            return None
        return self.books == self.rail == self.bank


Sums = Mapping[tuple[str, str], Sum]
"""By account and side."""


def side_by_side(days: Sequence[MoneyDay]) -> Sequence[Row]:
    """By account. One day, as it stands with every rail and with the bank."""
    ended = [day for day in days if day.ended_at is not None]
    rails, banks = [day for day in ended if day.rail != BANK], [day for day in ended if day.rail == BANK]
    of_rails = _sums(together(*(day.totals for day in rails))) if rails else None
    of_bank = _sums(together(*(day.totals for day in banks))) if banks else None
    ours = of_rails if of_rails is not None else of_bank
    whole = len(ended) == len(days) and not any(day.counts.get("not_compared") for day in ended)
    return [
        Row(
            account=account,
            books=(ours or {}).get((account, "books"), Sum()),
            rail=_other(of_rails, account, "rail"),
            bank=_other(of_bank, account, "bank"),
            whole=whole,
        )
        for account in sorted({account for account, _ in [*(of_rails or {}), *(of_bank or {})]})
    ]


def _sums(totals: Sequence[Total]) -> Sums:
    return {(t.name, t.side): Sum(count=t.count, amount=t.amount) for t in totals if t.group == "account"}


def _other(sums: Sums | None, account: str, side: str) -> Sum | None:
    """Less the money of other days that stands on this day's list, and with this day's money on other days' lists."""
    if sums is None:
        return None
    own, other, late = (sums.get((account, f"{side}{more}"), Sum()) for more in ("", "_other_days", "_late"))
    return own - other + late
