"""Reconciliation in memory, before a rail that says what a test tells it to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from services import CONTEXT, ListedRecorder, atomically
from till import NotedConsequences

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.cases.memory import MemoryCases
from gateway.cases.service import Cases
from gateway.domain import VIETNAM, Context
from gateway.exchange.model import Exchanged
from gateway.payments.asking import Asking
from gateway.payments.memory import MemoryBills, MemoryBooks, MemoryPayments
from gateway.payments.model import Bill, BillState, Payment, PaymentState, Source
from gateway.payments.settling import Settling
from gateway.reconciliation.closing import Closing
from gateway.reconciliation.memory import MemoryDays, MemoryStatements
from gateway.reconciliation.model import DayReport, OpenRefund, Statement, StatementLine
from gateway.reconciliation.noting import Noting
from gateway.reconciliation.service import Reconciliation
from gateway.reconciliation.statements import keyed
from gateway.reconciliation.views import OurSide, RailViews
from gateway.rules.packs import load_calendar
from gateway.sdk import Answered, ConfigurationError, Handled, Pending

RAIL, ACCOUNT, TENANT = "vnpay", "3511", CONTEXT.tenant
DAY = date(2026, 11, 23)
NO_LIST = ConfigurationError("It has none.", what="no_transaction_list")


def moment(clock: str = "10:00:00", day: date = DAY) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=VIETNAM)


class SayingRail:
    """`lists` by day, `answers` by reference; an exception is raised where it stands."""

    def __init__(self) -> None:
        self.lists: dict[date, list[dict[str, Any]]] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.broken: Exception | None = None
        self.can = {"list_transactions", "query_payment"}
        self.asked: list[str] = []
        self.told_count = 0

    def offers(self, operation: str, *, target: str) -> bool:
        return operation in self.can

    async def ask(
        self, operation: str, canonical: Mapping[str, Any], *, context: Context, reference: str = "", target: str = ""
    ) -> Exchanged:
        if operation == "query_payment":
            self.asked.append(canonical["reference"])
            told = self.answers.get(canonical["reference"], {})
            outcome: Any = Answered(body={}) if told else Pending(reference=reference, look_again_after_s=60)
            return Exchanged(system=target, outcome=outcome, call_id="C", audit_index=0, canonical=told)
        if self.broken:
            raise self.broken
        lines = self.lists.get(date.fromisoformat(canonical["day"]), [])
        told = {"lines": lines, "count": len(lines) + self.told_count, "total": sum(line["amount"] for line in lines)}
        return Exchanged(system=target, outcome=Answered(body={}), call_id="C", audit_index=0, canonical=told)


class ReconcilingHouse:
    def __init__(self, rail: Any = None) -> None:
        self.today = DAY + timedelta(days=1)
        self.rail, self.recorder, self.alarms = rail or SayingRail(), ListedRecorder(), MemoryAlarms()
        self.bills, self.payments = MemoryBills(), MemoryPayments()
        self.books = MemoryBooks(self.bills, self.payments)
        self.days, self.statements, self.kept = MemoryDays(), MemoryStatements(), MemoryCases()
        self.overtaken = False
        self.pending: list[OpenRefund] = []
        self.followed = NotedConsequences()
        own: dict[str, Any] = {"atomically": atomically, "clock": self.clock}
        raising = Alarms(self.alarms, recorder=self.recorder, clock=self.clock)
        calendar, rail = load_calendar(), self.rail
        self.cases = Cases(self.kept, raising, calendar=calendar, recorder=self.recorder, clock=self.clock)
        asking = Asking(None, rail, clock=self.clock)  # type: ignore[arg-type]
        self.settling = Settling(
            self.bills, self.payments, self.books, asking=asking, consequences=self.followed, **own
        )
        ours = OurSide(books=self.books, payments=self.payments, statements=self.statements)
        self.reconciliation = Reconciliation(
            self.days,
            ours,
            RailViews(ours, rail, clock=self.clock, sample=1),  # type: ignore[arg-type]
            noting=Noting(self.days, self.cases, self.payments, settle=self._settle, **own),
            cases=self.cases,
            refunds=self._refunds,
            calendar=calendar,
            clock=self.clock,
        )
        self.closing = Closing(self.days, self.reconciliation, clock=self.clock)

    async def _settle(self, result: Mapping[str, Any], *, tenant: str, rail: str, source: Source) -> Handled:
        """As it is, unless the rail's own answer came a moment before."""
        if self.overtaken:
            await self.settling.settle(result, tenant=tenant, rail=rail, source=Source.QUERY)
        return await self.settling.settle(result, tenant=tenant, rail=rail, source=source)

    def clock(self) -> datetime:
        return moment("06:00:00", self.today)

    async def _refunds(self, tenant: str, rail: str, references: Sequence[str]) -> Sequence[OpenRefund]:
        return [refund for refund in self.pending if refund.reference in references]

    async def attempt(self, name: str, *, bill: str = "", at: datetime | None = None) -> Payment:
        """An open attempt at a bill of 100.000 đồng of fee and 50.000 of charge."""
        at, bill = at or moment(), bill or f"B{name}"
        lines = [{"kind": "fee", "amount": 100_000}, {"kind": "charge", "amount": 50_000}]
        if await self.bills.find(TENANT, bill) is None:
            await self.bills.add(
                Bill(
                    tenant=TENANT,
                    bill_id=bill,
                    dossier_code="H99.01-1",
                    amount=150_000,
                    currency="VND",
                    state=BillState.UNPAID,
                    matter="",
                    beneficiary=ACCOUNT,
                    created_at=at,
                    updated_at=at,
                    document={"lines": lines, "agency_id": "H99.1"},
                )
            )
        payment = Payment(
            tenant=TENANT,
            payment_id=name,
            bill_id=bill,
            dossier_code="H99.01-1",
            amount=150_000,
            currency="VND",
            state=PaymentState.OPENED,
            system=RAIL,
            reference=name,
            created_at=at,
            updated_at=at,
        )
        await self.payments.add(payment)
        return payment

    async def paid(self, name: str, *, bill: str = "", at: datetime | None = None) -> Payment:
        """A payment that a notice told of."""
        at = at or moment()
        await self.attempt(name, bill=bill, at=at)
        result = {"reference": name, "status": "paid", "amount": 150_000, "currency": "VND", "paid_at": at.isoformat()}
        told = {**result, "transaction_id": f"T{name}"}
        await self.settling.settle(told, tenant=TENANT, rail=RAIL, source=Source.QUERY)
        return (await self.payments.by_reference(TENANT, RAIL, name)) or await self.attempt(name)

    async def failed(self, name: str) -> None:
        payment = await self.attempt(name)
        await self.payments.save(replace(payment, state=PaymentState.FAILED))

    def lists(self, *lines: Mapping[str, Any], day: date = DAY) -> None:
        self.rail.lists[day] = [dict(line) for line in lines]

    async def bank(self, *lines: StatementLine, account: str = ACCOUNT) -> None:
        sha = f"{len(self.statements.files):064x}"
        await self.statements.add(
            TENANT, Statement(account=account, sha256=sha, lines=keyed(lines)), by="bank", now=self.clock()
        )

    async def run(self, day: date = DAY) -> DayReport:
        return await self.reconciliation.reconcile(day, RAIL, context=CONTEXT)

    async def run_bank(self, day: date = DAY) -> DayReport:
        return await self.reconciliation.reconcile_bank(day, [RAIL], context=CONTEXT)


def line(name: str, *, at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """What the rail lists of a payment of the house."""
    told = {"transaction_id": f"T{name}", "reference": name, "kind": "payment", "status": "paid", "amount": 150_000}
    return {**told, "currency": "VND", "paid_at": (at or moment()).isoformat(), **changes}


def stated(name: str, *, day: date = DAY, **changes: Any) -> StatementLine:
    said = {"account": ACCOUNT, "day": day, "transaction_id": f"T{name}", "reference": "", "amount": 150_000}
    return StatementLine(**{**said, **changes})


def kinds(report: DayReport) -> dict[str, str]:
    return {finding.key: finding.kind.value for finding in report.findings if finding.cleared_at is None}
