"""What goes back: SOAP bodies as received from CSDLDC (3.4), in QCVN 109 shape by switch, and X-Road's errors (5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lxml import etree
from starlette.responses import JSONResponse, Response

from mocks.population.inquiry import REQUEST, SOAP

RESPONSE = "http://www.mic.gov.vn/dancu/1.0"
ADDRESSES = ("NoiDangKyKhaiSinh", "QueQuan", "ThuongTru", "NoiOHienTai")
RELATIVES = ("Cha", "Me", "VoChong", "NguoiDaiDien", "ChuHo")


def verified(exists: bool) -> bytes:
    """`KetQuaXacThuc{TonTai}`, both in the request's namespace."""
    result = etree.Element(f"{{{REQUEST}}}KetQuaXacThuc", nsmap={"dan": REQUEST})
    etree.SubElement(result, f"{{{REQUEST}}}TonTai").text = "true" if exists else "false"
    return envelope(result)


def collection(citizen: Mapping[str, Any] | None, attributes: Mapping[str, str]) -> bytes:
    """`CongdanCollection` with one `CongDan` or none. Note the small d of the first."""
    root = etree.Element(f"{{{RESPONSE}}}CongdanCollection", dict(attributes), nsmap={"ns1": RESPONSE})
    if citizen is not None:
        _fill(etree.SubElement(root, f"{{{RESPONSE}}}CongDan"), citizen)
    return envelope(root)


def envelope(content: etree._Element) -> bytes:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Header", nsmap={"dan": REQUEST})
    etree.SubElement(root, f"{{{SOAP}}}Body", nsmap={"dan": REQUEST}).append(content)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def fault(code: str, text: str, *, detail: str = "") -> bytes:
    """A SOAP 1.1 Fault; the children of Fault have no namespace."""
    element = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soapenv": SOAP})
    for name, value in (("faultcode", code), ("faultstring", text), ("faultactor", "")):
        etree.SubElement(element, name).text = value
    if detail:
        etree.SubElement(etree.SubElement(element, "detail"), "faultDetail").text = detail
    return envelope(element)


def xroad_fault(code: str) -> Response:
    """X-Road's SOAP Fault, which comes with HTTP 200 (5.2)."""
    body = fault(code or "Server.ServerProxy.NetworkError", "MOCK-XROAD fault on demand", detail=str(uuid.uuid4()))
    return Response(body, 200, media_type="text/xml")


def xroad_error(kind: str, accept: str) -> Response:
    """X-Road's REST error (5.1): 500 for `Server.…`, else 400; XML when the caller accepts it, else JSON."""
    kind = kind or "Server.ServerProxy.NetworkError"
    status = 500 if kind.lower().startswith("server.") else 400
    content = {"type": kind, "message": "MOCK-XROAD error on demand", "detail": str(uuid.uuid4())}
    headers = {"X-Road-Error": kind}
    if not any(wanted in accept.lower() for wanted in ("text/xml", "application/xml", "text/*")):
        return JSONResponse(content, status, headers=headers)
    root = etree.Element("error")
    for name, value in content.items():
        etree.SubElement(root, name).text = value
    return Response(etree.tostring(root), status, headers=headers, media_type="application/xml")


def qcvn(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as received, turned into the canonical form of QCVN 109:2017 (3.4)."""
    shaped = {name: value for name, value in record.items() if value}
    for name in ADDRESSES:
        if name in shaped:
            shaped[name] = _qcvn_address(shaped[name])
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
    return {"SoCongDan": str(count), "GhiChu": "MOCK-QCVN", "ThoiDiemDuLieu": now.isoformat(), "id": "MOCK-1"}


def _qcvn_address(address: Mapping[str, str]) -> dict[str, str]:
    short = {"MaDonViHanhChinh": address.get("MaPhuongXa", "")}
    return short | {name: address[name] for name in ("ChiTiet", "QuocGia") if name in address}


def _parts(name: str) -> dict[str, str]:
    """MOCK-NAME-PARTS, ours: first word `Ho`, last word `Ten`, the rest `ChuDem`."""
    words = name.split()
    return {"Ho": words[0], "ChuDem": " ".join(words[1:-1]), "Ten": words[-1]} if len(words) > 1 else {"Ten": name}


def _fill(parent: etree._Element, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        child = etree.SubElement(parent, f"{{{RESPONSE}}}{name}")
        if isinstance(value, Mapping):
            _fill(child, value)
        elif value:
            child.text = str(value)
