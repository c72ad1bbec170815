"""Money in piles that are counted and paged through: a figure on a board is the length of the list that it opens.

Lines hold no personal data: ids, states, amounts, dossier codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from gateway.payments.books import BookEntry
from gateway.refunds.model import OVER, RefundState


class Pile(StrEnum):
    """What is listed. `at` of a line is what the pile is ordered and cut by."""

    BILLS = "bills"
    """By when they were issued."""
    PAID = "paid"
    """Money that rails took, by the rail's word of when."""
    ATTEMPTS = "attempts"
    """By when they began."""
    REFUNDS = "refunds"
    """By when their state changed last."""
    CASES_OPEN = "cases_open"
    """By when they are due; all of them, whatever the days."""
    CASES_RESOLVED = "cases_resolved"
    FINDINGS = "findings"
    """Unmatched lines without a case; all of them, whatever the days."""
    DAY_FINDINGS = "day_findings"
    """What the comparison of one day with one rail found: `first` and `rail` of the choice."""
    RECEIPTS = "receipts"
    """Issued ones, by when."""
    RECEIPTS_DUE = "receipts_due"
    """Not issued yet; all of them, whatever the days."""
    RECEIPTS_WAITING = "receipts_waiting"
    """Issued, and not taken by the tax authority yet, by when they were issued."""
    RECEIPTS_UNTOLD = "receipts_untold"
    """Issued while the tax authority was not connected: nothing was ever sent."""
    PAPERS = "papers"
    """Written on paper at a counter, by when they were recorded."""


OLDEST_FIRST = frozenset({Pile.CASES_OPEN, Pile.FINDINGS, Pile.RECEIPTS_DUE, Pile.RECEIPTS_WAITING})
"""What presses most comes first; elsewhere the newest."""
OPEN_REFUNDS = tuple(state.value for state in RefundState if state not in OVER)
ENDED_REFUNDS = tuple(state.value for state in RefundState if state in OVER)


class Group(StrEnum):
    """What lines are counted by."""

    STATE = "state"
    KIND = "kind"
    RAIL = "rail"
    DAY = "day"
    """The local day of `at`, ISO."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which lines of a pile; what is empty chooses nothing. Days are local, both included; None: any."""

    pile: Pile
    states: tuple[str, ...] = ()
    kind: str = ""
    rail: str = ""
    owner: str = ""
    dossier: str = ""
    first: date | None = None
    last: date | None = None
    late: bool = False
    """Of open cases: only those whose time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How many lines, and their sum in whole đồng."""

    count: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. `about`: a dossier, or what a case or finding is about; `note`: what else the pile says of it."""

    id: str
    at: datetime
    state: str
    kind: str
    about: str
    rail: str
    amount: int
    note: str


class Piles(Protocol):
    """Reads; joins the transaction that is open."""

    async def count(self, tenant: str, choice: Choice) -> Figure: ...

    async def by(self, tenant: str, choice: Choice, group: Group) -> Mapping[str, Figure]:
        """In the order of the group's texts."""

    async def page(
        self, tenant: str, choice: Choice, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Line]:
        """Those behind `after` (`at` and id of the last line of the page before), in the pile's order."""

    async def entries(self, tenant: str, payment_id: str) -> Sequence[BookEntry]:
        """What the books say of one payment, in the order in which it was entered."""

    async def is_told(self, tenant: str, receipt_id: str) -> bool:
        """Whether the tax authority has taken an issued receipt."""
