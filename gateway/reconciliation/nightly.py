"""The daily comparison, before 10:00 of the next day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from functools import partial

from gateway.alarms.model import AlarmService, Occasion
from gateway.chores.nightly import Chore
from gateway.domain import local_day
from gateway.observability import continue_trace
from gateway.reconciliation.model import BANK, LOOK_BACK_DAYS
from gateway.reconciliation.service import Reconciliation
from gateway.sdk import GatewayError

BANK_LOOK_BACK_DAYS = 14
"""Statements come late, and money of the day before Tết is at the bank's when Tết is over."""


class DailyRound:
    """Yesterday, and the days before it that are still open: a day of outage is made up for by itself."""

    def __init__(
        self,
        reconciliation: Reconciliation,
        alarms: AlarmService,
        *,
        rails: Sequence[str],
        tenant: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._reconciliation = reconciliation
        self._alarms = alarms
        self._rails = rails
        self._tenant = tenant
        self._clock = clock

    def chores(self, at: time) -> tuple[Chore, ...]:
        """One for each rail, so that one that does not answer keeps no other from being compared; then the bank's."""
        names = [*self._rails, BANK] if self._rails else []
        return tuple(Chore(name=f"reconcile money {name}", at=at, do=partial(self.run, name)) for name in names)

    async def run(self, rail: str) -> None:
        """The alarm is raised once; the chore is tried again until the rail answers."""
        context = continue_trace("").context(tenant=self._tenant, actor="nightly")
        today = local_day(self._clock())
        try:
            for back in range(BANK_LOOK_BACK_DAYS if rail == BANK else LOOK_BACK_DAYS + 1, 0, -1):
                day = today - timedelta(days=back)
                if rail == BANK:
                    await self._reconciliation.reconcile_bank(day, self._rails, context=context)
                else:
                    await self._reconciliation.reconcile(day, rail, context=context)
        except GatewayError as exc:
            facts = {"day": (today - timedelta(days=1)).isoformat(), "code": exc.error_code}
            occasion = Occasion(kind="money_not_reconciled", about=rail, facts=facts)
            await self._alarms.raise_alarm(occasion, context=context)
            raise
