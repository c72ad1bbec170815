"""A day's transactions as the platform saw them. PPDVCQG 1.0.6 shows no such operation to agencies; the layout is ours
and is marked MOCK-RECON: what a province agrees on with the platform replaces this file alone.

    MOCK-RECON|{yyyy-mm-dd}|{MaDoiTac}|{count}|{total}|{checksum}
    MaGiaoDich|MaThamChieu|PAY or REFUND|TrangThaiGD|SoTien|MaTienTe|ThoiGianGD|TKThuHuong|MaNganHang

`total` is the sum of all SoTien, whole đồng. `checksum`: as 2.8, SHA-256 in lower-case hex, over the head without it, a
line feed, the lines (each with its line feed) and the secret. One that does not hold in count, total or checksum is no
list: half of it would be discrepancies that are none.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from connectors.payment import wire
from gateway.sdk import ProtocolViolation, TransientRemoteError, WireReply

MARK = "MOCK-RECON"
HEAD = 6
FIELDS = (
    "MaGiaoDich", "MaThamChieu", "Loai", "TrangThaiGD", "SoTien", "MaTienTe", "ThoiGianGD", "TKThuHuong", "MaNganHang",
)  # fmt: skip
RESULTS = {
    ("PAY", "1"): ("payment", "paid"),
    ("PAY", "4"): ("payment", "failed"),
    ("REFUND", "1"): ("refund", "refunded"),
    ("REFUND", "4"): ("refund", "failed"),
}
LABELS = frozenset({"", "text/plain", "text/csv", "application/octet-stream"})


def read(reply: WireReply, *, day: str, partner: str, secrets: Sequence[str]) -> dict[str, Any]:
    """The list with its control totals. `ProtocolViolation`: it is not whole, or is another day's or partner's."""
    if not reply.content:
        raise TransientRemoteError("The list of transactions is empty: it lacks its head.", what="empty_reply")
    if reply.media_type not in LABELS:
        raise ProtocolViolation("The list of transactions is labelled as something else.")
    try:
        text = reply.content.decode()
    except UnicodeDecodeError as exc:
        raise ProtocolViolation("The list of transactions is not UTF-8.") from exc
    head, feed, rest = text.partition("\n")
    parts = head.split("|")
    if not feed or len(parts) != HEAD or (rest and not rest.endswith("\n")):
        raise ProtocolViolation("The list of transactions is cut off, or has another head.")
    if parts[:3] != [MARK, day, partner]:
        raise ProtocolViolation("The list of transactions is of another day or partner.")
    if not any(hmac.compare_digest(parts[5].encode(), sign(parts[:5], rest, key).encode()) for key in secrets):
        raise ProtocolViolation("The checksum of the list of transactions does not hold.")
    lines = [_line(line) for line in rest.split("\n")[:-1]]
    count, total = _number(parts[3]), _number(parts[4])
    if (count, total) != (len(lines), sum(line["SoTien"] for line in lines)):
        raise ProtocolViolation("Count or total of the list of transactions does not hold.")
    return {"GiaoDich": lines, "SoLuong": count, "TongTien": total}


def sign(head: Sequence[str], rest: str, secret: str) -> str:
    """The checksum of a list with this head and these lines."""
    return hashlib.sha256(f"{'|'.join(head)}\n{rest}{secret}".encode()).hexdigest()


def _line(text: str) -> dict[str, Any]:
    values = text.split("|")
    if len(values) != len(FIELDS) or not all(len(value) <= wire.LONGEST and value.isprintable() for value in values):
        raise ProtocolViolation("A line of the list of transactions has other fields, or endless ones.")
    line: dict[str, Any] = dict(zip(FIELDS, values, strict=True))
    result = RESULTS.get((line["Loai"], line["TrangThaiGD"]))
    if result is None or not line["MaGiaoDich"] or not line["MaTienTe"] or not wire.is_moment(line["ThoiGianGD"]):
        raise ProtocolViolation("A line of the list of transactions could not be read.")
    kind, status = result
    return {**line, "SoTien": _number(line["SoTien"]), "Loai": kind, "KetQua": status}


def _number(text: str) -> int:
    """Digits, and no more of them than an amount or their sum can have."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ProtocolViolation("A number of the list of transactions is none.")
    return int(text)
