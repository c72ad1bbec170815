"""What the platform, the portal and a payer's browser send us (contract, sections 2.4, 2.5 and 2.10).

Only a notice with a right checksum says anything about money. The browser's return is a hint to ask, never a proof; the
portal's look-up carries no proof either, and is answered where the configuration says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from pydantic import ValidationError

from connectors.payment import checksum, voucher, wire
from connectors.payment.settings import PaymentSettings
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

NOTICES = ("ipn", "dpnhankqthanhtoanhs")
"""Ours, and the name that the portal knows (2.5, 2.10): the message and its proof are the same."""
LOOKUP = "dptracuuthanhtoanhs"
RETURN = "return"
LARGEST = 65_536
REFERENCE = re.compile(r"[0-9A-Z]{1,20}", re.ASCII)
DOSSIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{0,59}", re.ASCII)
STORED = frozenset({Receipt.RECORDED, Receipt.DUPLICATE, Receipt.KEPT_BESIDE})
JSON = {"content-type": "application/json; charset=utf-8"}
TEXT = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "referrer-policy": "no-referrer"}


def receive(request: InboundRequest, settings: PaymentSettings, secrets: Sequence[str]) -> Inbound:
    """The message, once it is whole and, where it speaks of money, proven."""
    known = {*NOTICES, RETURN, *((LOOKUP,) if settings.answers_lookups else ())}
    if request.path not in known:
        raise NotFoundError("The payment platform has no such path here.", vi="Không có địa chỉ nhận này.")
    method = "GET" if request.path == RETURN else "POST"
    if request.method != method:
        raise ProtocolViolation(f"{request.path} is called with {method}.")
    if len(request.content) > LARGEST:
        raise ProtocolViolation("The message is larger than any of the contract.")
    if request.path == RETURN:
        return _return(request, settings)
    message = strict_object(request.content)
    return _lookup(message) if request.path == LOOKUP else _notice(message, settings, secrets)


def acknowledge(request: InboundRequest, handled: Handled) -> WireReply:
    """In the words of each path's contract, after the commit."""
    if request.path == LOOKUP:
        return _json(_due(handled))
    return _page(handled) if request.path == RETURN else _acknowledged(request, handled)


def _notice(message: Mapping[str, Any], settings: PaymentSettings, secrets: Sequence[str]) -> Inbound:
    """Whether the amount is right is for the books to say."""
    if not checksum.holds(message, checksum.NOTICE, secrets):
        raise TrustError("The checksum of a payment notice does not hold.", vi="Mã xác thực của thông báo sai")
    try:
        notice = wire.Notice.model_validate(message)
    except ValidationError as exc:
        fields = ", ".join(sorted({str(error["loc"][-1]) for error in exc.errors()}))
        raise ProtocolViolation(f"The notice does not have the shape of the contract at {fields}.") from exc
    if notice.MaDoiTac != settings.partner_code:
        raise TrustError("A payment notice is for another partner.", vi="Thông báo dành cho đối tác khác")
    paid = notice.MaLoi == wire.SUCCESS
    if paid and not notice.MaGiaoDich:
        _broken("A notice of payment has no transaction number.")
    if (paid or notice.ThoiGianGD) and not wire.is_moment(notice.ThoiGianGD):
        _broken("ThoiGianGD of a notice is no time.")
    body = {**notice.model_dump(), "KetQua": "paid" if paid else "unclear"}
    if not voucher.may_fetch(notice.UrlBienLai, settings):
        body["UrlBienLai"] = ""  # unsigned: GET_BILL will give one that can be followed
    key = f"{notice.MaThamChieu}/{notice.MaGiaoDich}/{notice.MaLoi}"
    return Inbound(event="payment_result", key=key, body=body)


def _lookup(message: Mapping[str, Any]) -> Inbound:
    """By dossier code; a number of a person or enterprise is none, and keys stand in the open."""
    value = message.get("MaHoSo")
    code = value.strip() if isinstance(value, str) else ""
    if not DOSSIER.fullmatch(code) or _is_number_of_somebody(code):
        _broken("MaHoSo is not a dossier code.")
    return Inbound(event="fees_lookup", key=code, body={"MaHoSo": code})


def _return(request: InboundRequest, settings: PaymentSettings) -> Inbound:
    """`data` is put together locally by "_", in an order that is not public (2.4)."""
    parts = [part for part in request.query.get("data", "")[:512].split("_") if REFERENCE.fullmatch(part)]
    candidates = [part for part in parts if part != settings.partner_code and not _is_number_of_somebody(part)]
    if not candidates:
        _broken("The return names no payment of ours.")
    return Inbound(event="payment_return", key=candidates[0], body={"MaThamChieu": candidates[0]})


def _acknowledged(request: InboundRequest, handled: Handled) -> WireReply:
    """ "00" for what is stored durably, repeats too; else "99", with 503 where a retry can help (2.5). The platform's
    checksum is echoed, as both known clients do; how it would be recomputed is not public."""
    stored = handled.receipt in STORED
    try:
        message = strict_object(request.content[:LARGEST])
    except ProtocolViolation:
        message = {}
    document = {
        "MaLoi": "00" if stored else "99",
        "MoTaLoi": "" if stored else "Không ghi nhận được thông báo",
        **{name: _short(message.get(name)) for name in ("MaDoiTac", "MaThamChieu", "ThoiGianGD")},
        "MaXacThuc": _short(message.get("MaXacThuc")) if stored else "",
    }
    return _json(document, status=503 if handled.receipt is Receipt.FAILED else 200)


def _due(handled: Handled) -> dict[str, Any]:
    """1 and the bill, 0 nothing to pay, -1 not found or not known; `message` is [] without a bill (2.10). A bill that
    names no account or no items could not be paid as it should."""
    answer = handled.answer if handled.receipt is Receipt.ANSWERED else {}
    bill = answer.get("message", {})
    payable = bool(bill.get("TKThuHuong") and bill.get("DSKhoanNop"))
    match str(answer.get("error_code", "-1")):
        case "0":
            return {"error_code": 0, "message": []}
        case "1" if payable:
            return {"error_code": 1, "message": bill}
        case _:
            return {"error_code": -1, "message": []}


def _page(handled: Handled) -> WireReply:
    """On to a page of our own, which shows "đang kiểm tra" until a proof is here."""
    page = str(handled.answer.get("page", ""))
    if page:
        return WireReply(status=303, headers={**TEXT, "location": page})
    failed = handled.receipt is Receipt.FAILED
    told = "Tạm thời chưa kiểm tra được giao dịch, xin thử lại sau." if failed else "Không tìm thấy giao dịch này."
    return WireReply(status=503 if failed else 404, headers=TEXT, content=told.encode())


def _json(document: Mapping[str, Any], *, status: int = 200) -> WireReply:
    return WireReply(status=status, headers=JSON, content=json.dumps(document, ensure_ascii=False).encode())


def _is_number_of_somebody(text: str) -> bool:
    return bool(PersonalId.PATTERN.fullmatch(text) or EnterpriseCode.PATTERN.fullmatch(text))


def _short(value: Any) -> str:
    """A text of theirs, fit to be repeated: not endless."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text[: wire.LONGEST] if isinstance(text, str) else ""


def _broken(detail: str) -> NoReturn:
    raise ProtocolViolation(detail)
