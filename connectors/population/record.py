"""The person in a `CongdanCollection`, in one shape whichever was received (contract, 3.4).

As received: whole names in `Ten`, `yyyyMMdd`, plain codes. QCVN 109: split names, ISO dates, `DanToc{MaDanToc,TenGoi}`,
`TonGiao{MaTonGiao}`, `MaDonViHanhChinh`, attributes at the root. Every element is optional.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

ADDRESSES = ("NoiDangKyKhaiSinh", "QueQuan", "ThuongTru", "NoiOHienTai")
RELATIVES = ("Cha", "Me", "VoChong", "NguoiDaiDien", "ChuHo")
ATTRIBUTES = {"SoCongDan", "GhiChu", "ThoiDiemDuLieu", "id"}
"""Of the collection in QCVN 109; a facade that makes JSON of XML puts them beside `CongDan`."""
PLAIN = ("SoDinhDanh", "SoCMND", "GioiTinh", "TinhTrangHonNhan", "NhomMau", "QuocTich", "SoSoHoKhau")


def people(collection: Any) -> Sequence[Mapping[str, Any]] | None:
    """Each `CongDan`; none when the collection holds none. None: this is no collection, or its parts are no people.

    An empty `CongDan` is a person of whom nothing is said.
    """
    if collection == "":
        return []
    if not isinstance(collection, Mapping):
        return None
    found = collection.get("CongDan", [])
    people = [{} if person == "" else person for person in (found if isinstance(found, list) else [found])]
    return people if all(isinstance(person, Mapping) for person in people) else None


def says_nothing(person: Any) -> bool:
    """Not one text in it."""
    if isinstance(person, Mapping):
        return all(says_nothing(part) for part in person.values())
    if isinstance(person, list):
        return all(says_nothing(part) for part in person)
    return not str(person if person is not None else "").strip()


def says_more(collection: Any) -> bool:
    """Whether a collection tells something beside people and its own attributes: an error, a name spelled otherwise."""
    beside = collection.items() if isinstance(collection, Mapping) else ()
    known = ATTRIBUTES | {"CongDan"}
    return any(not (name in known or name.startswith(("xmlns", "xsi:")) or says_nothing(told)) for name, told in beside)


def carries(person: Mapping[str, Any], number: str) -> bool:
    return number in {text(person.get("SoDinhDanh")), text(person.get("SoCMND"))}


def is_about_another(person: Mapping[str, Any], number: str) -> bool:
    """Like is compared with like: a record that does not show its old card number contradicts no old card."""
    held = text(person.get("SoCMND" if len(number) == 9 else "SoDinhDanh"))
    return bool(held) and held != number


def read(person: Mapping[str, Any]) -> dict[str, Any]:
    """One person in one shape, for the mapping. What was left out is empty."""
    peoples_group = person.get("DanToc")
    return {
        **{name: text(person.get(name)) for name in PLAIN},
        "HoVaTen": full_name(person.get("HoVaTen")),
        "DanToc": _code(peoples_group, "MaDanToc"),
        "TenDanToc": text(peoples_group.get("TenGoi")) if isinstance(peoples_group, Mapping) else "",
        "TonGiao": _code(person.get("TonGiao"), "MaTonGiao"),
        "NgaySinh": _born(person.get("NgayThangNamSinh")),
        **{name: _address(person.get(name)) for name in ADDRESSES},
        **{name: _relative(person.get(name)) for name in RELATIVES},
    }


def full_name(value: Any) -> str:
    """Plain text, or `Ho`, `ChuDem` and `Ten`, of which the first two mostly come empty."""
    if isinstance(value, Mapping):
        return " ".join(part for key in ("Ho", "ChuDem", "Ten") if (part := text(value.get(key))))
    return text(value)


def moment(value: Any) -> str:
    """`ThoiDiemDuLieu`, an XML dateTime; empty when it is none, so that nothing is claimed."""
    told = text(value)
    try:
        read_moment = datetime.fromisoformat(told)
    except ValueError:
        return ""
    return told if "T" in told and 1000 <= read_moment.year <= 9998 else ""


def text(value: Any) -> str:
    """A text, or a number that a facade made of one; anything else says nothing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _code(value: Any, key: str) -> str:
    return text(value.get(key)) if isinstance(value, Mapping) else text(value)


def _born(value: Any) -> str:
    """ISO: `yyyyMMdd` as received, `yyyy-MM-dd` in QCVN 109, or a year alone. Anything else says nothing."""
    parts = value if isinstance(value, Mapping) else {"NgayThangNam": value}
    digits = text(parts.get("NgayThangNam")).replace("-", "")
    if len(digits) == 8 and digits.isascii() and digits.isdecimal():
        iso = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
        return iso if _is_day(iso) else ""
    year = text(parts.get("Nam")) or digits
    return year if len(year) == 4 and year.isascii() and year.isdecimal() else ""


def _is_day(iso: str) -> bool:
    try:
        return date.fromisoformat(iso) is not None
    except ValueError:
        return False


def _address(value: Any) -> dict[str, str]:
    names = ("MaTinhThanh", "MaQuanHuyen", "MaPhuongXa", "MaDonViHanhChinh", "ChiTiet", "QuocGia")
    return _texts(value, names)


def _relative(value: Any) -> dict[str, str]:
    found = _texts(value, ("QuocTich", "SoDinhDanh", "SoCMND", "QuanHe"))
    name = full_name(value.get("HoVaTen")) if isinstance(value, Mapping) else ""
    return {**found, "HoVaTen": name} if name else found


def _texts(value: Any, names: Sequence[str]) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {name: found for name in names if (found := text(value.get(name)))}
