"""The one civil time of the country: every date in a dossier and every working day is counted in it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def local_day(moment: datetime) -> date:
    """The calendar day of a moment with a zone, as people in Viet Nam write it."""
    return moment.astimezone(VIETNAM).date()
