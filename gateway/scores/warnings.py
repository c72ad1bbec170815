"""What will cost points soon, why, whose turn it is, and until when (KPI-13; NĐ 61/2018 Art 19.9). Pure."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from gateway.domain import VIETNAM, DossierStatus, local_day
from gateway.rules.deadlines import Law, apology_from
from gateway.rules.packs import RulePack
from gateway.scores.scoring import Card
from gateway.scores.store import Warned
from gateway.sdk.errors import ConfigurationError


class Kind(StrEnum):
    """As `gateway.rules.deadlines.Alarm`; `due_later`: within the days that are looked ahead; `hand_on_late`: accepted
    on paper and not handed on in time (Art 18.2, 18.3); `return_due`: accepted, and about to have to go back if it does
    not qualify (Art 19.4)."""

    OVERDUE = "overdue"
    APOLOGY_MISSING = "apology_missing"
    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    DUE_LATER = "due_later"
    HAND_ON_LATE = "hand_on_late"
    RETURN_DUE = "return_due"
    SUPPLEMENT_PENDING = "supplement_pending"


WORDS: dict[str, tuple[str, str]] = {
    Kind.OVERDUE: ("Đã quá hạn", "Overdue"),
    Kind.APOLOGY_MISSING: ("Chưa có văn bản xin lỗi", "Apology missing"),
    Kind.DUE_TODAY: ("Đến hạn hôm nay", "Due today"),
    Kind.DUE_SOON: ("Còn dưới 24 giờ", "Due within 24 hours"),
    Kind.DUE_LATER: ("Sắp đến hạn", "Due soon"),
    Kind.HAND_ON_LATE: ("Hồ sơ giấy chưa chuyển xử lý", "On paper, not handed on"),
    Kind.RETURN_DUE: ("Sắp hết hạn trả lại nếu không đủ điều kiện", "Goes back soon if it does not qualify"),
    Kind.SUPPLEMENT_PENDING: ("Chờ công dân bổ sung", "Waits for the applicant"),
}
TURNS: dict[DossierStatus, tuple[str, str]] = {
    DossierStatus.ACCEPTED: (
        "Bộ phận một cửa: chuyển hồ sơ cho đơn vị xử lý",
        "The one-stop office: hand the dossier on",
    ),
    DossierStatus.IN_PROCESS: ("Đơn vị xử lý: ra kết quả", "The body that handles it: decide it"),
    DossierStatus.SUPPLEMENT_REQUESTED: (
        "Bộ phận một cửa: nhắc công dân bổ sung",
        "The one-stop office: remind the applicant",
    ),
}
"""Whose turn it is, by a role; never a person."""
UNSCORED = (Kind.SUPPLEMENT_PENDING, Kind.HAND_ON_LATE, Kind.RETURN_DUE)
APOLOGY = ("Thủ trưởng đơn vị xử lý: ký văn bản xin lỗi", "The head of the body that handles it: sign the apology")


LOOK_BACK_DAYS = 60
"""No stretch of rest is as long."""


def handed_before(now: datetime, law: Law) -> datetime | None:
    """A paper dossier that was received at this moment or earlier should have been handed on by now: the greatest
    moment whose `forward_by` is over. None: a year's calendar is missing."""
    with suppress(ConfigurationError):
        for back in range(LOOK_BACK_DAYS):
            day = local_day(now) - timedelta(days=back)
            if law.calendar.opening_after(day) < now:
                return datetime.combine(day, time.max, VIETNAM)
            if law.calendar.is_working(day) and law.calendar.closes(day) < now:
                return datetime.combine(day, law.pack.cut_off, VIETNAM)
    return None


def returned_before(now: datetime, law: Law) -> datetime | None:
    """The same of those on whose last day but one, or later, we are."""
    with suppress(ConfigurationError):
        for back in range(LOOK_BACK_DAYS):
            day = local_day(now) - timedelta(days=back)
            if law.calendar.after(day, law.pack.ineligible_working_days - 1) <= local_day(now):
                return datetime.combine(day, time.max, VIETNAM)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing to do about a dossier. `by`: until when; None: it is late already, or no date is known. `points`: what
    is lost otherwise, by today's numbers; None: nothing that is scored."""

    kind: str
    who_vi: str
    who_en: str
    by: datetime | None
    points: Decimal | None


def turns_of(warned: Warned, pack: RulePack, card: Card, *, now: datetime) -> list[Turn]:
    """In the order of their gravity. `card`: of the running month, which says what one dossier is worth."""
    return [_turn(kind, warned, pack, card=card, now=now) for kind in warned.kinds]


def _turn(kind: str, warned: Warned, pack: RulePack, *, card: Card, now: datetime) -> Turn:
    who = APOLOGY if kind == Kind.APOLOGY_MISSING else TURNS.get(warned.status, ("", ""))
    by = None if kind in UNSCORED else warned.due_at
    if kind == Kind.APOLOGY_MISSING and by is not None:
        by = apology_from(by, pack)
    figure = {Kind.APOLOGY_MISSING: "apologised", **dict.fromkeys(UNSCORED, "")}.get(Kind(kind), "on_time")
    return Turn(
        kind=kind,
        who_vi=who[0],
        who_en=who[1],
        by=by if by is not None and by > now else None,
        points=_at_stake(card, figure),
    )


def _at_stake(card: Card, figure: str) -> Decimal | None:
    found = next((one for one in card.scored if figure and one.indicator.figure == figure), None)
    return found.at_stake if found else None
