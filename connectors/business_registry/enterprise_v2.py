"""`GetEntCert[]` (contract, section 4.4). Every list may have collapsed to its only item."""

from __future__ import annotations

from typing import Annotated, Any

from connectors.business_registry.wire import Count, Listed, Text, Wire, dated, renamed, said


class Status(Wire):
    """One of `TinhTrangPhapLy`."""

    TinhTrangPhapLy: Text = ""
    MaTinhTrangPhapLy: Text = ""
    NgayBatDauTamNgung: Text = ""
    NgayKetThucTamNgung: Text = ""
    LyDoTamNgung: Text = ""


class Person(Wire):
    """One of `ThongTinCaNhan`."""

    HoVaTen: Text = ""
    LoaiGiayToChungThuc: Text = ""
    MaLoaiGiayToChungThuc: Text = ""
    SoGiayChungThuc: Text = ""
    NgayCap: Text = ""
    NoiCap: Text = ""
    QuocTich: Text = ""
    MaQuocTich: Text = ""


class Representatives(Wire):
    """One of `DaiDienPhapLuat`."""

    ThongTinCaNhan: Annotated[tuple[Person, ...], Listed] = ()


class Place(Wire):
    """One of `DiaChi`. The ids are the registry's own, never codes of administrative units: zeros may be lost."""

    QuocGia: Text = ""
    MaQuocGia: Text = ""
    TenTinhThanh: Text = ""
    MaTinhThanh: Text = ""
    TenQuanHuyen: Text = ""
    MaQuanHuyen: Text = ""
    TenPhuongXa: Text = ""
    MaPhuongXa: Text = ""
    DiaChi: Text = ""
    SoNha: Text = ""


class HeadOffice(Wire):
    """One of `DiaChiTruSo`."""

    DiaChi: Annotated[tuple[Place, ...], Listed] = ()


class Activity(Wire):
    """One of `NganhNgheKinhDoanh`."""

    MaNganh: Text = ""
    TenNganh: Text = ""
    LaNganhChinh: Text = ""


class Certificate(Wire):
    """`EntCert`."""

    MaNoiBo: Text = ""
    MaSoDoanhNghiep: Text = ""
    SoGCNDKKD: Text = ""
    MaLoaiHinhDN: Text = ""
    LoaiHinhDN: Text = ""
    TenTiengViet: Text = ""
    TenNuocNgoai: Text = ""
    TenVietTat: Text = ""
    NgayDangKyLanDau: Text = ""
    NgayDangKyThayDoi: Text = ""
    SoLanDangKyThayDoi: Count = None
    TinhTrangPhapLy: Annotated[tuple[Status, ...], Listed] = ()
    DaiDienPhapLuat: Annotated[tuple[Representatives, ...], Listed] = ()
    DiaChiTruSo: Annotated[tuple[HeadOffice, ...], Listed] = ()
    NganhNgheKinhDoanh: Annotated[tuple[Activity, ...], Listed] = ()


class Certificates(Wire):
    """The whole reply."""

    GetEntCert: Annotated[tuple[Certificate, ...], Listed]


MAIN = {
    "internal_code": "MaNoiBo",
    "certificate": "SoGCNDKKD",
    "name": "TenTiengViet",
    "short_name": "TenVietTat",
    "foreign_name": "TenNuocNgoai",
    "type_code": "MaLoaiHinhDN",
    "type_name": "LoaiHinhDN",
    "changes": "SoLanDangKyThayDoi",
}
DATES = {"founded": "NgayDangKyLanDau", "changed": "NgayDangKyThayDoi"}
STATUS = {"name": "TinhTrangPhapLy", "code": "MaTinhTrangPhapLy", "reason": "LyDoTamNgung"}
SUSPENDED = {"from": "NgayBatDauTamNgung", "to": "NgayKetThucTamNgung"}
PERSON = {
    "name": "HoVaTen",
    "document_type": "LoaiGiayToChungThuc",
    "document_type_code": "MaLoaiGiayToChungThuc",
    "document_number": "SoGiayChungThuc",
    "issued_by": "NoiCap",
    "nationality": "QuocTich",
    "nationality_code": "MaQuocTich",
}
ADDRESS = {
    "full": "DiaChi",
    "street": "SoNha",
    "ward": "TenPhuongXa",
    "ward_id": "MaPhuongXa",
    "district": "TenQuanHuyen",
    "district_id": "MaQuanHuyen",
    "province": "TenTinhThanh",
    "province_id": "MaTinhThanh",
    "country": "QuocGia",
    "country_code": "MaQuocGia",
}
ACTIVITY = {"code": "MaNganh", "name": "TenNganh"}
IS_MAIN = {"1": True, "0": False}


def shape(found: Certificate, code: str) -> dict[str, Any]:
    """What the mapping reads, for both generations; `code` is the one that was asked for."""
    places = said(renamed(place, ADDRESS) for office in found.DiaChiTruSo for place in office.DiaChi)
    people = [person for block in found.DaiDienPhapLuat for person in block.ThongTinCaNhan]
    return {
        **renamed(found, MAIN),
        **dated(found, DATES, slashed=False),
        "code": code,
        "status": "; ".join(s.TinhTrangPhapLy for s in found.TinhTrangPhapLy if s.TinhTrangPhapLy),
        "status_code": "; ".join(s.MaTinhTrangPhapLy for s in found.TinhTrangPhapLy if s.MaTinhTrangPhapLy),
        "statuses": said(
            {**renamed(status, STATUS), **dated(status, SUSPENDED, slashed=False)} for status in found.TinhTrangPhapLy
        ),
        "address": places[0] if places else {},
        "other_addresses": places[1:],
        "people": said(
            {**renamed(person, PERSON), **dated(person, {"issued": "NgayCap"}, slashed=False)} for person in people
        ),
        "activities": said(
            {**renamed(activity, ACTIVITY), "main": IS_MAIN.get(activity.LaNganhChinh.strip())}
            for activity in found.NganhNgheKinhDoanh
        ),
    }
