"""The reading services of section 4: catalogues, one procedure, online services, accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.national_portal.desk import Answer, Desk, Item, Service

CATALOGUES = {
    "LayDanhMucCoQuan": "agencies",
    "LayDanhMucLinhVuc": "fields",
    "LayDanhSachTTHC": "procedures",
}
SMALL = (
    "LoaiThuTuc", "NhomThuTuc", "ThuTucThuocLoai", "GioiTinh", "TinhThanh", "QuanHuyen", "PhuongXa", "QuocGia",
    "DanToc", "TonGiao", "TinhTrangHonNhan", "DoiTuong", "CapThucHien", "CanCuPhapLy", "LePhi",
)  # fmt: skip
SHORT = ("MATTHC", "TENTTHC")


def catalogue(name: str) -> Service:
    """One of the three whole lists of 4.1; no paging is known."""

    def answer(desk: Desk, message: Item) -> Answer:  # noqa: ARG001 - every service takes the message
        return Answer(0, result=_rows(desk.fixtures[name], name))

    return answer


def procedures_of_agency(desk: Desk, message: Item) -> Answer:
    """LayDanhSachTTHCDonVi: `maDonVi` as H99. MOCK-AGENCY: a procedure belongs to those of its COQUANTHUCHIEN."""
    agency = str(message.get("maDonVi", ""))
    rows = [
        procedure
        for procedure in desk.fixtures["procedures"]
        if any(place["MADONVI"] == agency for place in procedure.get("COQUANTHUCHIEN", ()))
    ]
    return Answer(0, result=_rows(rows, "procedures"))


def small_catalogue(service: str) -> Service:
    """One of the fifteen small lists of 4.1, of which only the names are known. MOCK-SMALL: rows of our own making."""

    def answer(desk: Desk, message: Item) -> Answer:  # noqa: ARG001 - its parameters are unknown
        return Answer(0, result=list(desk.fixtures["small"].get(service, ())))

    return answer


def read_decision(desk: Desk, message: Item) -> Answer:
    """LayQDCB: `idQDCB` (section 4.3). MOCK-DECISION: the fields are ours."""
    found = desk.fixtures["decisions"].get(str(message.get("idQDCB", "")))
    return Answer(0, result=[found] if found else [])


def read_procedure(desk: Desk, message: Item) -> Answer:
    """LayThuTuc: one procedure of the fixture (section 4.2)."""
    code = str(message.get("maTTHC", ""))
    return Answer(0, result=[row for row in desk.fixtures["procedures"] if row["MATTHC"] == code])


def online_services(desk: Desk, message: Item) -> Answer:  # noqa: ARG001 - its parameters are unknown
    """LayDVC: `result` is an object here, with the list in `data` (section 4.4)."""
    return Answer(0, result={"data": list(desk.fixtures["services"])})


def find_account(desk: Desk, message: Item) -> Answer:
    """TraCuuTechID: the account key of a person or an enterprise (section 4.5)."""
    if message.get("provider") != "wso2is":
        return Answer.no("MOCK-PROVIDER: provider phải là wso2is")
    key = desk.fixtures["accounts"].get(str(message.get("mstorcmnd", "")))
    return Answer(0, result=[{"TECHNICALID": key}] if key else [])


def _rows(rows: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    if name != "procedures":
        return list(rows)
    return [{field: row[field] for field in SHORT} for row in rows]


SERVICES: Mapping[str, Service] = {
    **{service: catalogue(name) for service, name in CATALOGUES.items()},
    **{f"LayDanhMuc{name}": small_catalogue(f"LayDanhMuc{name}") for name in SMALL},
    "LayDanhSachTTHCDonVi": procedures_of_agency,
    "LayQDCB": read_decision,
    "LayThuTuc": read_procedure,
    "LayDVC": online_services,
    "TraCuuTechID": find_account,
}
