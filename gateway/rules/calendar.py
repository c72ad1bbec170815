"""Working days: weekends, public holidays, Tết, and Saturdays that are worked in exchange for a bridging day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gateway.domain import VIETNAM
from gateway.sdk.errors import ConfigurationError

OPENS, CLOSES, NOON = time(7, 30), time(17), time(11, 30)
"""Office hours of state agencies, local time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What differs from Monday to Friday in one year. `confirmed`: somebody compared it with that year's decision."""

    rest: frozenset[date]
    work: frozenset[date]
    half: frozenset[date]
    """Worked in the morning only."""
    confirmed: bool


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Days are local; moments must carry a zone. A year that is not in it is never guessed: `ConfigurationError`."""

    years: Mapping[int, Year]

    def is_working(self, day: date) -> bool:
        year = self.years.get(day.year)
        if year is None:
            raise ConfigurationError(
                f"There is no working calendar for {day.year}; add gateway/rules/calendars/{day.year}.yaml.",
                vi=f"Chưa có lịch làm việc năm {day.year}; hãy thêm tệp {day.year}.yaml.",
                what="calendar_missing",
            )
        return day in year.work or (day.weekday() < 5 and day not in year.rest)

    def is_confirmed(self, year: int) -> bool:
        """Somebody compared that year with its decision."""
        return year in self.years and self.years[year].confirmed

    def closes(self, day: date) -> datetime:
        """The end of a working day."""
        return datetime.combine(day, NOON if day in self.years[day.year].half else CLOSES, VIETNAM)

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself is not counted."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def before(self, day: date, count: int) -> date:
        while count > 0:
            day -= timedelta(days=1)
            count -= self.is_working(day)
        return day

    def opening_after(self, day: date) -> datetime:
        """When work begins on the next working day."""
        return datetime.combine(self.after(day, 1), OPENS, VIETNAM)
