"""Amounts and days as Vietnamese accounting writes them, in words and in figures. Pure.

num2words 0.5.14 does not do: it says `chín nghìn tỷ chín trăm … tỷ` (tỷ twice) and leaves out `không trăm`.
"""

from __future__ import annotations

from datetime import date

from gateway.domain import InvalidValueError

MOST = 9_999_999_999_999
DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES = ("", "nghìn", "triệu")
BILLION = 1_000_000_000


def in_figures(amount: int) -> str:
    """`150.000`, as Vietnamese writes it."""
    return f"{amount:,}".replace(",", ".")


def day_text(day: date) -> str:
    """Day, month, year (NĐ 254/2026 Art 24(5); PAY-11)."""
    return f"{day:%d/%m/%Y}"


def amount_in_words(amount: int) -> str:
    """Whole đồng, `Một trăm năm mươi nghìn đồng`. `InvalidValueError` outside 0 … 9,999,999,999,999."""
    said = number_in_words(amount)
    return f"{said[0].upper()}{said[1:]} đồng"


def number_in_words(number: int) -> str:
    """Number `linh`, not `lẻ`; `nghìn`, not `ngàn`; a group within a number has its hundreds said."""
    if not 0 <= number <= MOST:
        raise InvalidValueError(
            f"Only 0 to {MOST} can be said in words.", message_vi=f"Chỉ đọc được số từ 0 đến {MOST} bằng chữ."
        )
    if number == 0:
        return DIGITS[0]
    billions, rest = divmod(number, BILLION)
    parts = [_below_billion(billions, first=True), "tỷ"] if billions else []
    if rest:
        parts.append(_below_billion(rest, first=not billions))
    return " ".join(parts)


def _below_billion(number: int, *, first: bool) -> str:
    """`first`: nothing is said before it, so that its own leading zeros are silent."""
    parts: list[str] = []
    for power in (2, 1, 0):
        group = number // 1000**power % 1000
        if group:
            parts += [_group(group, whole=not first), SCALES[power]]
            first = False
    return " ".join(part for part in parts if part)


def _group(number: int, *, whole: bool) -> str:
    """1 to 999; `whole`: with its hundreds, even if there are none."""
    hundreds, rest = divmod(number, 100)
    parts = [f"{DIGITS[hundreds]} trăm"] if hundreds or whole else []
    if rest:
        parts.append(f"linh {DIGITS[rest]}" if parts and rest < 10 else _below_hundred(rest))
    return " ".join(parts)


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return DIGITS[ones]
    said = "mười" if tens == 1 else f"{DIGITS[tens]} mươi"
    if ones == 0:
        return said
    one = {1: "mốt" if tens > 1 else "một", 4: "tư" if tens > 1 else "bốn", 5: "lăm"}.get(ones, DIGITS[ones])
    return f"{said} {one}"
