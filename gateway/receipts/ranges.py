"""Number ranges: what may be registered, and which number comes next. Pure (NĐ 254/2026 Art 23(2) and 25; PAY-12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from gateway.receipts.model import NumberRange, Series
from gateway.receipts.settings import Unit
from gateway.rules.limits import check_receipt_number
from gateway.rules.packs import RulePack
from gateway.sdk.errors import ConflictError, UnprocessableError


def series_of(unit: Unit, *, tenant: str, on: date) -> Series:
    """The series that a receipt of this day belongs to: a new one each year."""
    return Series(tenant=tenant, unit=unit.agency_id, issuer=unit.issuer, form=unit.form, symbol=unit.symbol(on))


def fresh_range(series: Series, numbers: tuple[int, int], *, pack: RulePack, now: datetime) -> NumberRange:
    """First and last number, none of them given yet. `UnprocessableError`: not numbers of a receipt."""
    first, last = numbers
    if first > last:
        raise UnprocessableError(
            "The last number comes before the first.", vi="Số cuối nhỏ hơn số đầu.", what="receipt_number"
        )
    for number in numbers:
        check_receipt_number(number, pack)
    return NumberRange(
        tenant=series.tenant,
        unit=series.unit,
        issuer=series.issuer,
        form=series.form,
        symbol=series.symbol,
        first=first,
        last=last,
        used_to=first - 1,
        registered_at=now,
    )


def next_number(ranges: Sequence[NumberRange]) -> tuple[NumberRange, int] | None:
    """Of ranges with the lowest first: the lowest number that was not given yet. None: all were."""
    open_range = next((one for one in ranges if one.left), None)
    return (open_range, open_range.used_to + 1) if open_range else None


def left_of(ranges: Sequence[NumberRange]) -> int:
    """How many numbers are left."""
    return sum(one.left for one in ranges)


def overlaps(fresh: NumberRange) -> ConflictError:
    return ConflictError(
        f"A number of {fresh.symbol} from {fresh.first} to {fresh.last} is in another range already.",
        vi=f"Dải số {fresh.first}-{fresh.last} của ký hiệu {fresh.symbol} trùng với dải đã đăng ký.",
        what="receipt_range_overlaps",
    )


def goes_back(fresh: NumberRange) -> ConflictError:
    return ConflictError(
        f"{fresh.unit} has given higher numbers of {fresh.symbol} already; numbers only go up.",
        vi=f"{fresh.unit} đã dùng số lớn hơn của ký hiệu {fresh.symbol}; số biên lai chỉ được tăng.",
        what="receipt_range_goes_back",
    )
