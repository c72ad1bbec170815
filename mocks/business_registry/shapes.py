"""How one and the same answer may look on the wire: lists of one as objects, numbers as texts (contract, 4.2, 4.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

LISTS = {
    "Representatives", "BusinessActivity", "Member",
    "GetEntCert", "TinhTrangPhapLy", "DaiDienPhapLuat", "ThongTinCaNhan", "DiaChiTruSo", "DiaChi", "NganhNgheKinhDoanh",
}  # fmt: skip
"""Names under which the contract has a list. `DiaChi` and `TinhTrangPhapLy` are names of texts, too."""
_DIGITS = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def collapsed(document: Any, how: str) -> Any:
    """`always`: every list of one is its only item. `never`: what the contract calls a list is one. Else: as it is."""
    if how == "always":
        return _each(document, lambda _, value: value[0] if isinstance(value, list) and len(value) == 1 else value)
    if how == "never":
        return _each(document, lambda key, value: [value] if key in LISTS and isinstance(value, dict) else value)
    return document


def numbered(document: Any, how: str) -> Any:
    """`texts`: every number is a text. `numbers`: a text of digits without a leading zero is a number."""
    if how == "texts":
        return _each(document, lambda _, value: str(value) if _is_number(value) else value)
    if how == "numbers":
        return _each(document, lambda _, value: int(value) if _is_digits(value) else value)
    return document


def _each(value: Any, change: Callable[[str, Any], Any], key: str = "") -> Any:
    """The document with `change(name, value)` in place of every value, from the inside out."""
    if isinstance(value, dict):
        return change(key, {name: _each(inner, change, name) for name, inner in value.items()})
    if isinstance(value, list):
        return change(key, [_each(inner, change) for inner in value])
    return change(key, value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and _DIGITS.fullmatch(value) is not None
