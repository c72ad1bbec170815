"""Alarms before and at the deadlines of persons' requests and of breach notices. A breach has 72 hours: one look a day
is not enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from gateway.alarms.model import AlarmService, Occasion
from gateway.chores.nightly import Chore
from gateway.domain import VIETNAM
from gateway.observability import own_context
from gateway.privacy.model import Breach, PersonRequest, RequestState
from gateway.privacy.store import BreachStore, RequestStore

TIMES = (time(6), time(10), time(14), time(18), time(22))
SOON = timedelta(days=1)
MOST = 10_000


class PrivacyWatch:
    """The same matter is one alarm a day, with a count."""

    def __init__(
        self,
        requests: RequestStore,
        breaches: BreachStore,
        alarms: AlarmService,
        *,
        tenant: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._requests = requests
        self._breaches = breaches
        self._alarms = alarms
        self._tenant = tenant
        self._clock = clock

    def chores(self) -> tuple[Chore, ...]:
        return tuple(Chore(name=f"privacy_{at:%H}", at=at, do=self.look) for at in TIMES)

    async def look(self) -> int:
        """How many alarms were raised or counted."""
        requests = await self._requests.listed(self._tenant, everything=False, limit=MOST)
        breaches = await self._breaches.listed(self._tenant, everything=False)
        told = [await self._of_request(request) for request in requests]
        return sum(told) + sum([await self._of_breach(breach) for breach in breaches])

    async def _of_request(self, request: PersonRequest) -> bool:
        waits = request.state is RequestState.RECEIVED
        due, what = (request.answer_due, "answer") if waits else (request.done_due, "done")
        return await self._tell("data_request", request.reference, due=due, what=what)

    async def _of_breach(self, breach: Breach) -> bool:
        """Until it is notified, every look tells: the clock is short."""
        if breach.notified_at is not None:
            return False
        now = self._clock()
        kind = "breach_notice_late" if now > breach.due_at else "breach_notice_due"
        await self._raise(kind, breach.reference, due=breach.due_at, what="notice")
        return True

    async def _tell(self, kind: str, about: str, *, due: datetime, what: str) -> bool:
        now = self._clock()
        if now < due - SOON:
            return False
        await self._raise(f"{kind}_{'late' if now > due else 'due'}", about, due=due, what=what)
        return True

    async def _raise(self, kind: str, about: str, *, due: datetime, what: str) -> None:
        facts = {"due": due.astimezone(VIETNAM).isoformat(timespec="minutes"), "step": what}
        await self._alarms.raise_alarm(Occasion(kind=kind, about=about, facts=facts), context=own_context(self._tenant))
