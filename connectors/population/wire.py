"""Their messages: the credentials of a call, the request's elements, and the person in either shape of the reply.

Contract page population_and_business, sections 3.2 (headers), 3.3 (request) and 3.4 (reply).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

REQUEST_NAMESPACE = "http://dancuquocgia.bca"
REPLY_NAMESPACE = "http://www.mic.gov.vn/dancu/1.0"
ADDRESSES = ("NoiDangKyKhaiSinh", "QueQuan", "ThuongTru", "NoiOHienTai")
RELATIVES = ("Cha", "Me", "VoChong", "NguoiDaiDien", "ChuHo")


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def password(*, sv_url: str, username: str, timestamp: str, secret: str) -> str:
    """`lowercase_hex(SHA-256(sv_url + username + timestamp + secret))`, UTF-8, nothing between (3.2)."""
    return hashlib.sha256(f"{sv_url}{username}{timestamp}{secret}".encode()).hexdigest()


def timestamp(at: datetime, unit: str) -> str:
    """Epoch time, in the unit that the province was told."""
    return str(int(at.timestamp() * (1000 if unit == "ms" else 1)))


def birth(text: str, date_format: str) -> dict[str, str]:
    """`NgayThangNamSinh`: `NgayThangNam`, or `Nam` when only the year is known."""
    if len(text) == 4:
        return {"Nam": text}
    return {"NgayThangNam": datetime.strptime(text, "%Y-%m-%d").strftime(date_format)}  # noqa: DTZ007 - a calendar date


def person(collection: Any) -> dict[str, Any] | None:
    """The one person of a `CongdanCollection`, in one shape whichever was received; None when there is none.

    A `CongDan` without a name counts as none, as every consumer reads it (3.7).
    """
    found = collection.get("CongDan") if isinstance(collection, Mapping) else None
    if isinstance(found, list):
        found = found[0] if len(found) == 1 else None
    if not isinstance(found, Mapping) or not full_name(found.get("HoVaTen")):
        return None
    plain = {name: value for name, value in found.items() if isinstance(value, str)}
    return {
        **plain,
        "HoVaTen": full_name(found.get("HoVaTen")),
        "DanToc": _code(found.get("DanToc"), "MaDanToc"),
        "TonGiao": _code(found.get("TonGiao"), "MaTonGiao"),
        "NgaySinh": _born(found.get("NgayThangNamSinh")),
        **{name: _address(found.get(name)) for name in ADDRESSES},
        **{name: _relative(found.get(name)) for name in RELATIVES},
    }


def numbers(found: Mapping[str, Any]) -> set[str]:
    """The numbers that a record says it is about."""
    return {str(found[name]).strip() for name in ("SoDinhDanh", "SoCMND") if str(found.get(name) or "").strip()}


def is_many(collection: Any) -> bool:
    """More than one person: the contract knows no such reply, and none of them may be picked."""
    return isinstance(collection, Mapping) and isinstance(collection.get("CongDan"), list)


def full_name(value: Any) -> str:
    """Plain text, or `Ho`, `ChuDem` and `Ten`, of which the first two mostly come empty."""
    if isinstance(value, Mapping):
        return " ".join(part for key in ("Ho", "ChuDem", "Ten") if (part := str(value.get(key) or "").strip()))
    return str(value or "").strip()


def _code(value: Any, key: str) -> str:
    return str(value.get(key) or "") if isinstance(value, Mapping) else str(value or "")


def _born(value: Any) -> str:
    """ISO: `yyyyMMdd` as received, `yyyy-MM-dd` in QCVN 109, or a year alone. Anything else says nothing."""
    if not isinstance(value, Mapping):
        value = {"NgayThangNam": value}
    digits = str(value.get("NgayThangNam") or "").replace("-", "")
    if len(digits) == 8 and digits.isdecimal():
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    year = str(value.get("Nam") or "")
    return year if len(year) == 4 and year.isdecimal() else ""


def _address(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    names = ("MaTinhThanh", "MaQuanHuyen", "MaPhuongXa", "MaDonViHanhChinh", "ChiTiet", "QuocGia")
    return {name: str(value[name]) for name in names if value.get(name)}


def _relative(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    names = ("QuocTich", "SoDinhDanh", "SoCMND", "QuanHe")
    found = {name: str(value[name]) for name in names if value.get(name)}
    name = full_name(value.get("HoVaTen"))
    return {**found, "HoVaTen": name} if name else found
