"""Every morning: one alarm for each agency and kind of deadline, with how many; and the facts of dossiers that were
stored before facts were read (KPI-13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import time

from gateway.alarms.model import AlarmService, Occasion
from gateway.chores.nightly import Chore
from gateway.observability import own_context
from gateway.scores.scopes import Scope
from gateway.scores.service import Scores
from gateway.scores.warnings import Kind

TOLD = {
    Kind.OVERDUE: "dossiers_overdue",
    Kind.APOLOGY_MISSING: "dossiers_apology_missing",
    Kind.DUE_TODAY: "dossiers_due_today",
    Kind.HAND_ON_LATE: "dossiers_not_handed_on",
    Kind.RETURN_DUE: "dossiers_return_due",
}
"""What is an alarm; the rest is read on the page."""
BATCH = 500
READ_AT = time(0, 15)


class Mornings:
    """Raises alarms about deadlines. An alarm that still waits is counted, however many mornings; none is raised where
    there is nothing."""

    def __init__(self, scores: Scores, alarms: AlarmService, *, tenant: str) -> None:
        self._scores = scores
        self._alarms = alarms
        self._tenant = tenant

    def chore(self, at: time) -> Chore:
        return Chore(name="deadline alarms", at=at, do=self.look)

    async def look(self) -> int:
        """How many alarms were raised or counted."""
        counts = await self._scores.warned_counts(self._tenant, Scope(code=""))
        told = [count for count in counts if count.kind in TOLD]
        for count in told:
            due = count.first_due.isoformat() if count.first_due else ""
            occasion = Occasion(
                kind=TOLD[Kind(count.kind)],
                about=f"agency:{count.agency or '-'}",
                facts={"dossiers": count.count, "first_due": due},
                lasting=True,
            )
            await self._alarms.raise_alarm(occasion, context=own_context(self._tenant))
        return len(told)


def reading(read: Callable[[str, int], Awaitable[int]], *, tenant: str) -> Chore:
    """`read`: of a tenant, so many at most; how many there were. In batches, each a transaction of its own."""

    async def read_all() -> None:
        while await read(tenant, BATCH) == BATCH:
            pass

    return Chore(name="facts of dossiers", at=READ_AT, do=read_all)
