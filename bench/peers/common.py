"""What every Python peer needs of the four contracts: proofs, names, an INIT, the shape of an enterprise. The peers
differ in how they speak HTTP and XML, not in this."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import unicodedata
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from pydantic import BaseModel

UPSTREAM = os.environ.get("UPSTREAM", "http://127.0.0.1:9")
KEYS = Path(os.environ["KEYS"]) if os.environ.get("KEYS") else None
"""Where the PEM files are; given: messages are signed, and so are their answers."""
WSDL = os.environ.get("WSDL", "")
OPERATION = "XacThucThongTinCongDan"
VERIFY = f"{UPSTREAM}{'/signed' if KEYS else ''}/csdldc/{OPERATION}"
FIRM, TOKEN, INIT = f"{UPSTREAM}/apiCSDLDKDN/1.0/chiTietDoanhNghiep", f"{UPSTREAM}/token", f"{UPSTREAM}/pp/init"
NAMESPACE = "http://dancuquocgia.bca"
TOKEN_HEADERS = {
    "Authorization": "Basic " + base64.b64encode(b"demo_key:demo_secret").decode(),
    "Content-Type": "application/x-www-form-urlencoded",
}
GRANT = "grant_type=client_credentials"
ORDER = (
    "LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "SoTien", "LoaiHinhThanhToan", "MaKenhThanhToan", "MaThietBi",
    "NgonNgu", "MaTienTe", "MaNganHang", "ThongTinGiaoDich", "ThoiGianGD", "Ip",
)  # fmt: skip
UNUSED = (
    "MaLoaiHinhThuPhat", "TenLoaiHinhThuPhat", "KhoBac", "NgayQD", "SoQD", "ThoiGianViPham", "DiaDiemViPham",
    "TenNguoiViPham", "TaiKhoanThuNSNN", "HuyenNguoiNop",
)  # fmt: skip
VIETNAM = timezone(timedelta(hours=7))


class Purpose(BaseModel):
    """Why is asked."""

    dossier_code: str
    procedure_code: str
    officer_id: str
    agency_id: str


class Citizen(BaseModel):
    """Body of POST /v1/citizens/verification."""

    personal_id: str
    full_name: str
    birth_date: str
    purpose: Purpose


class Enterprise(BaseModel):
    """Body of POST /v1/enterprises/lookup."""

    enterprise_code: str
    purpose: Purpose


class Line(BaseModel):
    """One fee or charge."""

    kind: str
    code: str
    name: str
    amount: int


class Payment(BaseModel):
    """Body of POST /v1/payments."""

    dossier_code: str
    procedure_code: str
    procedure_name: str
    service_code: str
    agency_id: str
    agency_name: str
    amount: int
    payer: dict[str, str]
    lines: list[Line]
    beneficiary: dict[str, str]


def proof() -> dict[str, str]:
    """What proves one call to the population database: a hash over the moment."""
    stamp = str(int(time.time() * 1000))
    hashed = hashlib.sha256(f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{OPERATION}demo_user{stamp}demo_secret".encode()).hexdigest()
    return {
        "Authorization": "Basic " + base64.b64encode(f"demo_user:{hashed}".encode()).decode(),
        "Timestamp": stamp,
        "Content-Type": "application/xml; charset=utf-8",
    }


def ascii_of(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(part for part in parts if not unicodedata.combining(part))


def question(asked: Citizen) -> dict[str, Any]:
    """The elements of the verification, in their order."""
    return {
        "MaYeuCau": uuid.uuid4().hex,
        "MaDVC": "VPCP",
        "MaTichHop": "003",
        "MaCanBo": asked.purpose.officer_id,
        "SoDinhDanh": asked.personal_id,
        "HoVaTen": ascii_of(asked.full_name).upper().replace(" ", ""),
        "NgayThangNamSinh": {"NgayThangNam": asked.birth_date.replace("-", "")},
    }


def verdict(exists: bool) -> dict[str, str]:
    return {"verdict": "match" if exists else "mismatch"}


def iso(slashed: str) -> str:
    return "-".join(reversed(slashed.split("/")))


def firm(found: dict[str, Any]) -> dict[str, Any]:
    """The first generation of the registry's reply, renamed."""
    data = found["Data"]
    if found["Status"] != "1" or not data or not data["MainInformation"]:
        return {"verdict": "not_found"}
    main, office = data["MainInformation"], data.get("HOAdress") or {}
    people = data.get("Representatives") or []
    record = {
        "enterprise_code": main["ENTERPRISE_GDT_CODE"],
        "name": main["NAME"],
        "short_name": main["SHORT_NAME"],
        "foreign_name": main["NAME_F"],
        "type_name": main["ENTERPRISE_TYPE_NAME"],
        "status": main["ENTERPRISE_STATUS_NAME"],
        "founded_on": iso(main["FOUNDING_DATE"]),
        "last_changed_on": iso(main["LAST_AMEND_DATE"]),
        "changes": main["NUMBER_CHANGES"],
        "capital_amount": main["CAPITAL_AMOUNT"],
        "address": {
            "full_text": office.get("AddressFullText"),
            "street": office.get("StreetNumber"),
            "ward": office.get("WardName"),
            "province": office.get("CityName"),
        },
        "representatives": [
            {"full_name": one["FULL_NAME"]} for one in (people if isinstance(people, list) else [people])
        ],
        "activities": [
            {"code": one["CODE"], "name": one["NAME"], "main": one["IS_MAIN"] == "Y"}
            for one in data.get("BusinessActivity") or []
        ],
    }
    return {"verdict": "match", "record": record}


def init(asked: Payment) -> dict[str, Any]:
    """The INIT with its checksum and the receipt block."""
    narration = f"Thanh toan ho so {asked.dossier_code}"
    message = {
        "LoaiBanTin": "INIT",
        "PhienBan": "1.0.6",
        "MaDoiTac": "DEMO-H99",
        "MaThamChieu": reference(),
        "SoTien": str(asked.amount),
        "LoaiHinhThanhToan": "PAY",
        "MaKenhThanhToan": "1",
        "MaThietBi": "1",
        "NgonNgu": "vi-VN",
        "MaTienTe": "VND",
        "MaNganHang": "PAYMENT",
        "ThongTinGiaoDich": narration,
        "ThoiGianGD": datetime.now(VIETNAM).strftime("%Y%m%d%H%M%S"),
        "Ip": "127.0.0.1",
    }
    signed = "|".join([*(message[name] for name in ORDER), "S3cretDEMO"])
    message["MaXacThuc"] = hashlib.sha256(signed.encode()).hexdigest()
    return {**message, "ThongTinBienLai": _receipt(asked, narration)}


def _receipt(asked: Payment, narration: str) -> dict[str, Any]:
    kinds = {"fee": "1", "charge": "2"}
    return {
        **dict.fromkeys(UNUSED, ""),
        "MaDichVu": "2",
        "MaDVC": asked.service_code,
        "TenDVC": asked.procedure_name,
        "MaTTHC": asked.procedure_code,
        "TenTTHC": asked.procedure_name,
        "MaDonVi": asked.agency_id,
        "TenDonVi": asked.agency_name,
        "MaHoSo": asked.dossier_code,
        "TKThuHuong": asked.beneficiary["account"],
        "MaNHThuHuong": asked.beneficiary["bank_code"],
        "TenTKThuHuong": asked.beneficiary["name"],
        "NoiDungThanhToan": narration,
        "HoTenNguoiNop": asked.payer["full_name"],
        "SoCMNDNguoiNop": asked.payer["personal_id"],
        "DiaChiNguoiNop": asked.payer["address"],
        "TinhNguoiNop": asked.payer.get("province", ""),
        "PhiLePhi": [
            {
                "LoaiPhiLePhi": kinds[line.kind],
                "MaPhiLePhi": line.code,
                "TenPhiLePhi": line.name,
                "SoTien": str(line.amount),
            }
            for line in asked.lines
        ],
        "DSKhoanNop": [{"NoiDung": line.name, "SoTien": str(line.amount)} for line in asked.lines],
    }


def reference() -> str:
    return f"H99{uuid.uuid4().hex[:17].upper()}"


def opened(sent: dict[str, Any], reply: dict[str, Any]) -> dict[str, Any]:
    if "message" in reply:  # the adapter's envelope
        reply = json.loads(reply["message"])
    if reply["MaLoi"] != "00" or reply["MaThamChieu"] != sent["MaThamChieu"]:
        return {"state": "failed"}
    return {"id": sent["MaThamChieu"], "state": "opened", "pay_url": reply["UrlThanhToan"]}
