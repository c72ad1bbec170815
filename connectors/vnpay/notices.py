"""What VNPAY sends us, by GET: the notice (IPN) from its servers, and the payer's browser on its way back (5.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from connectors.vnpay import checksum, wire
from gateway.sdk import (
    Handled,
    Inbound,
    InboundRequest,
    NotFoundError,
    ProtocolViolation,
    Receipt,
    TrustError,
    WireReply,
)

NOTICE, RETURN = "ipn", "return"
CONFIRMED, UNKNOWN, REPEATED, OTHER_AMOUNT, NOT_TRUE, FAILED = "00", "01", "02", "04", "97", "99"
"""RspCode. 00 and 02 end VNPAY's tries."""
MESSAGES: Mapping[str, str] = {
    CONFIRMED: "Confirm Success",
    UNKNOWN: "Order not found",
    REPEATED: "Order already confirmed",
    OTHER_AMOUNT: "Invalid amount",
    NOT_TRUE: "Invalid checksum",
    FAILED: "Unknown error",
}
REASONS: Mapping[str, str] = {"unknown_reference": UNKNOWN, "amount_differs": OTHER_AMOUNT}


def received(request: InboundRequest, *, tmn_code: str, secrets: Sequence[str]) -> Inbound:
    """Both are checked in the same way; only the notice is a result."""
    if request.path not in {NOTICE, RETURN}:
        raise NotFoundError("VNPAY has no such path here.", vi="Không có địa chỉ nhận này.")
    if request.method != "GET":
        raise ProtocolViolation("VNPAY calls with GET.")
    if not _is_proven(request, secrets):
        if request.path == RETURN:  # anybody's browser can come by: no reason for an alarm
            raise ProtocolViolation("A browser came back with an address that VNPAY did not make.")
        raise TrustError("The checksum of a call from VNPAY does not hold.", vi="Mã xác thực của VNPAY sai")
    try:
        told = wire.read(request.query)
    except ValidationError as exc:
        raise ProtocolViolation("A parameter of VNPAY's call is too long.") from exc
    if told.tmn_code != tmn_code:
        raise TrustError("A call from VNPAY is for another merchant.", vi="Thông báo dành cho đơn vị khác")
    if not wire.REFERENCE.fullmatch(told.txn_ref):
        raise ProtocolViolation("A call from VNPAY names no reference.")
    return _came_back(told) if request.path == RETURN else _notice(told)


def acknowledged(request: InboundRequest, handled: Handled, *, secrets: Sequence[str]) -> WireReply:
    """The notice gets its code, whatever became of it; the browser is led on to a page of ours."""
    if request.path == RETURN:
        return _led_on(handled)
    code = _code(request, handled, secrets)
    document = {"RspCode": code, "Message": MESSAGES[code]}
    headers = {"content-type": "application/json; charset=utf-8"}
    return WireReply(status=200, headers=headers, content=json.dumps(document).encode())


def _came_back(told: wire.Told) -> Inbound:
    """It proves nothing, and no more than the reference is taken from it."""
    return Inbound(event="payment_return", key=told.txn_ref, body={"vnp_TxnRef": told.txn_ref})


def _notice(told: wire.Told) -> Inbound:
    verdict = wire.verdict_of(told)
    if told.dong is None:
        raise ProtocolViolation("The amount of a notice is no whole number of đồng.")
    if verdict == "paid" and not told.number:
        raise ProtocolViolation("A notice of payment has no transaction number.")
    codes = f"{told.response_code}-{told.transaction_status}"
    key = f"{told.txn_ref}/{told.transaction_no}/{codes}"
    return Inbound(event="payment_result", key=key, body=told.facts(verdict))


def _code(request: InboundRequest, handled: Handled, secrets: Sequence[str]) -> str:
    """In the order of VNPAY's own checks: checksum, order, amount, not yet confirmed."""
    match handled.receipt:
        case Receipt.RECORDED | Receipt.KEPT_BESIDE | Receipt.ANSWERED:
            return CONFIRMED
        case Receipt.DUPLICATE:
            return REPEATED
        case Receipt.ABSENT:
            return UNKNOWN
        case Receipt.FAILED:
            return FAILED
    if not _is_proven(request, secrets):
        return NOT_TRUE
    return REASONS.get(handled.reason, FAILED)


def _led_on(handled: Handled) -> WireReply:
    page = handled.answer.get("page")
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    if isinstance(page, str) and page and page.isascii() and page.isprintable():
        return WireReply(status=303, headers={**headers, "location": page})
    failed = handled.receipt is Receipt.FAILED
    text = "Chưa xem được kết quả thanh toán, xin thử lại sau." if failed else "Không tìm thấy giao dịch thanh toán."
    return WireReply(
        status=503 if failed else 404,
        headers={**headers, "content-type": "text/plain; charset=utf-8"},
        content=text.encode(),
    )


def _is_proven(request: InboundRequest, secrets: Sequence[str]) -> bool:
    return checksum.holds(request.query.get(checksum.HASH), checksum.sorted_query(request.query), secrets)
