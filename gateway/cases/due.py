"""By when a discrepancy must be cleared up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.domain import VIETNAM
from gateway.rules.calendar import CLOSES, WorkingCalendar
from gateway.sdk.errors import ConfigurationError


def due_at(found_at: datetime, calendar: WorkingCalendar) -> datetime:
    """The end of the working day on which it was found; after hours and on days off, of the next working day
    (TT 89/2026/TT-BTC Art 37(1)(a)).

    A year whose calendar is missing must not keep money from being entered: then it is 17:00 of that day or of the
    next, which no reading of the law calls too late.
    """
    local = found_at.astimezone(VIETNAM)
    day = local.date()
    try:
        if calendar.is_working(day) and found_at < calendar.closes(day):
            return calendar.closes(day)
        return calendar.closes(calendar.after(day, 1))
    except ConfigurationError:
        end = datetime.combine(day, CLOSES, VIETNAM)
        return end if found_at < end else end + timedelta(days=1)
