"""Their replies in both generations, read into one shape (contract, sections 4.2 and 4.4).

Fields that we do not read are ignored, missing ones are empty: the registry adds and omits without notice. Lists may
arrive as a single object. Internal ids of places and codes of states are not public lists, so they stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _listed(value: Any) -> Any:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> Any:
    """Numbers where a text is documented, and null for nothing."""
    return "" if value is None else str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_text)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Token(_Wire):
    """`POST /token`."""

    access_token: str = Field(min_length=1, repr=False)
    expires_in: float = 3600.0


class MainV1(_Wire):
    """`MainInformation`."""

    ENTERPRISE_GDT_CODE: Text = ""
    NAME: Text = ""
    SHORT_NAME: Text = ""
    NAME_F: Text = ""
    ENTERPRISE_TYPE_ID: Text = ""
    ENTERPRISE_TYPE_NAME: Text = ""
    ENTERPRISE_STATUS: Text = ""
    ENTERPRISE_STATUS_NAME: Text = ""
    FOUNDING_DATE: Text = ""
    LAST_AMEND_DATE: Text = ""
    NUMBER_CHANGES: int | None = None
    CAPITAL_AMOUNT: float | None = None
    LEGAL_NAMES: Text = ""


class AddressV1(_Wire):
    """`HOAdress`, spelled so."""

    AddressFullText: Text = ""
    StreetNumber: Text = ""
    WardName: Text = ""
    DistrictName: Text = ""
    CityName: Text = ""


class PersonV1(_Wire):
    FULL_NAME: Text = ""


class ActivityV1(_Wire):
    CODE: Text = ""
    NAME: Text = ""
    IS_MAIN: Text = ""


class MemberV1(_Wire):
    MEMBER_NAME: Text = ""
    AMOUNT: float | None = None
    RATIO_PERCENT: float | None = None
    COUNTRY: Text = ""


class DataV1(_Wire):
    MainInformation: MainV1 | None = None
    HOAdress: AddressV1 | None = None
    Representatives: Annotated[list[PersonV1], BeforeValidator(_listed)] = []
    BusinessActivity: Annotated[list[ActivityV1], BeforeValidator(_listed)] = []
    Member: Annotated[list[MemberV1], BeforeValidator(_listed)] = []


class ReplyV1(_Wire):
    """`Status` "1": answered, "0": refused with a `Message`."""

    Data: DataV1 | None = None
    Status: Text = ""
    Message: Text = ""


class StatusV2(_Wire):
    TinhTrangPhapLy: Text = ""
    MaTinhTrangPhapLy: Text = ""


class PersonV2(_Wire):
    HoVaTen: Text = ""


class RepresentativeV2(_Wire):
    ThongTinCaNhan: Annotated[list[PersonV2], BeforeValidator(_listed)] = []


class PlaceV2(_Wire):
    DiaChi: Text = ""
    SoNha: Text = ""
    TenPhuongXa: Text = ""
    TenQuanHuyen: Text = ""
    TenTinhThanh: Text = ""


class AddressV2(_Wire):
    DiaChi: Annotated[list[PlaceV2], BeforeValidator(_listed)] = []


class ActivityV2(_Wire):
    MaNganh: Text = ""
    TenNganh: Text = ""
    LaNganhChinh: int = 0


class CertificateV2(_Wire):
    """`EntCert`."""

    MaSoDoanhNghiep: Text = ""
    TenTiengViet: Text = ""
    TenVietTat: Text = ""
    TenNuocNgoai: Text = ""
    MaLoaiHinhDN: Text = ""
    LoaiHinhDN: Text = ""
    NgayDangKyLanDau: Text = ""
    NgayDangKyThayDoi: Text = ""
    SoLanDangKyThayDoi: int | None = None
    TinhTrangPhapLy: Annotated[list[StatusV2], BeforeValidator(_listed)] = []
    DaiDienPhapLuat: Annotated[list[RepresentativeV2], BeforeValidator(_listed)] = []
    DiaChiTruSo: Annotated[list[AddressV2], BeforeValidator(_listed)] = []
    NganhNgheKinhDoanh: Annotated[list[ActivityV2], BeforeValidator(_listed)] = []


class ReplyV2(_Wire):
    GetEntCert: Annotated[list[CertificateV2], BeforeValidator(_listed)] = []


def enterprise_v1(data: DataV1) -> dict[str, Any] | None:
    """One shape for both generations; None: not found (`MainInformation` null or missing)."""
    main, address = data.MainInformation, data.HOAdress
    if main is None or not main.ENTERPRISE_GDT_CODE:
        return None
    people = [{"name": person.FULL_NAME} for person in data.Representatives if person.FULL_NAME]
    named = [{"name": name.strip()} for name in main.LEGAL_NAMES.split(";") if name.strip()]
    return {
        "code": main.ENTERPRISE_GDT_CODE,
        "name": main.NAME,
        "short_name": main.SHORT_NAME,
        "foreign_name": main.NAME_F,
        "type_code": main.ENTERPRISE_TYPE_ID,
        "type_name": main.ENTERPRISE_TYPE_NAME,
        "status": main.ENTERPRISE_STATUS_NAME,
        "status_code": main.ENTERPRISE_STATUS,
        "founded": _slashed(main.FOUNDING_DATE),
        "changed": _slashed(main.LAST_AMEND_DATE),
        "changes": main.NUMBER_CHANGES,
        "capital": None if main.CAPITAL_AMOUNT is None else int(main.CAPITAL_AMOUNT),
        "address": _renamed(address, V1_ADDRESS) if address else {},
        "people": people or named,
        "activities": [
            {"code": a.CODE, "name": a.NAME, "main": a.IS_MAIN.upper() == "Y"} for a in data.BusinessActivity
        ],
        "members": [
            {"name": m.MEMBER_NAME, "amount": m.AMOUNT, "percent": m.RATIO_PERCENT, "country": m.COUNTRY}
            for m in data.Member
        ],
    }


def enterprise_v2(reply: ReplyV2) -> dict[str, Any] | None:
    """The one certificate of the list; None: not found."""
    if not reply.GetEntCert:
        return None
    found = reply.GetEntCert[0]
    places = [place for address in found.DiaChiTruSo for place in address.DiaChi]
    return {
        "code": found.MaSoDoanhNghiep,
        "name": found.TenTiengViet,
        "short_name": found.TenVietTat,
        "foreign_name": found.TenNuocNgoai,
        "type_code": found.MaLoaiHinhDN,
        "type_name": found.LoaiHinhDN,
        "status": "; ".join(s.TinhTrangPhapLy for s in found.TinhTrangPhapLy if s.TinhTrangPhapLy),
        "status_code": "; ".join(s.MaTinhTrangPhapLy for s in found.TinhTrangPhapLy if s.MaTinhTrangPhapLy),
        "founded": found.NgayDangKyLanDau[:10],
        "changed": found.NgayDangKyThayDoi[:10],
        "changes": found.SoLanDangKyThayDoi,
        "address": _renamed(places[0], V2_ADDRESS) if places else {},
        "people": [{"name": p.HoVaTen} for r in found.DaiDienPhapLuat for p in r.ThongTinCaNhan if p.HoVaTen],
        "activities": [
            {"code": a.MaNganh, "name": a.TenNganh, "main": a.LaNganhChinh == 1} for a in found.NganhNgheKinhDoanh
        ],
    }


V1_ADDRESS = {
    "full": "AddressFullText",
    "street": "StreetNumber",
    "ward": "WardName",
    "district": "DistrictName",
    "province": "CityName",
}
V2_ADDRESS = {
    "full": "DiaChi",
    "street": "SoNha",
    "ward": "TenPhuongXa",
    "district": "TenQuanHuyen",
    "province": "TenTinhThanh",
}


def _renamed(place: BaseModel, names: Mapping[str, str]) -> dict[str, str]:
    return {ours: getattr(place, theirs) for ours, theirs in names.items()}


def _slashed(text: str) -> str:
    """`dd/MM/yyyy` → ISO; anything else stays as it came, and the mapping will say that it does not fit."""
    parts = text.split("/")
    return "-".join(reversed(parts)) if len(parts) == 3 else text
