"""What PayGov sends: the notice (IPN), and the payer's browser on its way back (contract, 4.2; 2.14, trap 17).

Without the order of the checksum a notice is `payment_report`: kept, asked about, and nothing is posted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from connectors.paygov import checksum, wire
from connectors.paygov.settings import PayGovSettings
from gateway.sdk import (
    GatewayError,
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

NOTICES = frozenset({"ipn", "dpnhankqthanhtoanhs"})
RETURNS = frozenset({"return", "urlRedirect"})
LARGEST = 65_536
PAGE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
</head><body><h1>{title}</h1><p>{text}</p></body></html>
"""
_PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def receive(request: InboundRequest, settings: PayGovSettings) -> Inbound:
    """`payment_result` where the checksum proves it, `payment_report` where nothing does, or `payment_return`."""
    if request.path in RETURNS:
        return _returned(request, settings)
    if request.path not in NOTICES:
        raise NotFoundError("PayGov has no such path here.", vi="Không có địa chỉ nhận này.")
    if request.method != "POST":
        raise ProtocolViolation("A notice is a POST.")
    if len(request.content) > LARGEST:
        raise ProtocolViolation("The notice is larger than any of the contract.")
    message = strict_object(request.content)
    proven = _check(message, settings)
    notice = read_notice(message)
    body = {**wire.facts(notice, pay_date_format=settings.pay_date_format), "partnerCode": settings.partner_code}
    if not proven:
        body |= {"told": wire.told(message)}
        return Inbound(event="payment_report", key=notice.requestCode, body=body, original=request.content)
    check_numbered(notice)
    return Inbound(
        event="payment_result",
        key=f"{notice.requestCode}/{notice.transaction[:100]}/{notice.errorCode[:20]}",
        body=body,
    )


def acknowledge(request: InboundRequest, handled: Handled, settings: PayGovSettings) -> WireReply:
    """SUCCESSFUL for what is stored durably, repeats too; SIGNATURE_WRONG for what is not believed; else FAILED."""
    if request.path in RETURNS:
        return _sent_on(handled)
    stored = handled.receipt in {Receipt.RECORDED, Receipt.DUPLICATE, Receipt.KEPT_BESIDE}
    code, text = (wire.GOOD_ACK, "") if stored else ("FAILED", "Không ghi nhận được thông báo")
    if handled.receipt is Receipt.REJECTED and _is_forged(request, settings):
        code, text = "SIGNATURE_WRONG", "Mã xác thực của thông báo sai"
    status = 503 if handled.receipt is Receipt.FAILED else 200
    content = json.dumps({"error_code": code, "error_message": text}, ensure_ascii=False).encode()
    return WireReply(status=status, headers={"content-type": "application/json; charset=utf-8"}, content=content)


def read_notice(message: Mapping[str, Any]) -> wire.Notice:
    """`ProtocolViolation` names what does not fit, never its value."""
    try:
        return wire.Notice.model_validate(message)
    except ValidationError as exc:
        fields = ", ".join(sorted({str(error["loc"][0]) for error in exc.errors()}))
        raise ProtocolViolation(f"The message does not have the shape of the contract at {fields}.") from exc


def check_numbered(notice: wire.Notice) -> None:
    """Money is entered under a number of the other side: without one, `ProtocolViolation`."""
    if notice.errorCode == wire.GOOD and not notice.transaction:
        raise ProtocolViolation("A notice of payment has no transaction number.")


def _check(message: Mapping[str, Any], settings: PayGovSettings) -> bool:
    """Whether the checksum proves it; `TrustError` where it is wrong, or where the notice is for somebody else."""
    if message.get("partnerCode", settings.partner_code) != settings.partner_code:
        raise TrustError("A payment notice is for another partner.", vi="Thông báo dành cho đối tác khác")
    if not settings.notice_checksum:
        return False
    if not checksum.holds(message, settings.notice_checksum, keys=_keys(settings), separator=settings.notice_separator):
        raise TrustError("The checksum of a payment notice does not hold.", vi="Mã xác thực của thông báo sai")
    return True


def _keys(settings: PayGovSettings) -> list[dict[str, str]]:
    own = {"accessKey": settings.access_key.get_secret_value(), "partnerCode": settings.partner_code}
    secrets = [secret for secret in (settings.secret, settings.previous_secret) if secret is not None]
    return [{**own, checksum.SECRET: secret.get_secret_value()} for secret in secrets]


def _is_forged(request: InboundRequest, settings: PayGovSettings) -> bool:
    try:
        _check(strict_object(request.content), settings)
    except TrustError:
        return True
    except GatewayError:
        return False
    return False


def _returned(request: InboundRequest, settings: PayGovSettings) -> Inbound:
    """The browser proves nothing. What it carries may be shown to the LGSP, whose word it then is (`verify_report`)."""
    if request.method != "GET":
        raise ProtocolViolation("The payer comes back by GET.")
    reference = request.query.get("requestCode", "")
    if not wire.REFERENCE.fullmatch(reference):
        raise ProtocolViolation("The way back names no payment.")
    body: dict[str, Any] = {"requestCode": reference}
    try:
        notice = read_notice(request.query)
    except ProtocolViolation:
        return Inbound(event="payment_return", key=reference, body=body)
    report = {**wire.facts(notice, pay_date_format=settings.pay_date_format), "told": wire.told(request.query)}
    return Inbound(event="payment_return", key=reference, body={**body, "report": report})


def _sent_on(handled: Handled) -> WireReply:
    if "page" in handled.answer:
        return WireReply(status=303, headers={"location": str(handled.answer["page"]), **_PRIVATE})
    if handled.receipt is Receipt.FAILED:
        text = "Hệ thống của tỉnh đang bận. Kết quả thanh toán vẫn được ghi nhận; xin xem lại hồ sơ sau ít phút."
        return _page(503, "Chưa xem được kết quả thanh toán", text)
    text = "Liên kết quay về không đầy đủ hoặc đã sai. Xin mở hồ sơ trên hệ thống của tỉnh để xem kết quả thanh toán."
    return _page(400, "Không mở được kết quả thanh toán", text)


def _page(status: int, title: str, text: str) -> WireReply:
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'", **_PRIVATE}
    return WireReply(status=status, headers=headers, content=PAGE.format(title=title, text=text).encode())
