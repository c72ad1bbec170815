"""What the law's clocks say of one dossier: by when it is handed on, given back, due, and what is late. Pure.

The due date that counts is the one that the province told the applicant; what is computed here stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from gateway.domain import DossierStatus
from gateway.dossiers.model import Clocks, DossierRecord
from gateway.dossiers.order import by_occurrence
from gateway.dossiers.store import EventRecord
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.deadlines import (
    Alarm,
    Fact,
    Law,
    alarms,
    apology_from,
    due,
    forward_by,
    return_ineligible_by,
)
from gateway.rules.packs import RulePack
from gateway.sdk.errors import ConfigurationError

Moment = TypeVar("Moment")
ON_PAPER = frozenset({"counter", "post"})


def clocks(
    record: DossierRecord, told: Sequence[EventRecord], *, pack: RulePack, calendar: WorkingCalendar, now: datetime
) -> Clocks:
    law, document = Law(pack=pack, calendar=calendar), record.document
    received, due_at = _moment(document.get("received_at")), _moment(document.get("due_at"))
    days = document.get("working_days")
    facts, seen = _facts(record, told, received) if received else [], _Calendar(calendar)
    computed = seen.known(lambda: due(facts, days, law)) if days else None
    on_paper = received and document.get("channel") in ON_PAPER
    handed_on = seen.known(lambda: forward_by(received, law)) if received and on_paper else None
    given_back = seen.known(lambda: return_ineligible_by(received, law)) if received else None
    moments = [moment for moment in (received, computed and computed.at, given_back) if moment]
    return Clocks(
        code=record.code,
        pack=pack.id,
        due_at=due_at,
        computed=computed,
        forward_by=handed_on,
        return_ineligible_by=given_back,
        apology_from=apology_from(due_at, pack) if due_at else None,
        reschedules_left=max(pack.most_reschedules - record.reschedules, 0),
        alarms=_alarms(record, due_at, law, now=now),
        calendar=seen.state(moments),
    )


class _Calendar:
    """Remembers whether a year was missing."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._is_missing = False

    def known(self, moment: Callable[[], Moment]) -> Moment | None:
        """None where the calendar of a year is missing: nothing is guessed."""
        try:
            return moment()
        except ConfigurationError:
            self._is_missing = True
            return None

    def state(self, moments: Sequence[datetime]) -> str:
        if self._is_missing:
            return "missing"
        return "confirmed" if all(self._calendar.is_confirmed(m.year) for m in moments) else "unconfirmed"


def _facts(record: DossierRecord, told: Sequence[EventRecord], received: datetime) -> list[Fact]:
    """The status with which it was taken in, and every step in the order in which it happened."""
    steps = by_occurrence(told)
    first = next((step.previous for step in steps if step.previous is not None), record.status)
    return [Fact(status=first, at=received), *(Fact(status=step.status, at=step.occurred_at) for step in steps)]


def _alarms(record: DossierRecord, due_at: datetime | None, law: Law, *, now: datetime) -> list[Alarm]:
    apologised = bool(record.document.get("apologised_at"))
    if due_at is not None:
        return alarms(record.status, due_at, law, apologised=apologised, now=now)
    return [Alarm.SUPPLEMENT_PENDING] if record.status is DossierStatus.SUPPLEMENT_REQUESTED else []


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
