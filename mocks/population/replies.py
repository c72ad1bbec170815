"""What goes back: SOAP bodies as received from CSDLDC (3.4), in QCVN 109 shape by switch, and X-Road's errors (5).

Written as text, so that prefixes and the places of the namespace declarations are those of the contract's example.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import JSONResponse, Response

from mocks.population.inquiry import REQUEST, SOAP

RESPONSE = "http://www.mic.gov.vn/dancu/1.0"
ADDRESSES = ("NoiDangKyKhaiSinh", "QueQuan", "ThuongTru", "NoiOHienTai")
RELATIVES = ("Cha", "Me", "VoChong", "NguoiDaiDien", "ChuHo")


def verified(exists: bool) -> bytes:
    """`KetQuaXacThuc{TonTai}`, both in the request's namespace."""
    return envelope(_element("dan:KetQuaXacThuc", {"dan:TonTai": "true" if exists else "false"}))


def collection(citizen: Mapping[str, Any] | None, attributes: Mapping[str, str]) -> bytes:
    """`CongdanCollection` with one `CongDan` or none. Note the small d of the first."""
    content = {} if citizen is None else {"ns1:CongDan": _prefixed(citizen)}
    return envelope(_element("ns1:CongdanCollection", content, {"xmlns:ns1": RESPONSE, **attributes}))


def envelope(content: str) -> bytes:
    """A SOAP 1.1 envelope around `content`, which is XML already."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Header xmlns:dan="{REQUEST}"/>'
        f'<soapenv:Body xmlns:dan="{REQUEST}">{content}</soapenv:Body></soapenv:Envelope>'
    ).encode()


def fault(code: str, text: str, *, detail: str = "") -> bytes:
    """A SOAP 1.1 Fault; the children of Fault have no namespace."""
    parts: dict[str, Any] = {"faultcode": code, "faultstring": text, "faultactor": ""}
    return envelope(_element("soapenv:Fault", parts | ({"detail": {"faultDetail": detail}} if detail else {})))


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
    return Response(_element("error", content), status, headers=headers, media_type="application/xml")


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


def _prefixed(content: Mapping[str, Any]) -> dict[str, Any]:
    """A record with its elements in the namespace of the reply."""
    return {f"ns1:{name}": _prefixed(item) if isinstance(item, Mapping) else item for name, item in content.items()}


def _element(name: str, content: object, attributes: Mapping[str, str] | None = None) -> str:
    """One element as text: a mapping is its children in order, anything else its text; empty is `<name/>`."""
    if isinstance(content, Mapping):
        inside = "".join(_element(child, item) for child, item in content.items())
    else:
        inside = escape(str(content or ""))
    start = name + "".join(f" {key}={quoteattr(value)}" for key, value in (attributes or {}).items())
    return f"<{start}>{inside}</{name}>" if inside else f"<{start}/>"
