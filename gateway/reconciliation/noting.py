"""Write a finding together with its case, and the money that it brings into the books: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.cases.model import CaseKind, CaseService, Opening
from gateway.domain import Context
from gateway.payments.store import PaymentStore
from gateway.reconciliation.judging import Verdict, result_of
from gateway.reconciliation.model import Finding, RemoteLine, Settle, owner_of
from gateway.reconciliation.store import DayStore
from gateway.sdk import Receipt

SELF_CLEARING = {CaseKind.LOCAL_ONLY, CaseKind.LATE, CaseKind.REFUND_PENDING, CaseKind.STATEMENT_MISSING}
"""Time alone brings these sides to agree; of anything else a person says what happened."""
OURSELVES = "reconciliation"
POSTED = "Đã ghi sổ theo danh sách của kênh thanh toán khi đối soát · posted from the rail's list by reconciliation"
AGREED = "Lần đối soát sau thấy các bên đã khớp · a later run found that the sides agree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where findings are written: a day of a rail, on whose behalf."""

    rail: str
    day: date
    context: Context

    @property
    def finder(self) -> str:
        return f"reconciliation:{self.day.isoformat()}"


class Noting:
    """The one writer of findings."""

    def __init__(
        self,
        days: DayStore,
        cases: CaseService,
        payments: PaymentStore,
        *,
        settle: Settle,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._days = days
        self._cases = cases
        self._payments = payments
        self._settle = settle
        self._atomically = atomically
        self._clock = clock

    async def note(self, page: Page, findings: Iterable[Finding]) -> list[Finding]:
        """Each with a case, unless it waits or was matched after all."""
        noted = []
        for finding in findings:
            async with self._atomically():
                noted.append(await self._put(page, finding))
        return noted

    async def enter(self, page: Page, line: RemoteLine, verdict: Verdict) -> Finding | None:
        """Hand the rail's word to the function that posts. None: somebody was faster, and the sides agree."""
        tenant = page.context.tenant
        async with self._atomically():
            handled = await self._settle(result_of(line), tenant=tenant, rail=page.rail, source=line.source)
            if handled.receipt is Receipt.DUPLICATE:
                return None
            if handled.receipt is not Receipt.RECORDED:
                return await self._put(page, _refused(verdict, line).finding(line, receipt=handled.receipt.value))
            paid = await self._payments.by_reference(tenant, page.rail, line.reference)
            if paid is not None and paid.excess:
                verdict = replace(verdict, kind=CaseKind.DUPLICATE_PAID)
            return await self._put(page, verdict.finding(line, posted=True))

    async def clear(self, page: Page, gone: Iterable[Finding]) -> None:
        """The sides agree about these now."""
        async with self._atomically():
            findings = list(gone)
            if findings:
                keys = [finding.key for finding in findings]
                await self._days.clear(page.context.tenant, page.rail, page.day, keys=keys, now=self._clock())
            for finding in findings:
                if finding.kind in SELF_CLEARING:
                    await self._resolve(page, finding.case_id, AGREED)

    async def _put(self, page: Page, finding: Finding) -> Finding:
        finding = replace(finding, found_at=self._clock())
        case_id = None
        if finding.unmatched and not finding.waits:
            case_id = (await self._cases.open(_opening(page, finding), context=page.context)).id
        kept = await self._days.put(page.context.tenant, page.rail, page.day, finding=replace(finding, case_id=case_id))
        if finding.kind is CaseKind.REMOTE_ONLY and finding.posted:
            await self._resolve(page, kept.case_id, POSTED)
        if not finding.unmatched:
            await self._resolve(page, kept.case_id, AGREED)
        return kept

    async def _resolve(self, page: Page, case_id: int | None, words: str) -> None:
        if case_id is None:
            return
        tenant = page.context.tenant
        if (await self._cases.find(tenant, case_id)).resolved_at is None:
            await self._cases.resolve(tenant, case_id, by=OURSELVES, resolution=words)


def _refused(verdict: Verdict, line: RemoteLine) -> Verdict:
    """Amount and currency were compared before, so it is the account; or its number, where the rail told no account."""
    kind = CaseKind.ACCOUNT_MISMATCH if line.account else CaseKind.TRANSACTION_DIFFERS
    return replace(verdict, kind=kind)


def _opening(page: Page, finding: Finding) -> Opening:
    facts = dict(finding.facts)
    if finding.reference:
        facts["reference"] = finding.reference
    return Opening(
        kind=finding.kind,
        about=finding.key,
        rail=page.rail,
        finder=page.finder,
        owner=owner_of(finding.kind),
        facts=facts,
        day=page.day,
    )
