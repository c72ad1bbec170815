"""What the mock portal demands of a dossier and of a progress step: sections 5.1, 5.2, 8 and 9 and SYN-05.

The official field table is unknown, so every complaint is ours and begins with `MOCK-`. Complaints name fields, never
values: values are personal data.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

MANDATORY = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "LoaiDoiTuong", "Email", "SoDienThoai", "TrichYeuHoSo",
    "NgayTiepNhan", "NgayHenTra", "TrangThaiHoSo", "HinhThuc", "DonViXuLy",
)  # fmt: skip
STEP_MANDATORY = ("MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "NoiDungXuLy", "TrangThai")
DATES = ("NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy", "NgayTuChoi", "NgayNopHoSo")
SUPPLEMENT_DATES = ("NgayBoSung", "NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi")
SUPPLEMENT_ARRAYS = ("DanhSachGiayToBoSung", "DanhSachLePhiBoSung")
STEP_DATES = ("ThoiDiemXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh")
ARRAYS = (
    "TaiLieuNop", "DanhSachLePhi", "DanhSachTepDinhKemKhac", "DanhSachHoSoBoSung", "DanhSachGiayToKetQua",
    "DinhDanhCHS", "DSKetNoiCSDL",
)  # fmt: skip
CODES = {
    "TrangThaiHoSo": frozenset(str(n) for n in range(1, 11)),
    "HinhThuc": frozenset("01"),
    "LoaiDoiTuong": frozenset("1234"),
    "KenhThucHien": frozenset({"", "1", "2", "3"}),
    "DuocThanhToanTrucTuyen": frozenset({"", "0", "1", "2", "3"}),
    "HoSoCoThanhPhanSoHoa": frozenset({"", "0", "1"}),
    "TaiKhoanDuocXacThucVoiVNeID": frozenset({"", "0", "1"}),
}
ITEM_CODES = {
    "IsDeleted": frozenset({"False", "True"}),
    "HinhThucThu": frozenset("124"),
    "LoaiPhiLePhi": frozenset("123"),
    "DuocSoHoa": frozenset({"", "0", "1"}),
    "DuocTaiSuDung": frozenset({"", "0", "1", "2"}),
    "DuocLayTuKhoDMQG": frozenset({"", "0", "1"}),
    "LoaiDinhDanh": frozenset("12"),
}
LIMITS = {"TrichYeuHoSo": 1000, "GhiChu": 2000, "TenTepDinhKem": 4000, "TenGiayTo": 2000, "NguoiXuLy": 50}
NOT_TEXT = frozenset(
    {*ARRAYS, "DanhSachGiayToBoSung", "DanhSachLePhiBoSung", "SoLuong", "LoaiGiayTo", "HoSoBoSungId", "TrangThaiBoSung"}
)  # arrays, and what is an integer or a boolean on the wire
DOSSIER_CODE = re.compile(r"[0-9A-Z]{1,4}(?:\.[0-9A-Z]{1,6}){0,6}-(?:\d{6}|\d{8})-\d{4,7}", re.ASCII)
MONEY = re.compile(r"\d{1,15}", re.ASCII)
NEXT = {
    "1": frozenset({"2", "3", "7"}),
    "2": frozenset({"4", "5", "6", "7", "8", "9"}),
    "4": frozenset({"5", "6", "7", "8", "9"}),
    "5": frozenset({"4", "7", "8"}),
    "6": frozenset({"4", "7", "8"}),
    "9": frozenset({"10"}),
}

Item = Mapping[str, Any]


def dossier_complaints(dossier: Item, *, may_be_empty: Collection[str], check_code: bool) -> list[str]:
    """Everything wrong with a dossier of DongBoHoSoMC; an empty list means that it is stored."""
    return [
        *_missing(dossier, MANDATORY, may_be_empty),
        *_bad_dates(dossier, DATES),
        *_bad_codes(dossier, CODES),
        *_bad_text(dossier),
        *_bad_arrays(dossier, ARRAYS),
        *_bad_supplements(dossier),
        *(_bad_code_pattern(dossier) if check_code else ()),
    ]


def step_complaints(step: Item) -> list[str]:
    """Everything wrong with one step of CapNhatTienDoHoSoMC."""
    return [
        *_missing(step, STEP_MANDATORY, ()),
        *_bad_dates(step, STEP_DATES),
        *_bad_codes(step, {"TrangThai": CODES["TrangThaiHoSo"]}),
        *_bad_text(step),
    ]


def transition_warnings(before: str, after: str) -> list[str]:
    """The order of statuses is not published (section 8.1): a strange step is remarked, never refused."""
    if before == after or after in NEXT.get(before, frozenset()):
        return []
    return [f"MOCK-TRANSITION: trạng thái {before} -> {after}"]


def _missing(item: Item, names: tuple[str, ...], may_be_empty: Collection[str]) -> Iterator[str]:
    for name in names:
        if name not in item or item[name] is None or (item[name] == "" and name not in may_be_empty):
            yield f"MOCK-MANDATORY: thiếu trường {name}"


def _bad_dates(item: Item, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if item.get(name) and not is_moment(item[name]):
            yield f"MOCK-DATE: trường {name} không đúng dạng yyyyMMddHHmmss"


def is_moment(value: object) -> bool:
    """Whether the value is a real moment written yyyyMMddHHmmss, local time, without a zone (section 3.4)."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{14}", value, re.ASCII):
        return False
    try:
        datetime.strptime(value, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the wire carries no zone
    except ValueError:
        return False
    return True


def _bad_codes(item: Item, lists: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for name, allowed in lists.items():
        value = item.get(name)
        if value not in (None, "") and not (isinstance(value, str) and value in allowed):
            yield f"MOCK-CODE: giá trị của trường {name} ngoài danh mục"


def _bad_text(item: Item) -> Iterator[str]:
    for name, value in item.items():
        if name in NOT_TEXT or value is None:
            continue
        if not isinstance(value, str):
            yield f"MOCK-TYPE: trường {name} phải là chuỗi"
        elif len(value) > LIMITS.get(name, len(value)):
            yield f"MOCK-LENGTH: trường {name} quá dài"


def _bad_supplements(dossier: Item) -> Iterator[str]:
    """Rounds of supplements: the wire form of their dates is inferred, so MOCK-DATE is ours here, too (5.1)."""
    rows = dossier.get("DanhSachHoSoBoSung", [])
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            if type(row.get("HoSoBoSungId")) is not int:
                yield "MOCK-TYPE: trường HoSoBoSungId phải là số nguyên"
            yield from _bad_dates(row, SUPPLEMENT_DATES)
            yield from _bad_arrays(row, SUPPLEMENT_ARRAYS)


def _bad_arrays(dossier: Item, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        rows = dossier.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield f"MOCK-TYPE: trường {name} phải là mảng đối tượng"
            continue
        for row in rows:
            yield from (f"{complaint} ({name})" for complaint in (*_bad_text(row), *_bad_codes(row, ITEM_CODES)))
            if "Gia" in row and not (isinstance(row["Gia"], str) and MONEY.fullmatch(row["Gia"])):
                yield f"MOCK-CODE: trường Gia phải là chuỗi chữ số ({name})"


def _bad_code_pattern(dossier: Item) -> Iterator[str]:
    code = dossier.get("MaHoSo")
    if isinstance(code, str) and code and not DOSSIER_CODE.fullmatch(code):
        yield "MOCK-CODE: mã hồ sơ không đúng cấu trúc"
