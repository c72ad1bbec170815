"""Close a day: a named officer's word that every line of it is matched or has a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from gateway.reconciliation.model import DayReport
from gateway.reconciliation.service import Reconciliation
from gateway.reconciliation.store import DayStore
from gateway.sdk.errors import ConflictError, UnprocessableError


class Closing:
    """Joins the transaction that is open, so that the caller can write the officer's act beside it."""

    def __init__(self, days: DayStore, reconciliation: Reconciliation, *, clock: Callable[[], datetime]) -> None:
        self._days = days
        self._reconciliation = reconciliation
        self._clock = clock

    async def close(self, day: date, rail: str, *, by: str, tenant: str) -> DayReport:
        """`ConflictError`: a line has neither a match nor a case, or the day is closed. `UnprocessableError`: by
        nobody. `ConfigurationError`: it was not reconciled."""
        if not by.strip():
            raise UnprocessableError("Who closes the day?", vi="Phải ghi người khoá sổ.", what="closing_officer")
        await self._whole(day, rail, tenant=tenant)
        if await self._days.close(tenant, rail, day, by=by.strip(), now=self._clock()) is None:
            raise ConflictError(
                f"The day of {rail} is closed, or its comparison was cut off.",
                vi=f"Ngày của {rail} đã khoá sổ, hoặc lần đối soát trước bị ngắt giữa chừng.",
                what="day_closed",
            )
        return await self._whole(day, rail, tenant=tenant)  # a run may have found something since, and cannot any more

    async def _whole(self, day: date, rail: str, *, tenant: str) -> DayReport:
        report = await self._reconciliation.report(day, rail, tenant=tenant)
        if open_lines := report.without_case:
            raise ConflictError(
                f"{len(open_lines)} lines of {rail} on {day} have neither a match nor a case; reconcile again first.",
                vi=f"{rail} ngày {day:%d/%m/%Y} còn {len(open_lines)} dòng chưa khớp, chưa có vụ việc; "
                "hãy đối soát lại.",
                what="day_open",
            )
        return report
