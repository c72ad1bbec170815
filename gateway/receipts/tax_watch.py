"""Whether the tax authority learns of receipts in time: within the day, and after an outage within three working days
of its repair (NĐ 254/2026/NĐ-CP Art 27.3, 29(3)(b); PAY-13).

Nobody tells us when an outage began or was repaired, so days are counted from the day on which the oldest receipt that
waits was issued: whoever keeps that limit keeps the lawful one, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol

from gateway.alarms.model import AlarmService, Occasion
from gateway.chores.nightly import Chore
from gateway.delivery.store import Outbox
from gateway.domain import VIETNAM, local_day
from gateway.observability import own_context
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.limits import tax_transmission_by
from gateway.rules.packs import RulePack, pack_on

ALARM_ON = 2
"""The working day after the day of issue on whose morning a person is told."""
MORNING, EVENING = time(7, 30), time(17, 5)
"""When it is looked at: as offices open, and after they close."""


class Haste(StrEnum):
    """Mức khẩn."""

    NONE = "none"
    """Nothing waits, or it may still go today and tomorrow."""
    LATE = "late"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the transmission stands. `told`: receipts issued since the beginning of the day `since` that the authority
    has taken; `held`: of those that wait, how many are a person's. `oldest`: the day on which the oldest that waits was
    issued; `due`: by when it has to be there."""

    since: date
    told: int
    waiting: int
    held: int
    oldest: date | None = None
    due: datetime | None = None
    haste: Haste = Haste.NONE


class TransmissionService(Protocol):
    async def standing(self, *, since: date) -> Standing: ...


class TransmissionWatch:
    """Implements `TransmissionService`."""

    def __init__(
        self,
        outbox: Outbox,
        alarms: AlarmService,
        *,
        target: str,
        tenant: str,
        packs: Sequence[RulePack],
        calendar: WorkingCalendar,
        clock: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._alarms = alarms
        self._target = target
        self._tenant = tenant
        self._packs = packs
        self._calendar = calendar
        self._clock = clock

    async def standing(self, *, since: date) -> Standing:
        now = self._clock()
        begun = datetime.combine(since, time(), VIETNAM)
        told = await self._outbox.tally(self._tenant, self._target, since=begun, until=now)
        lanes = await self._outbox.lanes(self._tenant)
        lane = next((lane for lane in lanes if lane.target == self._target), None)
        if lane is None or lane.oldest is None:
            return Standing(since=since, told=told, waiting=0, held=0)
        oldest = local_day(lane.oldest)
        due, haste = self.lateness(oldest)
        return Standing(
            since=since,
            told=told,
            waiting=lane.messages,
            held=lane.held,
            oldest=oldest,
            due=due,
            haste=haste,
        )

    def lateness(self, issued: date) -> tuple[datetime, Haste]:
        """By when receipts that were issued on this day have to be there, and how late they are if they still wait."""
        now, due = self._clock(), tax_transmission_by(issued, pack_on(self._packs, issued), self._calendar)
        if now > due:
            return due, Haste.OVERDUE
        return due, Haste.LATE if local_day(now) >= self._calendar.after(issued, ALARM_ON) else Haste.NONE

    async def check(self) -> Standing:
        """Tell a person what is late or overdue; the same outage is one alarm a day."""
        standing = await self.standing(since=local_day(self._clock()))
        if standing.haste is not Haste.NONE and standing.oldest and standing.due:
            occasion = Occasion(
                kind=f"tax_transmission_{standing.haste}",
                about=f"{self._target}:{standing.oldest}",
                facts={"waiting": standing.waiting, "held": standing.held, "due": standing.due.isoformat()},
            )
            await self._alarms.raise_alarm(occasion, context=own_context(self._tenant))
        return standing

    def chores(self) -> tuple[Chore, ...]:
        """None where nobody is told."""
        if not self._target:
            return ()
        return (
            Chore(name="tax_transmission_morning", at=MORNING, do=self.check),
            Chore(name="tax_transmission_evening", at=EVENING, do=self.check),
        )
