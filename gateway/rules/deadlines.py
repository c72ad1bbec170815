"""The clocks of a dossier: from what happened to when something is due. Pure (DOS-08 to DOS-12, STA-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from gateway.domain import VIETNAM, DossierStatus, local_day
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.packs import Clock, RulePack


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A pack and the calendar that its days are counted in."""

    pack: RulePack
    calendar: WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The dossier took this status at this moment (with its zone)."""

    status: DossierStatus
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When the result is due. `before`: earlier due moments, oldest first, each ended by a supplement (DOS-10)."""

    at: datetime
    since: datetime
    """From when the days are counted."""
    before: tuple[datetime, ...] = ()


class Alarm(StrEnum):
    """What needs somebody now (KPI-13)."""

    APOLOGY_MISSING = "apology_missing"
    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    SUPPLEMENT_PENDING = "supplement_pending"


def forward_by(received: datetime, law: Law) -> datetime:
    """By when a paper dossier is handed on: the same working day, or the start of the next one if it was received
    after the cut-off or on a day of rest (NĐ 61/2018 Art 18.2, 18.3)."""
    day = local_day(received)
    in_time = received.astimezone(VIETNAM).time() <= law.pack.cut_off
    if law.calendar.is_working(day) and in_time:
        return law.calendar.closes(day)
    return law.calendar.opening_after(day)


def return_ineligible_by(received: datetime, law: Law) -> datetime:
    """By when a dossier that does not qualify goes back with its reasons (Art 19.4)."""
    return law.calendar.closes(law.calendar.after(local_day(received), law.pack.ineligible_working_days))


def due(facts: Sequence[Fact], working_days: int, law: Law) -> Due | None:
    """When the result is due, from what happened so far in order; None before the dossier was accepted. The day on
    which the clock starts is not counted. A full supplement starts it from zero (Art 19.4)."""
    found: Due | None = None
    asked = False
    for fact in facts:
        runs = law.pack.clock[fact.status] is Clock.RUNS
        if found is None and runs:
            found = Due(at=_end(fact.at, working_days, law), since=fact.at)
        elif found and asked and runs and law.pack.supplement_restarts:
            found = Due(at=_end(fact.at, working_days, law), since=fact.at, before=(*found.before, found.at))
        asked = fact.status is DossierStatus.SUPPLEMENT_REQUESTED or (asked and not runs)
    return found


def may_reschedule(times_before: int, pack: RulePack) -> bool:
    """A late dossier gets another date once (Art 19.9)."""
    return times_before < pack.most_reschedules


def apology_from(due_at: datetime, pack: RulePack) -> datetime:
    """From when a written apology must exist while there is no result: the day before the due day (Art 19.9)."""
    day = local_day(due_at) - timedelta(days=pack.apology_days_before)
    return datetime.combine(day, time(), VIETNAM)


def alarms(status: DossierStatus, due_at: datetime, law: Law, *, apologised: bool, now: datetime) -> list[Alarm]:
    """What somebody must look at, the graver first. Nothing once the clock has ended."""
    clock = law.pack.clock[status]
    if clock is Clock.ENDED:
        return []
    found = []
    if now > due_at and clock is Clock.RUNS:
        found.append(Alarm.OVERDUE)
    if now >= apology_from(due_at, law.pack) and not apologised and clock is Clock.RUNS:
        found.append(Alarm.APOLOGY_MISSING)
    if now <= due_at and clock is Clock.RUNS:
        if local_day(now) == local_day(due_at):
            found.append(Alarm.DUE_TODAY)
        elif due_at - now < timedelta(hours=24):
            found.append(Alarm.DUE_SOON)
    if status is DossierStatus.SUPPLEMENT_REQUESTED:
        found.append(Alarm.SUPPLEMENT_PENDING)
    return found


def _end(start: datetime, working_days: int, law: Law) -> datetime:
    return law.calendar.closes(law.calendar.after(local_day(start), working_days))
