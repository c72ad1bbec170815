"""The books: double-entry, in whole đồng. Pure.

An entry's lines add up to zero; debits are positive. Money that a rail took stands at `rail`; what it was for stands at
`fee` or `charge` of the beneficiary's account, or at `owed` when it has to go back to the payer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from gateway.domain import local_day
from gateway.payments.model import Money, Source


class Account(StrEnum):
    """Tài khoản sổ."""

    RAIL = "rail"
    """Money at a rail; the party is the rail."""
    FEE = "fee"
    """Phí; the party is the beneficiary's account."""
    CHARGE = "charge"
    """Lệ phí; the party is the beneficiary's account."""
    OWED = "owed"
    """Owed back to payers; the party is the rail."""


class EntryKind(StrEnum):
    """Loại bút toán."""

    COLLECTION = "collection"
    """The fee was credited: once per bill."""
    EXCESS = "excess"
    """Money for a bill that was paid before."""
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an entry. `amount`: debits positive, credits negative."""

    account: Account
    party: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEntry:
    """Bút toán. `day`: the local day of the money by the rail's word."""

    tenant: str
    entry_id: str
    kind: EntryKind
    rail: str
    transaction_id: str
    bill_id: str
    payment_id: str
    refund_id: str = ""
    currency: str
    day: date
    occurred_at: datetime
    posted_at: datetime
    source: Source
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        assert sum(line.amount for line in self.lines) == 0, "an entry balances"
        assert len(self.lines) > 1, "an entry has two sides"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """What the books say of one movement at a rail, as reconciliation compares it. `amount` is positive for money in,
    negative for money out; `fee` + `charge` is the part that went to the beneficiary, the rest is owed."""

    entry_id: str
    kind: EntryKind
    rail: str
    reference: str
    transaction_id: str
    payment_id: str
    bill_id: str
    dossier_code: str
    refund_id: str
    amount: int
    currency: str
    day: date
    occurred_at: datetime
    beneficiary: str
    fee: int
    charge: int


def entry_of(money: Money, *, kind: EntryKind) -> BookEntry:
    """Money that came in: for the bill, or on top of it."""
    rail, beneficiary = money.payment.system, money.bill.beneficiary
    if kind is EntryKind.COLLECTION:
        credited: Iterable[Line] = (
            Line(account=account, party=beneficiary, amount=-total)
            for account in (Account.FEE, Account.CHARGE)
            if (total := part_of(money.bill.lines, account))
        )
    else:
        credited = (Line(account=Account.OWED, party=rail, amount=-money.amount),)
    return BookEntry(
        tenant=money.bill.tenant,
        entry_id=money.entry_id,
        kind=kind,
        rail=rail,
        transaction_id=money.transaction_id,
        bill_id=money.bill.bill_id,
        payment_id=money.payment.payment_id,
        currency=money.currency,
        day=local_day(money.paid_at),
        occurred_at=money.paid_at,
        posted_at=money.posted_at,
        source=money.source,
        lines=(Line(account=Account.RAIL, party=rail, amount=money.amount), *credited),
    )


def part_of(lines: Iterable[Mapping[str, Any]], account: Account) -> int:
    """How much of a bill's lines is fee, or charge."""
    return sum(int(line["amount"]) for line in lines if line["kind"] == account.value)
