"""What the mock adapter demands of its messages: contract section 13.

The official field table is unknown, so every complaint is ours and begins with `MOCK-`. Complaints name fields, never
values: values are personal data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mocks.portal_adapter.book import File

Item = Mapping[str, Any]

CREATION = (
    "MaHoSo", "MaTTHC", "MaDichVuCong", "ChuHoSo", "LoaiDoiTuong", "MaDonViTiepNhan", "NgayNop", "NgayTiepNhan",
    "ThanhPhanHoSo", "ThongTinNguoiNop",
)  # fmt: skip
PERSON = (
    "TenNguoiNop", "SoDinhDanh", "NgayCapDinhDanh", "NgaySinh", "SoDienThoai", "Email", "Fax", "MaTinh", "MaXa",
    "DiaChiChiTiet", "TenChuHs", "SoDinhDanhChuHs", "MaTinhChuHs", "MaXaChuHs", "DiaChiChiTietChuHs",
)  # fmt: skip
COMPONENT = ("MaThanhPhanHoSo", "TenThanhPhanHoSo", "SoLuong", "LoaiBan", "GiayToDinhKem")
PAPER = ("IdGiayTo", "MaKetQua", "TenGiayTo", "HashTepTin")
STEP = ("IDHoSo", "MaHoSo", "NguoiXuLy", "ThoiDiemXuLy", "PhongBanXuLy", "NoiDungXuLy", "TrangThai")
"""MOCK-PLANNED: NgayBatDau and NgayKetThucTheoQuyDinh may be missing, as in 5.2, though section 13 does not say so."""
UPDATE = ("IdHoSo", "MaHoSo", "TrangThai")
APPLICANT = ("LoaiDoiTuong", "IdDoiTuong")
LISTS = ("DanhSachLePhi", "DanhSachGiayToKetQua")
MAY_BE_EMPTY = frozenset(
    {"MaDichVuCong", "MaThanhPhanHoSo", "MaKetQua", "PhongBanXuLy", "IdDoiTuong", *PERSON} - {"TenNguoiNop"}
)
DISTRICTS = frozenset({"MaHuyenChuHs"})
"""MaHuyen of the applicant is optional; the owner block has no district at all."""

FORMS = {
    "spaced": (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII), "%Y-%m-%d %H:%M:%S"),
    "packed": (re.compile(r"\d{14}", re.ASCII), "%Y%m%d%H%M%S"),
    "iso": (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", re.ASCII), "%Y-%m-%dT%H:%M:%S.%f"),
}
DOSSIER_CODE = re.compile(r"[0-9A-Z]{1,4}(?:\.[0-9A-Z]{1,6}){0,6}-(?:\d{6}|\d{8})-\d{4,7}", re.ASCII)
MONEY = re.compile(r"\d{1,15}", re.ASCII)


def creation_complaints(body: Item, files: Mapping[str, File]) -> list[str]:
    """Everything wrong with a NoiHoSo; an empty list means that it is stored."""
    person = body.get("ThongTinNguoiNop")
    details = person.get("ThongTinChiTiet") if isinstance(person, dict) else None
    found = [*_missing(body, CREATION), *_dates(body, ("NgayNop", "NgayTiepNhan"), "spaced"), *_kind(body)]
    if not isinstance(details, dict) or not isinstance(person, dict):
        return [*found, "MOCK-MANDATORY: thiếu trường ThongTinChiTiet"]
    found += [*_missing(person, APPLICANT), *_missing(details, PERSON)]
    found += [*_dates(details, ("NgaySinh", "NgayCapDinhDanh"), "packed"), *_kind(person)]
    found += [f"MOCK-FIELD: không có trường {name}" for name in DISTRICTS & details.keys()]
    if not DOSSIER_CODE.fullmatch(str(body.get("MaHoSo", ""))):
        found.append("MOCK-CODE: mã hồ sơ không đúng cấu trúc")
    return [*found, *_components(body.get("ThanhPhanHoSo"), files)]


def step_complaints(step: Item) -> list[str]:
    """Everything wrong with one item of CapNhatTienTrinh."""
    dates = ("ThoiDiemXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh")
    return [*_missing(step, STEP), *_dates(step, dates, "iso"), *_status(step)]


def update_complaints(update: Item) -> list[str]:
    """Everything wrong with one item of CapNhatTrangThai."""
    found = [*_missing(update, UPDATE), *_status(update)]
    if update.get("TrangThai") not in (5, 6, 9):
        found += [f"MOCK-LISTS: {name} chỉ đi cùng trạng thái 5, 6, 9" for name in LISTS if name in update]
    for name in LISTS:
        if not _objects(update.get(name, [])):
            return [*found, f"MOCK-TYPE: {name} phải là mảng đối tượng"]
    return [*found, *(complaint for fee in update.get("DanhSachLePhi", []) for complaint in _fee(fee))]


def _missing(item: Item, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if item.get(name) is None or (item[name] == "" and name not in MAY_BE_EMPTY):
            yield f"MOCK-MANDATORY: thiếu trường {name}"


def _dates(item: Item, names: tuple[str, ...], form: str) -> Iterator[str]:
    for name in names:
        if item.get(name) and not _is_moment(item[name], form):
            yield f"MOCK-DATE: trường {name} không đúng định dạng"


def _is_moment(value: object, form: str) -> bool:
    pattern, layout = FORMS[form]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        return False
    try:
        datetime.strptime(value, layout)  # noqa: DTZ007 - the wire carries no zone
    except ValueError:
        return False
    return True


def _kind(item: Item) -> Iterator[str]:
    if type(item.get("LoaiDoiTuong")) is not int or item["LoaiDoiTuong"] not in (0, 1, 2):
        yield "MOCK-CODE: LoaiDoiTuong phải là số 0, 1 hoặc 2"


def _status(item: Item) -> Iterator[str]:
    if type(item.get("TrangThai")) is not int or not 1 <= item["TrangThai"] <= 10:
        yield "MOCK-CODE: TrangThai phải là số từ 1 đến 10"


def _fee(fee: Item) -> Iterator[str]:
    if "Gia" in fee and not (isinstance(fee["Gia"], str) and MONEY.fullmatch(fee["Gia"])):
        yield "MOCK-TYPE: Gia phải là chuỗi chữ số"
    if fee.get("LoaiPhiLePhi") not in ("1", "2", "3"):
        yield "MOCK-CODE: LoaiPhiLePhi phải là chuỗi 1, 2 hoặc 3"
    if type(fee.get("HinhThucThu")) is not int or fee["HinhThucThu"] not in (1, 2, 4):
        yield "MOCK-CODE: HinhThucThu phải là số 1, 2 hoặc 4"


def _components(components: object, files: Mapping[str, File]) -> Iterator[str]:
    if not _objects(components):
        yield "MOCK-TYPE: ThanhPhanHoSo phải là mảng đối tượng"
        return
    for component in components:  # type: ignore[attr-defined]  # _objects said that it is a list
        yield from _missing(component, COMPONENT)
        if type(component.get("LoaiBan")) is not int or component["LoaiBan"] not in (0, 1, 2):
            yield "MOCK-CODE: LoaiBan phải là số 0, 1 hoặc 2"
        papers = component.get("GiayToDinhKem")
        if not _objects(papers):
            yield "MOCK-TYPE: GiayToDinhKem phải là mảng đối tượng"
            continue
        for paper in papers:
            yield from _missing(paper, PAPER)
            file = files.get(str(paper.get("IdGiayTo")))
            if file is None or file.hash != paper.get("HashTepTin"):
                yield "MOCK-FILE: IdGiayTo chưa được tải lên, hoặc HashTepTin không khớp"


def _objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
