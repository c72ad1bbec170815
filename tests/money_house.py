"""Reconciliation on PostgreSQL before a generated month, and the mornings on which it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from money_month import RAIL, ListingRail, Month
from services import ListedRecorder
from till import NotedConsequences

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.cases.postgres import PostgresCases
from gateway.cases.service import Cases
from gateway.database import Database
from gateway.domain import VIETNAM, Context
from gateway.payments.asking import Asking
from gateway.payments.model import Source
from gateway.payments.postgres import PostgresBills, PostgresBooks, PostgresPayments
from gateway.payments.settling import Settling
from gateway.reconciliation.closing import Closing
from gateway.reconciliation.model import BANK, OpenRefund, Statement
from gateway.reconciliation.noting import Noting
from gateway.reconciliation.postgres import PostgresDays, PostgresStatements
from gateway.reconciliation.service import Reconciliation
from gateway.reconciliation.views import OurSide, RailViews
from gateway.rules.packs import load_calendar
from gateway.sdk import Handled
from gateway.signing import Keyring

BANK_AFTER = 5
"""Mornings after the day: its next working day's statement is there by then, whatever the weekday."""


class Mornings:
    """A clock that stands at 06:00 of the day it is set to."""

    def __init__(self, day: date) -> None:
        self.day = day

    def __call__(self) -> datetime:
        return datetime.combine(self.day, time(6), VIETNAM)


@dataclass
class MoneyHouse:
    """Everything that reconciling needs, on one database."""

    database: Database
    month: Month
    tenant: str
    keyring: Keyring = field(default_factory=Keyring.ephemeral)
    rail: Any = None
    dies_at: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clock = Mornings(self.month.first)
        self.context = Context(tenant=self.tenant, actor="nightly", trace_id="a" * 32, traceparent="")
        self.rail = self.rail or ListingRail(self.month)
        self.recorder = ListedRecorder()
        own: dict[str, Any] = {"atomically": self.database.transaction, "clock": self.clock}
        self.bills = PostgresBills(self.database, self.keyring)
        self.payments = PostgresPayments(self.database, self.keyring)
        self.books = PostgresBooks(self.database)
        self.days = PostgresDays(self.database, self.keyring)
        self.statements = PostgresStatements(self.database, self.keyring)
        alarms = Alarms(MemoryAlarms(), recorder=self.recorder, clock=self.clock)
        calendar = load_calendar()
        self.cases = Cases(
            PostgresCases(self.database, self.keyring),
            alarms,
            calendar=calendar,
            recorder=self.recorder,
            clock=self.clock,
        )
        self.followed = NotedConsequences()
        self.settling = Settling(
            self.bills,
            self.payments,
            self.books,
            asking=Asking(None, self.rail, clock=self.clock),  # type: ignore[arg-type]
            consequences=self.followed,
            **own,
        )
        ours = OurSide(books=self.books, payments=self.payments, statements=self.statements)
        self.reconciliation = Reconciliation(
            self.days,
            ours,
            RailViews(ours, self.rail, clock=self.clock, sample=20),  # type: ignore[arg-type]
            noting=Noting(self.days, self.cases, self.payments, settle=self._settle, **own),
            cases=self.cases,
            refunds=self._refunds,
            calendar=calendar,
            clock=self.clock,
        )
        self.closing = Closing(self.days, self.reconciliation, clock=self.clock)

    async def _settle(self, result: Mapping[str, Any], *, tenant: str, rail: str, source: Source) -> Handled:
        """As it is, unless the process dies when the money is entered and the finding is not written."""
        handled = await self.settling.settle(result, tenant=tenant, rail=rail, source=source)
        if result["transaction_id"] in self.dies_at:
            self.dies_at.remove(result["transaction_id"])
            raise ConnectionResetError
        return handled

    async def _refunds(self, tenant: str, rail: str, references: Sequence[str]) -> Sequence[OpenRefund]:
        wanted = set(references)
        days = [self.clock.day - timedelta(days=back) for back in range(8)]
        return [refund for day in days for refund in self.month.refunds_of(day) if refund.reference in wanted]

    async def bank_tells(self, day: date) -> None:
        for account, lines in self.month.statement_of(day).items():
            sha = hashlib.sha256(f"{account}/{day}".encode()).hexdigest()
            statement = Statement(account=account, sha256=sha, lines=lines)
            await self.statements.add(self.tenant, statement, by="bank", now=self.clock())

    async def morning(self, today: date) -> None:
        """Yesterday's statement comes, yesterday is compared, the day before again, and a week's oldest is closed."""
        self.clock.day = today
        await self.bank_tells(today - timedelta(days=1))
        for back in (2, 1):
            await self._run(today - timedelta(days=back))
        day = today - timedelta(days=BANK_AFTER)
        if self._is_ours(day):
            await self.reconciliation.reconcile_bank(day, [RAIL], context=self.context)
            for rail in (RAIL, BANK):
                await self.closing.close(day, rail, by="Trưởng phòng", tenant=self.tenant)

    async def whole_month(self, seen: Callable[[date], None] = lambda _: None) -> None:
        for number in range(self.month.days + BANK_AFTER):
            today = self.month.first + timedelta(days=number + 1)
            await self.morning(today)
            seen(today)

    async def found(self) -> dict[tuple[date, str, str], str]:
        """Everything that stands, by day, rail and key."""
        last = self.month.first + timedelta(days=self.month.days + BANK_AFTER)
        stand = {}
        for rail in (RAIL, BANK):
            for day, finding in await self.days.findings(self.tenant, rail, first=self.month.first, last=last):
                if finding.cleared_at is None:
                    stand[day, rail, finding.key] = finding.kind.value
        return stand

    async def _run(self, day: date) -> None:
        if self._is_ours(day):
            await self.reconciliation.reconcile(day, RAIL, context=self.context)

    def _is_ours(self, day: date) -> bool:
        return self.month.first <= day < self.month.first + timedelta(days=self.month.days)
