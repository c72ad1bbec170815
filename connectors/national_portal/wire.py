"""Their envelope: `error_code` in all its spellings, and what a look-up shows (contract, sections 3 and 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ALREADY_THERE = "đã tồn tại"


def error_code(document: Mapping[str, Any]) -> int | None:
    """0, "0" and "00" are success (3.3); None: there is no code that can be read, so nothing was said."""
    value = document.get("error_code")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(str(value).strip())
    except ValueError:
        return None


def message(document: Mapping[str, Any]) -> str:
    value = document.get("message")
    return value if isinstance(value, str) else ""


def found(document: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """`result` of TraCuuHoSo; None: it is not a list, so it says nothing."""
    result = document.get("result")
    if not isinstance(result, list):
        return None
    return [item for item in result if isinstance(item, Mapping)]


def holds(shown: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether a shown item has every value that we sent. Its field names are not public: case is ignored."""
    by_name = {str(name).upper(): value for name, value in shown.items()}
    return all(name.upper() in by_name and _same(by_name[name.upper()], value) for name, value in sent.items())


def _same(shown: Any, sent: Any) -> bool:
    if isinstance(sent, Mapping):
        return isinstance(shown, Mapping) and holds(shown, sent)
    if isinstance(sent, list):
        pairs = zip(shown, sent, strict=True) if isinstance(shown, list) and len(shown) == len(sent) else None
        return pairs is not None and all(_same(left, right) for left, right in pairs)
    return bool(shown == sent)
