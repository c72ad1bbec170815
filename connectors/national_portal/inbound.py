"""What the portal sends us (contract page national_portal, section 6; payment, 2.10), and how it is answered.

The Security Server is trusted for who calls; `SecurityKey` is demanded as well when one was agreed on.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from connectors.national_portal import deeplink, taxfile
from connectors.national_portal.settings import NationalPortalSettings
from gateway.domain import EnterpriseCode, PersonalId
from gateway.sdk import (
    Handled,
    Inbound,
    InboundRequest,
    NotFoundError,
    ProtocolViolation,
    Receipt,
    TrustError,
    WireReply,
    strict_object,
)

ADAPTER = re.compile(r"(?:XrdAdapter|VXPAdapter)/RestService/forward/")
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{0,59}", re.ASCII)
REFERENCE = re.compile(r"[0-9A-Z]{1,20}", re.ASCII)
VOUCHER, TAX_NOTICE = "NhanChungTuThueDat", "NhanThongBaoThueDat"
KEY = "SecurityKey"

Document = Mapping[str, Any]
Reader = Callable[[Document, NationalPortalSettings], tuple[str, str, dict[str, Any]]]
"""A message → its event, key and body."""


def receive(request: InboundRequest, settings: NationalPortalSettings) -> Inbound:
    """The message, once it is whole. `NotFoundError`: the portal knows no such path."""
    path = _path(request)
    if path == deeplink.PATH:
        return deeplink.receive(request, settings)
    reader = READERS.get(path)
    if reader is None:
        raise NotFoundError("The portal has no such path here.", vi="Không có địa chỉ nhận này.")
    if request.method != "POST":
        raise ProtocolViolation("A message of the portal is a POST.")
    document = strict_object(request.content)
    _check_key(document, settings)
    event, key, body = reader(document, settings)
    return Inbound(event=event, key=key, body=body, original=_without_key(document, request.content))


def acknowledge(request: InboundRequest, handled: Handled, settings: NationalPortalSettings) -> WireReply:
    """`error_code` is a number or a text as the contract shows it: 6.1 and the result of 6.7 have texts."""
    path = _path(request)
    if path == deeplink.PATH:
        return deeplink.acknowledge(handled, settings)
    return _json(_ANSWERS.get(path, _taken)(handled))


def _path(request: InboundRequest) -> str:
    return ADAPTER.sub("", request.path, count=1) if ADAPTER.match(request.path) else request.path


def _taken(handled: Handled) -> dict[str, Any]:
    """6.3 to 6.5: 0 taken, -1 failed."""
    match handled.receipt:
        case Receipt.RECORDED | Receipt.DUPLICATE | Receipt.KEPT_BESIDE:
            return {"error_code": 0, "message": "Thành công"}
    return {"error_code": -1, "message": "Không tiếp nhận được bản tin"}


def _promotion(handled: Handled) -> dict[str, Any]:
    """6.3: a repeat gets the answer that it missed; another content under a known MaHoSo is kept, and is a 1."""
    if handled.receipt is Receipt.KEPT_BESIDE:
        return {"error_code": 1, "message": "Trùng MaHoSo: bản tin khác nội dung đã được lưu bên cạnh bản tin trước"}
    return _taken(handled)


def _dossier(handled: Handled) -> dict[str, Any]:
    """6.1: the flat object, or -1."""
    if handled.receipt is Receipt.ANSWERED:
        return dict(handled.answer)
    known = "Không có hồ sơ này" if handled.receipt is Receipt.ABSENT else "Không tra cứu được hồ sơ"
    return {"error_code": "-1", "message": known}


def _due(handled: Handled) -> dict[str, Any]:
    """6.7: 1 and the bill, 0 nothing to pay, -1 not found or not known; `message` is [] without a bill (2.10)."""
    if handled.receipt is not Receipt.ANSWERED:
        return {"error_code": -1, "message": []}
    code = int(handled.answer["error_code"])
    return {"error_code": code, "message": handled.answer["message"] if code == 1 else []}


def _reported(handled: Handled) -> dict[str, Any]:
    """6.7: "1" received, "-1" failed. Received is all that is said: money is posted on proof only."""
    if handled.receipt in {Receipt.RECORDED, Receipt.DUPLICATE, Receipt.KEPT_BESIDE}:
        return {"error_code": "1", "message": "Đã tiếp nhận thông báo; chỉ ghi thu khi nền tảng thanh toán xác nhận"}
    return {"error_code": "-1", "message": "Không tiếp nhận được thông báo"}


def _read_lookup(document: Document, _: NationalPortalSettings) -> tuple[str, str, dict[str, Any]]:
    code = _dossier_code(document, "masohoso")
    return "dossier_lookup", code, {"masohoso": code}


def _read_promotion(document: Document, _: NationalPortalSettings) -> tuple[str, str, dict[str, Any]]:
    return "promotion_notice", _dossier_code(document, "MaHoSo"), _plain(document)


def _read_service(document: Document, settings: NationalPortalSettings) -> tuple[str, str, dict[str, Any]]:
    """6.4: a voucher by its name; the amendment's name is not public."""
    service, inner = document.get("service"), _inner(document)
    if service == VOUCHER:
        return "land_tax_voucher", _dossier_code(inner, "MaHoSo"), _plain(document)
    named = settings.amendment_service
    if (named and service != named) or not isinstance(service, str) or "MaHoSoQG" not in inner:
        _broken("No service of this name is taken here.")
    return "promotion_amendment", _dossier_code(inner, "MaHoSoQG"), _plain(document)


def _read_tax_notice(document: Document, _: NationalPortalSettings) -> tuple[str, str, dict[str, Any]]:
    if document.get("service") != TAX_NOTICE:
        _broken("No service of this name is taken here.")
    code, rows = taxfile.read(_inner(document).get("FileThongBaoThue"))
    return (
        "land_tax_notice",
        _dossier_code({"MA_HSO": code}, "MA_HSO"),
        {**_plain(document), "MA_HSO": code, "rows": rows},
    )


def _read_due(document: Document, _: NationalPortalSettings) -> tuple[str, str, dict[str, Any]]:
    code = _dossier_code(document, "MaHoSo")
    return "fees_lookup", code, {"MaHoSo": code}


def _read_report(document: Document, _: NationalPortalSettings) -> tuple[str, str, dict[str, Any]]:
    """By our own reference where it carries one, else by dossier (payment contract, 2.10)."""
    reference = document.get("MaThamChieu")
    if isinstance(reference, str) and REFERENCE.fullmatch(reference) and not _is_number_of_somebody(reference):
        return "payment_report", reference, _plain(document)
    return "payment_report", _dossier_code(document, "MaHoSo"), _plain(document)


READERS: Mapping[str, Reader] = {
    "search/call": _read_lookup,
    "addtthcKhuyenMai": _read_promotion,
    "nhanhsdvcqg": _read_service,
    "nhantbthuedvcqg": _read_tax_notice,
    "dptracuuthanhtoanhs": _read_due,
    "dpnhankqthanhtoanhs": _read_report,
}
_ANSWERS: Mapping[str, Callable[[Handled], dict[str, Any]]] = {
    "search/call": _dossier,
    "addtthcKhuyenMai": _promotion,
    "dptracuuthanhtoanhs": _due,
    "dpnhankqthanhtoanhs": _reported,
}


def _dossier_code(document: Document, name: str) -> str:
    """Dossier codes have many shapes (9.1); a number of a person or enterprise is none: keys stand in the open."""
    value = document.get(name)
    if not isinstance(value, str) or not CODE.fullmatch(value.strip()) or _is_number_of_somebody(value.strip()):
        _broken(f"{name} is not a dossier code.")
    return value.strip()


def _is_number_of_somebody(text: str) -> bool:
    return bool(PersonalId.PATTERN.fullmatch(text) or EnterpriseCode.PATTERN.fullmatch(text))


def _inner(document: Document) -> Document:
    inner = document.get("data")
    if not isinstance(inner, dict):
        _broken("data is not an object.")
    return inner


def _check_key(document: Document, settings: NationalPortalSettings) -> None:
    if settings.security_key is None:
        return
    given, agreed = document.get(KEY), settings.security_key.get_secret_value()
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), agreed.encode()):
        raise TrustError("SecurityKey is not the one that was agreed on.", vi="SecurityKey không đúng")


def _plain(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != KEY}


def _without_key(document: Document, content: bytes) -> bytes:
    """Byte for byte what came, unless it holds the secret: that is nobody's to read."""
    return json.dumps(_plain(document), ensure_ascii=False).encode() if KEY in document else content


def _json(document: Mapping[str, Any]) -> WireReply:
    headers = {"content-type": "application/json; charset=utf-8"}
    return WireReply(status=200, headers=headers, content=json.dumps(document, ensure_ascii=False).encode())


def _broken(detail: str) -> NoReturn:
    raise ProtocolViolation(detail)
