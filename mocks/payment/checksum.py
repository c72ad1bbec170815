"""MaXacThuc: section 2.8 of the contract page, written from the page alone.

Lower-case hex SHA-256 of the UTF-8 text of the parts joined by "|", the shared secret last. It is not an HMAC, and no
separator ends the text. Values are hashed exactly as received, never normalised.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

INIT = (
    "LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "SoTien", "LoaiHinhThanhToan", "MaKenhThanhToan", "MaThietBi",
    "NgonNgu", "MaTienTe", "MaNganHang", "ThongTinGiaoDich", "ThoiGianGD", "Ip",
)  # fmt: skip
IPN = (
    "LoaiBanTin", "MaLoi", "MaDoiTac", "MaThamChieu", "SoTien", "MaTienTe", "MaGiaoDich", "MaNganHang", "ThoiGianGD",
    "ThongTinGiaoDich",
)  # fmt: skip
QUERY = ("LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD")  # GET_BILL too
MOCK_ACK = ("MaLoi", "MaDoiTac", "MaThamChieu", "ThoiGianGD")  # MOCK-ACK-ORDER: the official order is unknown


def checksum(message: Mapping[str, Any], order: Iterable[str], secret: str) -> str:
    """The MaXacThuc of a message that has every signed field. A number counts as JSON writes it."""
    return hashlib.sha256("|".join([*(str(message[name]) for name in order), secret]).encode()).hexdigest()


def verify(message: Mapping[str, Any], order: Iterable[str], secrets: Iterable[str]) -> bool:
    """Whether MaXacThuc is right under one of the secrets: two are active while one replaces the other."""
    names = tuple(order)
    if any(name not in message or isinstance(message[name], float) for name in names):
        return False  # 150000.0 is no amount, whoever signed it
    given = str(message.get("MaXacThuc", "")).encode()
    return any(hmac.compare_digest(given, checksum(message, names, secret).encode()) for secret in secrets)


def smuggles_separator(message: Mapping[str, Any], order: Iterable[str]) -> bool:
    """Whether a signed value holds "|", which would let values move across field borders."""
    return any("|" in str(message.get(name, "")) for name in order)
