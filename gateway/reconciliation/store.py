"""The ports to reconciled days and to statements. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from gateway.reconciliation.model import Finding, MoneyDay, Statement, StatementLine


class DayStore(Protocol):
    async def begin(self, tenant: str, day: MoneyDay) -> MoneyDay:
        """Insert it, or count one run more on it."""

    async def conclude(self, tenant: str, day: MoneyDay) -> None:
        """Its end, counts and totals."""

    async def find(self, tenant: str, rail: str, day: date) -> MoneyDay | None: ...

    async def between(self, tenant: str, *, first: date, last: date) -> Sequence[MoneyDay]:
        """By day, then rail."""

    async def close(self, tenant: str, rail: str, day: date, *, by: str, now: datetime) -> MoneyDay | None:
        """None: there is no such day, it has not run to its end, or it is closed. From now on it and its findings
        cannot be changed."""

    async def put(self, tenant: str, rail: str, day: date, *, finding: Finding) -> Finding:
        """Insert it, or renew what stands under its key: the case that was opened and the first moment stay."""

    async def clear(self, tenant: str, rail: str, day: date, *, keys: Sequence[str], now: datetime) -> None:
        """The sides agree about these now."""

    async def findings(self, tenant: str, rail: str, *, first: date, last: date) -> Sequence[tuple[date, Finding]]:
        """By day, then key; cleared ones, too."""


class StatementStore(Protocol):
    async def add(self, tenant: str, statement: Statement, *, by: str, now: datetime) -> int | None:
        """How many of its lines are new; None: this very file was taken before."""

    async def covered(self, tenant: str) -> Mapping[str, date]:
        """The last day of each account's statements."""

    def of_days(self, tenant: str, *, first: date, last: date) -> AsyncIterator[Sequence[StatementLine]]:
        """In pages, by day."""
