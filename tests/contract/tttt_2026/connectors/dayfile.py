"""The file of a day: base64 of lines with 22 columns between pipes, and at last `count|total|checksum`."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from gateway.sdk import ProtocolViolation

COLUMNS = 22
USED = ("MaGiaoDich", "MaHoaDon", "Loai", "TrangThai", "SoTien", "MaTienTe", "ThoiGian", "TKThuHuong", "MaNganHang")
"""Ours: the names of the real columns are unknown."""
MEANING = {
    ("COLLECTION", "SUCCESS"): ("payment", "paid"),
    ("COLLECTION", "FAILED"): ("payment", "failed"),
    ("REFUND", "SUCCESS"): ("refund", "refunded"),
    ("REFUND", "FAILED"): ("refund", "failed"),
}


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    """`ProtocolViolation` when a line, the count, the total or the checksum does not fit: nothing is half believed."""
    try:
        text = base64.b64decode(str(document.get("MOCK_NoiDung", "")), validate=True).decode()
    except (binascii.Error, ValueError) as exc:
        raise ProtocolViolation("The file of the day is not base64 of UTF-8.") from exc
    *lines, summary = text.split("\n")
    rows = [line.split("|") for line in lines]
    if any(len(row) != COLUMNS or not row[4].isdecimal() for row in rows):
        raise ProtocolViolation("A line of the day's file has not 22 columns, or no amount.")
    total = sum(int(row[4]) for row in rows)
    if summary != f"{len(rows)}|{total}|{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()}":
        raise ProtocolViolation("Count, total or checksum of the day's file does not fit its lines.")
    return {"lines": [_line(row) for row in rows], "count": len(rows), "total": total}


def _line(row: list[str]) -> dict[str, str]:
    named = dict(zip(USED, row, strict=False))
    if (named["Loai"], named["TrangThai"]) not in MEANING:
        raise ProtocolViolation("A line of the day's file is of no kind or state that is known.")
    kind, status = MEANING[named["Loai"], named["TrangThai"]]
    return {**named, "kind": kind, "status": status}
