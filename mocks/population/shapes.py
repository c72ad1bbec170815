"""The canonical shape of QCVN 109:2017/BTTTT, made from a record as it is received (contract, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

ADDRESSES = ("NoiDangKyKhaiSinh", "QueQuan", "ThuongTru", "NoiOHienTai")
RELATIVES = ("Cha", "Me", "VoChong", "NguoiDaiDien", "ChuHo")


def qcvn(record: Mapping[str, Any]) -> dict[str, Any]:
    """Split names, dates with dashes, codes in groups, one code for an administrative unit."""
    shaped = {name: value for name, value in record.items() if value}
    for name in ADDRESSES:
        if name in shaped:
            shaped[name] = _address(shaped[name])
    for name in RELATIVES:
        if name in shaped:
            shaped[name] = {**shaped[name], "HoVaTen": _parts(shaped[name]["HoVaTen"])}
    shaped["HoVaTen"] = _parts(" ".join(part for part in record["HoVaTen"].values() if part))
    born = dict(shaped.get("NgayThangNamSinh", {}))
    if day := born.get("NgayThangNam"):
        born["NgayThangNam"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    shaped["NgayThangNamSinh"] = born
    if "DanToc" in shaped:
        shaped["DanToc"] = {"MaDanToc": shaped["DanToc"], "TenGoi": f"MOCK-{shaped['DanToc']}"}
    if "TonGiao" in shaped:
        shaped["TonGiao"] = {"MaTonGiao": shaped["TonGiao"]}
    return shaped


def qcvn_attributes(count: int, now: datetime) -> dict[str, str]:
    """Of the root."""
    return {"SoCongDan": str(count), "GhiChu": "MOCK-QCVN", "ThoiDiemDuLieu": now.isoformat(), "id": "MOCK-1"}


def _address(address: Mapping[str, str]) -> dict[str, str]:
    short = {"MaDonViHanhChinh": address.get("MaPhuongXa", "")}
    return short | {name: address[name] for name in ("ChiTiet", "QuocGia") if name in address}


def _parts(name: str) -> dict[str, str]:
    """MOCK-NAME-PARTS, ours: first word `Ho`, last word `Ten`, the rest `ChuDem`."""
    words = name.split()
    return {"Ho": words[0], "ChuDem": " ".join(words[1:-1]), "Ten": words[-1]} if len(words) > 1 else {"Ten": name}
