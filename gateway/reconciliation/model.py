"""What the three sides say, what comparing them found, and how a day stands (payment contract, section 8).

A day of a rail:  run ─► run again … ─► closed by a named officer, and history from then on
A finding:        stands ─► cleared (a later run finds that the sides agree)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from gateway.cases.model import Case, CaseKind, Owner
from gateway.payments.model import Source
from gateway.sdk import Handled

BANK = "bank"
"""Stands where a rail's name does, for the comparison of all rails' books with the statements."""
LOOK_BACK_DAYS = 3
OVERDUE_DAYS = 2
"""What the rail does not show by D+2 is for a person."""


class View(StrEnum):
    """What stands for the rail's word about a day."""

    LIST = "list"
    """Its own list: whatever is not in it, it does not know."""
    QUERY = "query"
    """It has none: every open attempt was asked about, and a sample of those that ended."""
    STATEMENT = "statement"
    """It can neither list nor be asked: the statement lines with its references."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteLine:
    """One line of the rail's list, or its answer about one attempt. `amount` is positive for refunds, too."""

    transaction_id: str
    reference: str
    refund: bool = False
    status: str = "paid"
    amount: int
    currency: str = "VND"
    listed_on: date
    """The day under which the rail has it."""
    paid_at: str = ""
    """ISO, by the rail's word; empty: it did not say."""
    account: str = ""
    bank_code: str = ""
    source: Source = Source.RECONCILIATION

    @property
    def key(self) -> str:
        return key_of(self.transaction_id or self.reference, refund=self.refund)


@dataclass(frozen=True, slots=True, kw_only=True)
class RailSays:
    """The rail's word about one day. `around`: about the days beside it, as far as they have come. `asked`: the
    references that it was asked about, where it has no list; None: what is not in its list it does not know."""

    rail: str
    view: View
    lines: Sequence[RemoteLine]
    around: Sequence[RemoteLine] = ()
    asked: Collection[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """Dòng sao kê. `amount`: into the account positive, out of it negative. `number`: which of several equal lines."""

    account: str
    day: date
    transaction_id: str
    reference: str
    amount: int
    content: str = field(default="", repr=False)
    number: int = 1
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One file. `sha256` of its bytes."""

    account: str
    sha256: str
    lines: Sequence[StatementLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRefund:
    """A refund that the rail was asked for and has not confirmed to us."""

    reference: str
    refund_id: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one line of a day is wrong about. `key` names it within the day. `facts`: numbers, ids and days only."""

    kind: CaseKind
    key: str
    reference: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    linked_day: date | None = None
    """The closed day that it is about."""
    posted: bool = False
    """The money was entered into the books by this comparison."""
    waits: bool = False
    """Nothing to do yet: the rail may still show it."""
    case_id: int | None = None
    found_at: datetime | None = None
    cleared_at: datetime | None = None

    @property
    def unmatched(self) -> bool:
        """Late money was matched, only on another day; what a later run cleared was, too."""
        return self.cleared_at is None and (self.kind is not CaseKind.LATE or self.linked_day is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A control total. `group`: `rail`, `refunds`, `account` or `kind`; `side`: `books`, `rail`, `rail_other_days` (on
    the rail's list, money of another day), `rail_late` (this day's money on another day's list); `bank`,
    `bank_other_days` and `bank_late` likewise of the statements."""

    group: str
    name: str
    side: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDay:
    """How one day of one rail stands."""

    rail: str
    day: date
    view: View
    began_at: datetime
    ended_at: datetime | None = None
    runs: int = 1
    counts: Mapping[str, int] = field(default_factory=dict)
    """`matched`, `not_compared`, and the number of findings by kind."""
    totals: Sequence[Total] = ()
    closed_at: datetime | None = None
    closed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """A day with everything that was found on it, and the cases about it."""

    day: MoneyDay
    findings: Sequence[Finding]
    cases: Mapping[int, Case] = field(default_factory=dict)

    @property
    def without_case(self) -> Sequence[Finding]:
        return [finding for finding in self.findings if finding.unmatched and finding.case_id is None]

    @property
    def clean(self) -> bool:
        """Nothing waits: what was unmatched has a case that somebody resolved."""
        return not self.without_case and all(
            case.resolved_at is not None for found in self.findings if (case := self._case(found)) is not None
        )

    def _case(self, finding: Finding) -> Case | None:
        return self.cases.get(finding.case_id) if finding.unmatched and finding.case_id is not None else None


class Settle(Protocol):
    """The one function through which money enters the books (PAY-06). Joins the transaction that is open."""

    async def __call__(self, result: Mapping[str, Any], *, tenant: str, rail: str, source: Source) -> Handled: ...


FindRefunds = Callable[[str, str, Sequence[str]], Awaitable[Sequence[OpenRefund]]]
"""(tenant, rail, references) to the refunds of these payments that are under way."""

OWNERS = {
    CaseKind.LOCAL_ONLY: Owner.RAIL,
    CaseKind.AMOUNT_MISMATCH: Owner.RAIL,
    CaseKind.ACCOUNT_MISMATCH: Owner.RAIL,
    CaseKind.CURRENCY_MISMATCH: Owner.RAIL,
    CaseKind.TRANSACTION_DIFFERS: Owner.RAIL,
    CaseKind.STATEMENT_MISSING: Owner.BANK,
    CaseKind.STATEMENT_ONLY: Owner.BANK,
}
"""Whose side must act (TT 89/2026/TT-BTC Art 37(1)(a)); the province where nothing else is said."""


def key_of(name: str, *, refund: bool) -> str:
    return f"refund:{name}" if refund else name


def owner_of(kind: CaseKind) -> Owner:
    return OWNERS.get(kind, Owner.PROVINCE)
