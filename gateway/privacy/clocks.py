"""By when the law wants what. Pure (PDP-04, PDP-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from gateway.domain import VIETNAM, local_day
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.packs import RulePack, pack_on

ANSWER_WORKING_DAYS = 2
DONE_DAYS, DONE_DAYS_THIRD_PARTY = 15, 20
NOTICE_HOURS = 72
"""Where the pack in force says nothing (NĐ 356/2025; NĐ 13/2023 Art 23)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The calendar and the packs by which clocks run."""

    calendar: WorkingCalendar
    packs: Sequence[RulePack]

    def answer_due(self, received_at: datetime) -> datetime:
        """The day on which it comes is not counted; the end of the last working day."""
        days = self._pack(received_at).data_request_working_days or ANSWER_WORKING_DAYS
        return self.calendar.closes(self.calendar.after(local_day(received_at), days))

    def done_due(self, received_at: datetime, *, third_party: bool) -> datetime:
        """Calendar days, to the end of the last."""
        return _end_of(received_at, days=DONE_DAYS_THIRD_PARTY if third_party else DONE_DAYS)

    def extended(self, done_due: datetime, *, third_party: bool) -> datetime:
        """Once, by as long again: the reading that the law-firm table allows at most."""
        return _end_of(done_due, days=DONE_DAYS_THIRD_PARTY if third_party else DONE_DAYS)

    def notice_due(self, starts_at: datetime) -> datetime:
        """Hours of the clock, holidays included."""
        return starts_at + timedelta(hours=self._pack(starts_at).breach_notice_hours or NOTICE_HOURS)

    def _pack(self, at: datetime) -> RulePack:
        return pack_on(self.packs, local_day(at))


def _end_of(at: datetime, *, days: int) -> datetime:
    return datetime.combine(local_day(at) + timedelta(days=days), time(23, 59, 59), VIETNAM)
