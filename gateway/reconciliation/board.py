"""The payment board (KPI-12): due, paid online, cash, unmatched, refunds, receipts not yet at the tax office.

What happened is counted over the days that were chosen; what waits is counted as it stands, whenever it began, so that
nothing old is forgotten on a board of today. Each figure carries the choice of lines that it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from gateway.payments.model import BillState, PaymentState
from gateway.receipts.tax_watch import Haste
from gateway.reconciliation.piles import ENDED_REFUNDS, OPEN_REFUNDS, Choice, Figure, Group, Pile, Piles
from gateway.sdk.errors import ConfigurationError

Lateness = Callable[[date], tuple[datetime, Haste]]
"""Day of issue to when its receipts have to be at the tax authority, and how late they are."""
OWING = tuple(state.value for state in BillState if state not in {BillState.EXEMPT, BillState.CANCELLED})
UNCLEAR = (PaymentState.PENDING.value, PaymentState.UNKNOWN.value)


class Span(StrEnum):
    """Days up to today."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last: today alone, 7 days, 30 days."""
        return today - timedelta(days={Span.TODAY: 1, Span.WEEK: 7, Span.MONTH: 30}[self] - 1), today


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A figure and the lines that it counts."""

    choice: Choice
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDay:
    """Receipts of one day of issue that the tax authority has not taken. `due`, `haste`: None, not known, where the
    working calendar of that time is missing."""

    day: date
    counted: Counted
    due: datetime | None
    haste: Haste | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """`figures` by their names (`FIGURES`)."""

    span: Span
    days: tuple[date, date]
    figures: Mapping[str, Counted]
    refunds: Mapping[str, Counted]
    """By state; those that are over, over the chosen days."""
    cases: Mapping[str, Counted]
    """Open ones, by kind."""
    waiting: Sequence[IssueDay]
    paid: Mapping[date, Figure]
    """Each of the days."""


OF_THE_DAYS: Mapping[str, Choice] = {
    "due": Choice(pile=Pile.BILLS, states=OWING),
    "unpaid": Choice(pile=Pile.BILLS, states=(BillState.UNPAID.value,)),
    "exempt": Choice(pile=Pile.BILLS, states=(BillState.EXEMPT.value,)),
    "paid": Choice(pile=Pile.PAID),
    "excess": Choice(pile=Pile.PAID, kind="excess"),
    "cash": Choice(pile=Pile.PAPERS),
    "unclear": Choice(pile=Pile.ATTEMPTS, states=UNCLEAR),
    "issued": Choice(pile=Pile.RECEIPTS),
    "untold": Choice(pile=Pile.RECEIPTS_UNTOLD),
}
AS_IT_STANDS: Mapping[str, Choice] = {
    "cases": Choice(pile=Pile.CASES_OPEN),
    "cases_late": Choice(pile=Pile.CASES_OPEN, late=True),
    "findings": Choice(pile=Pile.FINDINGS),
    "receipts_due": Choice(pile=Pile.RECEIPTS_DUE),
    "waiting": Choice(pile=Pile.RECEIPTS_WAITING),
}
FIGURES = (*OF_THE_DAYS, *AS_IT_STANDS)


class MoneyBoard:
    """Draws it: a bounded number of sums."""

    def __init__(self, piles: Piles, lateness: Lateness) -> None:
        self._piles = piles
        self._lateness = lateness

    async def drawn(self, tenant: str, span: Span, *, today: date) -> Board:
        days = span.days(today)
        chosen = {name: _on(choice, days) for name, choice in OF_THE_DAYS.items()} | dict(AS_IT_STANDS)
        ended = _on(Choice(pile=Pile.REFUNDS, states=ENDED_REFUNDS), days)
        refunds = await self._split(tenant, Choice(pile=Pile.REFUNDS, states=OPEN_REFUNDS))
        return Board(
            span=span,
            days=days,
            figures={
                name: Counted(choice=choice, figure=await self._piles.count(tenant, choice))
                for name, choice in chosen.items()
            },
            refunds=refunds | await self._split(tenant, ended),
            cases=await self._kinds(tenant, AS_IT_STANDS["cases"]),
            waiting=await self._waiting(tenant),
            paid=await self._paid(tenant, days),
        )

    async def _split(self, tenant: str, choice: Choice) -> dict[str, Counted]:
        """Every state that was chosen, also where nothing is in it."""
        found = await self._piles.by(tenant, choice, Group.STATE)
        return {
            state: Counted(choice=replace(choice, states=(state,)), figure=found.get(state, Figure()))
            for state in choice.states
        }

    async def _kinds(self, tenant: str, choice: Choice) -> Mapping[str, Counted]:
        found = await self._piles.by(tenant, choice, Group.KIND)
        return {kind: Counted(choice=replace(choice, kind=kind), figure=figure) for kind, figure in found.items()}

    async def _waiting(self, tenant: str) -> Sequence[IssueDay]:
        choice, days = AS_IT_STANDS["waiting"], list[IssueDay]()
        for text, figure in (await self._piles.by(tenant, choice, Group.DAY)).items():
            day = date.fromisoformat(text)
            due, haste = self.judged(day)
            counted = Counted(choice=_on(choice, (day, day)), figure=figure)
            days.append(IssueDay(day=day, counted=counted, due=due, haste=haste))
        return days

    def judged(self, issued: date) -> tuple[datetime | None, Haste | None]:
        """As `IssueDay` says it."""
        try:
            return self._lateness(issued)
        except ConfigurationError:
            return None, None

    async def _paid(self, tenant: str, days: tuple[date, date]) -> Mapping[date, Figure]:
        found = await self._piles.by(tenant, _on(OF_THE_DAYS["paid"], days), Group.DAY)
        first, count = days[0], (days[1] - days[0]).days + 1
        every = [first + timedelta(days=number) for number in range(count)]
        return {day: found.get(day.isoformat(), Figure()) for day in every}


def _on(choice: Choice, days: tuple[date, date]) -> Choice:
    return replace(choice, first=days[0], last=days[1])
