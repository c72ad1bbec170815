"""Numbers and days that the law sets around a dossier: receipts, outages, breaches, requests, indicators. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from gateway.domain import local_day
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.packs import RulePack
from gateway.sdk.errors import UnprocessableError

LEGACY_SERIALS = 9_999
"""Four digits (TT 01/2018/TT-VPCP Art 19). The field continues with five; so do we, and no number comes twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptNumber:
    """A receipt's number within its unit and year."""

    year: int
    number: int


def next_receipt(last: ReceiptNumber | None, on: date, pack: RulePack) -> ReceiptNumber:
    """From 1 again each year, at most as many digits as the pack says (NĐ 254/2026 Art 23.2)."""
    number = last.number + 1 if last and last.year == on.year else 1
    check_receipt_number(number, pack)
    return ReceiptNumber(year=on.year, number=number)


def check_receipt_number(number: int, pack: RulePack) -> None:
    if number < 1 or (pack.receipt_digits is not None and len(str(number)) > pack.receipt_digits):
        raise UnprocessableError(
            f"A receipt number has at most {pack.receipt_digits} digits.",
            vi=f"Số biên lai có tối đa {pack.receipt_digits} chữ số.",
            what="receipt_number",
        )


def paper_receipt_allowed(on: date, pack: RulePack) -> bool:
    return pack.paper_receipts_until is None or on <= pack.paper_receipts_until


def tax_transmission_by(repaired: date, pack: RulePack, calendar: WorkingCalendar) -> datetime:
    """By when receipts kept back by an outage reach the tax authority (NĐ 254/2026 Art 27.3)."""
    return calendar.closes(calendar.after(repaired, pack.tax_working_days or 0))


def outage_announced_in_time(announced: date, begins: date, *, pack: RulePack, calendar: WorkingCalendar) -> bool:
    """A planned suspension is announced so many working days ahead (NĐ 224/2026 Art 13.1.a)."""
    return announced <= calendar.before(begins, pack.outage_notice_working_days or 0)


def breach_notice_by(happened: datetime, pack: RulePack) -> datetime:
    """Clock hours from when it happened, not from when it was found: the safe reading."""
    return happened + timedelta(hours=pack.breach_notice_hours or 0)


def data_request_by(received: datetime, pack: RulePack, calendar: WorkingCalendar) -> datetime:
    """By when a person who asks for their data is answered (NĐ 356/2025)."""
    return calendar.closes(calendar.after(local_day(received), pack.data_request_working_days or 0))


def access_request_by(received: datetime, pack: RulePack, calendar: WorkingCalendar) -> datetime:
    """By when a request for an access account is answered (Art 35.3 of NĐ 47/2020)."""
    return calendar.closes(calendar.after(local_day(received), pack.access_request_working_days or 0))


def officer_class(mean: Decimal) -> str:
    """TT 01/2018/TT-VPCP Art 15: the mean is rounded to one decimal first, then classed: full from 5, fair from 3.5."""
    rounded = mean.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return "full" if rounded >= 5 else "fair" if rounded >= Decimal("3.5") else "low"


def legacy_code(agency: str, on: date, serial: int) -> str:
    """`<agency>-<YYMMDD>-<XXXX>`; from the 10,000th of a day on with five digits."""
    width = 4 if serial <= LEGACY_SERIALS else 5
    return f"{agency}-{on:%y%m%d}-{serial:0{width}d}"
