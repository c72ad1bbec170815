"""FileThongBaoThue: base64 of XML, DATA > BODY > ROW_LIST with MA_HSO and rows of decisions (contract, 6.5)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from gateway.sdk import ProtocolViolation
from gateway.sdk.soap import read_xml

OF_A_ROW = frozenset({"MA_SO_THUE", "SO_QUYET_DINH", "NGAY_QUYET_DINH", "TEN_TIEUMUC", "TEN_TIEU_MUC", "SO_TIEN"})


def read(text: Any) -> tuple[str, list[dict[str, str]]]:
    """MA_HSO and the rows. `ProtocolViolation`: not such a file, about no or several dossiers, or built to harm."""
    document = read_xml(_decoded(text))
    body = document.value.get("BODY") if document.name == "DATA" and isinstance(document.value, dict) else None
    lists = list(_each(body.get("ROW_LIST"))) if isinstance(body, dict) else []
    codes = {code for found in lists for code in _texts(found, "MA_HSO")}
    rows = [row for found in lists for row in _rows(found)]
    if len(codes) != 1 or not rows:
        raise ProtocolViolation("The tax notice does not have one MA_HSO and rows.")
    return codes.pop(), rows


def _decoded(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ProtocolViolation("FileThongBaoThue is missing.")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ProtocolViolation("FileThongBaoThue is not base64.") from exc


def _rows(value: Any) -> Iterator[dict[str, str]]:
    """Whatever is a row, at any depth: whether LIST repeats or holds the rows is not public."""
    for item in _each(value):
        own = {name: inner for name, inner in item.items() if name in OF_A_ROW and isinstance(inner, str)}
        if own:
            yield own
        for name, inner in item.items():
            if name not in OF_A_ROW:
                yield from _rows(inner)


def _texts(value: Any, name: str) -> Iterator[str]:
    for item in _each(value):
        for key, inner in item.items():
            if key == name and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner, name)


def _each(value: Any) -> Iterator[dict[str, Any]]:
    """The objects among a repeated or a single element."""
    yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict))
