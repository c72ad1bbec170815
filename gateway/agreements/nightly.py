"""What is told ahead: agreements that end, access requests that wait too long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from gateway.agreements.model import AccessRequest, Agreement
from gateway.agreements.store import AccessStore, AgreementStore
from gateway.alarms.model import AlarmService, Occasion
from gateway.chores.nightly import Chore
from gateway.domain import VIETNAM, local_day
from gateway.observability import own_context

LEVELS = (90, 30, 7, 0)
"""Days ahead of the last day at which somebody is told; 0: the last day, or it is over."""
SOON = timedelta(days=1)


class AgreementWatch:
    """Raises an alarm at each level once, however many nights were missed."""

    def __init__(
        self,
        agreements: AgreementStore,
        requests: AccessStore,
        alarms: AlarmService,
        *,
        tenant: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._agreements = agreements
        self._requests = requests
        self._alarms = alarms
        self._tenant = tenant
        self._clock = clock

    def chore(self, at: time) -> Chore:
        return Chore(name="agreements", at=at, do=self.look)

    async def look(self) -> int:
        """How many alarms were raised or counted."""
        told = [await self._of(held) for held in await self._agreements.listed(self._tenant)]
        waiting = await self._requests.listed(self._tenant, everything=False)
        return sum(told) + sum([await self._late(request) for request in waiting])

    async def _of(self, agreement: Agreement) -> bool:
        if agreement.terms.until is None:
            return False
        left = (agreement.terms.until - local_day(self._clock())).days
        level = min((days for days in LEVELS if left <= days), default=None)
        if level is None or not await self._agreements.tell(self._tenant, agreement.id, days=level):
            return False
        facts: dict[str, str | int] = {
            "number": agreement.terms.number,
            "system": agreement.terms.system,
            "until": agreement.terms.until.isoformat(),
            "days": left,
        }
        kind = "agreement_ended" if left < 0 else "agreement_ends"
        await self._raise(Occasion(kind=kind, about=f"agreement:{agreement.id}/{level}", facts=facts))
        return True

    async def _late(self, request: AccessRequest) -> bool:
        now = self._clock()
        if now < request.due_at - SOON:
            return False
        kind = "access_request_late" if now > request.due_at else "access_request_due"
        due = request.due_at.astimezone(VIETNAM).isoformat(timespec="minutes")
        await self._raise(Occasion(kind=kind, about=f"access_request:{request.id}", facts={"due": due}))
        return True

    async def _raise(self, occasion: Occasion) -> None:
        await self._alarms.raise_alarm(occasion, context=own_context(self._tenant))
