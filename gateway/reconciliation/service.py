"""Reconcile a day: every rail with our books, then all books with the bank's statements (PAY-07).

A run may be repeated and may be cut off anywhere: what it finds is written with its case in one transaction, money that
only the rail had is posted through the one function that posts, and what the same run found before it finds again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from gateway.cases.model import CaseKind, CaseService
from gateway.domain import Context, local_day
from gateway.payments.books import BookLine
from gateway.reconciliation.bank import BankMatch
from gateway.reconciliation.judging import judge, judge_refund
from gateway.reconciliation.matching import DayMatch, Known, Rest, key_of_book
from gateway.reconciliation.model import (
    BANK,
    LOOK_BACK_DAYS,
    OVERDUE_DAYS,
    DayReport,
    Finding,
    FindRefunds,
    MoneyDay,
    RailSays,
    RemoteLine,
    View,
)
from gateway.reconciliation.noting import Noting, Page
from gateway.reconciliation.store import DayStore
from gateway.reconciliation.tally import changed_since
from gateway.reconciliation.views import PAGE, OurSide, RailViews
from gateway.rules.calendar import WorkingCalendar
from gateway.sdk import ConfigurationError

Seen = Callable[[str, int], None]
"""Told (rail, lines of the books so far)."""
CLOSED_LOOK_BACK = timedelta(days=31)
"""How far back closed days are looked at for money that was entered for them since."""
log = structlog.get_logger()


class Reconciliation:
    """Runs, reports and closes days."""

    def __init__(
        self,
        days: DayStore,
        ours: OurSide,
        views: RailViews,
        *,
        noting: Noting,
        cases: CaseService,
        refunds: FindRefunds,
        calendar: WorkingCalendar,
        clock: Callable[[], datetime],
    ) -> None:
        self._days = days
        self._ours = ours
        self._views = views
        self._noting = noting
        self._cases = cases
        self._refunds = refunds
        self._calendar = calendar
        self._clock = clock

    async def reconcile(self, day: date, rail: str, *, context: Context, seen: Seen = lambda *_: None) -> DayReport:
        """Compare one rail's day. A closed day is only reported. `ConfigurationError`: the day is not over.
        `GatewayError`: the rail did not answer; nothing of the run counts, and it may be repeated."""
        self._check_over(day)
        held = await self._days.find(context.tenant, rail, day)
        if held is None or held.closed_at is None:
            says = await self._views.of(rail, day, context=context)
            await self._compare(says, Page(rail=rail, day=day, context=context), seen)
        return await self.report(day, rail, tenant=context.tenant)

    async def reconcile_bank(
        self, day: date, rails: Sequence[str], *, context: Context, seen: Seen = lambda *_: None
    ) -> DayReport:
        """Compare all rails' books with the statements, after the rails themselves."""
        self._check_over(day)
        held = await self._days.find(context.tenant, BANK, day)
        if held is None or held.closed_at is None:
            await self._compare_bank(rails, Page(rail=BANK, day=day, context=context), seen)
        return await self.report(day, BANK, tenant=context.tenant)

    async def report(self, day: date, rail: str, *, tenant: str) -> DayReport:
        """`ConfigurationError`: it was never compared."""
        held = await self._days.find(tenant, rail, day)
        if held is None:
            raise ConfigurationError(
                "This day was not reconciled yet.", vi="Ngày này chưa được đối soát.", what="not_reconciled"
            )
        findings = [finding for _, finding in await self._days.findings(tenant, rail, first=day, last=day)]
        numbers = sorted({finding.case_id for finding in findings if finding.case_id is not None})
        cases = {number: await self._cases.find(tenant, number) for number in numbers}
        return DayReport(day=held, findings=findings, cases=cases)

    async def _compare(self, says: RailSays, page: Page, seen: Seen) -> None:
        tenant, day = page.context.tenant, page.day
        begun = await self._days.begin(
            tenant, MoneyDay(rail=page.rail, day=day, view=says.view, began_at=self._clock())
        )
        match = DayMatch(day, says, known=await self._known(page))
        count, noted = 0, []
        first, last = day - timedelta(days=LOOK_BACK_DAYS), day + timedelta(days=1)
        async for lines in self._ours.books.of_days(tenant, page.rail, first=first, last=last):
            noted += await self._noting.note(page, match.take(lines))
            count += len(lines)
            seen(page.rail, count)
        more, rest = match.rest()
        noted += await self._noting.note(page, more)
        noted += await self._changed_since_closing(page)
        meanwhile = await self._finish(page, rest, noted)
        await self._conclude(page, begun, match, noted=noted, meanwhile=meanwhile)
        log.info("money_reconciled", rail=page.rail, matched=match.matched, findings=len(noted))

    async def _finish(self, page: Page, rest: Rest, noted: list[Finding]) -> set[str]:
        """What only one side has. The keys of what somebody else entered meanwhile: both have it now."""
        meanwhile = set()
        for start in range(0, len(rest.remote), PAGE):
            lines = rest.remote[start : start + PAGE]
            for line, found in zip(lines, await self._only_there(page, lines), strict=True):
                if found is None:
                    meanwhile.add(line.key)
                else:
                    noted.append(found)
        for start in range(0, len(rest.local), PAGE):
            findings = await self._only_here(page, rest.local[start : start + PAGE])
            noted += await self._noting.note(page, findings)
        return meanwhile

    async def _only_there(self, page: Page, lines: Sequence[RemoteLine]) -> Sequence[Finding | None]:
        tenant, rail = page.context.tenant, page.rail
        references = sorted({line.reference for line in lines})
        attempts = {a.reference: a for a in await self._ours.payments.by_references(tenant, rail, references)}
        refunds = {(r.reference, r.amount): r for r in await self._refunds(tenant, rail, references)}
        by_reference = {reference: refund for (reference, _), refund in refunds.items()}
        noted: list[Finding | None] = []
        for line in lines:
            if line.refund:
                refund = refunds.get((line.reference, line.amount)) or by_reference.get(line.reference)
                noted += await self._noting.note(page, [judge_refund(line, refund).finding(line)])
                continue
            verdict = judge(line, attempts.get(line.reference))
            if verdict is None:
                noted.append(None)
            elif verdict.enter:
                noted.append(await self._noting.enter(page, line, verdict))
            else:
                noted += await self._noting.note(page, [verdict.finding(line)])
        return noted

    async def _only_here(self, page: Page, lines: Sequence[BookLine]) -> Sequence[Finding]:
        """The rail is asked about each. A plain no is a case at once; silence is one from D+2 on."""
        overdue = local_day(self._clock()) >= page.day + timedelta(days=OVERDUE_DAYS)
        references = [line.reference for line in lines]
        attempts = await self._ours.payments.by_references(page.context.tenant, page.rail, references)
        known = {attempt.reference: attempt for attempt in attempts}
        findings = []
        for line in lines:
            attempt = known.get(line.reference)
            told = await self._views.ask(attempt, context=page.context) if attempt and line.amount > 0 else None
            said = str(told.get("status", "open")) if told is not None else "not_asked"
            findings.append(
                Finding(
                    kind=CaseKind.LOCAL_ONLY if line.amount > 0 else CaseKind.REFUND_MISMATCH,
                    key=key_of_book(line),
                    reference=line.reference,
                    facts={"amount": line.amount, "asked": said},
                    waits=not overdue and said not in {"failed", "expired"},
                )
            )
        return findings

    async def _changed_since_closing(self, page: Page) -> Sequence[Finding]:
        """Money that was entered for a day after that day was closed: it belongs to the open day, and is linked. What
        an earlier day told of is not told again."""
        tenant, first, last = page.context.tenant, page.day - CLOSED_LOOK_BACK, page.day - timedelta(days=1)
        held = await self._days.between(tenant, first=first, last=last)
        closed = [day for day in held if day.rail == page.rail and day.closed_at is not None]
        if not closed:
            return []
        now = await self._ours.books.sums(tenant, page.rail, first=closed[0].day, last=last)
        told = [found for _, found in await self._days.findings(tenant, page.rail, first=first, last=last)]
        known = [(found.key, dict(found.facts)) for found in told if found.cleared_at is None]
        changed = [finding for day in closed if (finding := changed_since(day, now.get(day.day, (0, 0))))]
        return await self._noting.note(page, [f for f in changed if (f.key, dict(f.facts)) not in known])

    async def _known(self, page: Page) -> Known:
        span = timedelta(days=LOOK_BACK_DAYS)
        tenant, first, last = page.context.tenant, page.day - span, page.day + span
        found = await self._days.findings(tenant, page.rail, first=first, last=last)
        closed: dict[date, set[str]] = {
            held.day: set()
            for held in await self._days.between(tenant, first=first, last=last)
            if held.rail == page.rail and held.closed_at is not None
        }
        for day, finding in found:
            closed.get(day, set()).add(finding.key)
        return Known(settled={finding.key for _, finding in found if finding.posted}, closed=closed)

    async def _conclude(
        self,
        page: Page,
        begun: MoneyDay,
        match: DayMatch | BankMatch,
        *,
        noted: Sequence[Finding],
        meanwhile: Collection[str] = (),
    ) -> None:
        """Clear what is no longer so, and count: the books anew, for some of it was entered since they were read."""
        tenant, day = page.context.tenant, page.day
        held = [f for _, f in await self._days.findings(tenant, page.rail, first=day, last=day)]
        now = {finding.key for finding in noted}
        gone = [f for f in held if f.key not in now and not f.posted and f.cleared_at is None]
        await self._noting.clear(page, gone)
        if isinstance(match, DayMatch):
            beside = timedelta(days=LOOK_BACK_DAYS if match.loose else 0)
            async for lines in self._ours.books.of_days(tenant, page.rail, first=day - beside, last=day + beside):
                for line in lines:
                    match.place(line)
                    if line.day == day:
                        match.tally.book(line)
        away = {finding.key for finding in gone}
        stand = [finding for finding in held if finding.cleared_at is None and finding.key not in away]
        agreed = len(set(meanwhile) - {finding.key for finding in stand})
        counts = {"matched": match.matched + agreed, "not_compared": match.not_compared}
        for finding in stand:
            counts[finding.kind.value] = counts.get(finding.kind.value, 0) + 1
        done = replace(begun, ended_at=self._clock(), counts=counts, totals=match.tally.totals())
        await self._days.conclude(tenant, done)

    async def _compare_bank(self, rails: Sequence[str], page: Page, seen: Seen) -> None:
        tenant, day = page.context.tenant, page.day
        begun = await self._days.begin(
            tenant, MoneyDay(rail=BANK, day=day, view=View.STATEMENT, began_at=self._clock())
        )
        settled_by = max(day + timedelta(days=LOOK_BACK_DAYS), self._working(day, 1))
        first = min(day - timedelta(days=LOOK_BACK_DAYS), self._working(day, -1))
        skip: set[str] = set()
        for rail in rails:
            for _, finding in await self._days.findings(tenant, rail, first=first, last=day + timedelta(days=1)):
                if not finding.posted and finding.kind is not CaseKind.LATE and finding.cleared_at is None:
                    skip |= {finding.key, finding.reference} - {""}
        statement = [
            line async for lines in self._ours.statements.of_days(tenant, first=day, last=settled_by) for line in lines
        ]
        covered = await self._ours.statements.covered(tenant)
        match = BankMatch(day, statement, settled_by=self._working(day, 1), covered=covered, skip=skip)
        count, noted = 0, list[Finding]()
        for rail in rails:
            async for lines in self._ours.books.of_days(tenant, rail, first=first, last=day + timedelta(days=1)):
                noted += await self._noting.note(page, match.take(lines))
                count += len(lines)
                seen(BANK, count)
        noted += await self._noting.note(page, match.rest())
        await self._conclude(page, begun, match, noted=noted)

    def _working(self, day: date, step: int) -> date:
        """The next working day, or the one before; where the year's calendar is missing, the weekdays say."""
        try:
            return self._calendar.after(day, 1) if step > 0 else self._calendar.before(day, 1)
        except ConfigurationError:
            return day + timedelta(days=3 * step)

    def _check_over(self, day: date) -> None:
        if day >= local_day(self._clock()):
            raise ConfigurationError(
                "This day is not over; reconcile it from the next day on.",
                vi="Ngày này chưa kết thúc nên chưa đối soát được; hãy chạy lại từ ngày hôm sau.",
                what="day_not_over",
            )
