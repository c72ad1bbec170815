"""MaXacThuc: SHA-256 over the values joined with `|`, the shared secret last (contract, section 2.8). Not an HMAC.

Because values are only joined, a `|` inside one would let them shift across their borders: it is refused on both sides.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

INIT = (
    "LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "SoTien", "LoaiHinhThanhToan", "MaKenhThanhToan", "MaThietBi",
    "NgonNgu", "MaTienTe", "MaNganHang", "ThongTinGiaoDich", "ThoiGianGD", "Ip",
)  # fmt: skip
NOTICE = (
    "LoaiBanTin", "MaLoi", "MaDoiTac", "MaThamChieu", "SoTien", "MaTienTe", "MaGiaoDich", "MaNganHang", "ThoiGianGD",
    "ThongTinGiaoDich",
)  # fmt: skip
QUERY = ("LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD")


def sign(message: Mapping[str, Any], order: Sequence[str], secret: str) -> str:
    """Lower-case hex. The values are taken exactly as they stand: no rounding, no normalising."""
    joined = "|".join([*(str(message[name]) for name in order), secret])
    return hashlib.sha256(joined.encode()).hexdigest()


def holds(message: Mapping[str, Any], order: Sequence[str], secrets: Iterable[str]) -> bool:
    """Whether `MaXacThuc` was made with one of the secrets over exactly these values."""
    given = message.get("MaXacThuc")
    if not isinstance(given, str) or not given.isascii() or not is_signable(message, order):
        return False
    return any(hmac.compare_digest(given.encode(), sign(message, order, secret).encode()) for secret in secrets)


def is_signable(message: Mapping[str, Any], order: Sequence[str]) -> bool:
    """Every signed value is a text or a whole number, and none smuggles a separator in."""
    return all(_is_signable(message.get(name)) for name in order)


def _is_signable(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int) or "|" in str(value):
        return False
    try:
        str(value).encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can say it, UTF-8 cannot
        return False
    return True
