"""GET_BILL and the file behind its link (contract, section 2.7).

Two clients of the same guide disagree: one is answered a link, the other the file; for one ThoiGianGD is the time of
the IPN, for the other that of INIT. So the file is known by what it is, and a refusal of the first reading of the time
is `Refused`: whoever asked asks again with the other `reading`. Only a PDF of a likely size is ever a voucher.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import ValidationError

from connectors.payment import wire
from connectors.payment.settings import PaymentSettings
from gateway.sdk import Answered, Call, Outcome, Pending, ProtocolViolation, Refused, TransientRemoteError, WireReply
from gateway.sdk.replies import TELLS_NOTHING, json_object

IPN, INIT = "ipn", "init"
MAGIC = b"%PDF-"
PDF = "application/pdf"
ASK_AGAIN_S = 60.0
GONE = frozenset({403, 404, 410})
"""What a link is worth after its five minutes."""


def time_of(body: Mapping[str, Any], settings: PaymentSettings) -> str:
    """ThoiGianGD of GET_BILL, in the reading that is asked for or that the configuration fixes."""
    return str(body["ThoiGianGD"][_reading(body, settings)])


def read_bill(call: Call, reply: WireReply, settings: PaymentSettings) -> Outcome:
    """A link, the file itself, `Refused` while the other reading is left to try, else `Pending`."""
    if _looks_like_pdf(reply):
        return _file(reply, settings, reference=str(call.body["MaThamChieu"]))
    document = wire.unwrapped(json_object(reply, idempotent=True))
    try:
        told = wire.BillReply.model_validate(document)
    except ValidationError as exc:
        raise ProtocolViolation("The answer to GET_BILL could not be read.") from exc
    reference = str(call.body["MaThamChieu"])
    if told.MaLoi != wire.SUCCESS:
        is_first = settings.voucher_time == "try_both" and _reading(call.body, settings) == IPN
        if told.MaLoi and is_first:
            return Refused(code=told.MaLoi, reason=told.MoTaLoi)
        return Pending(reference=reference, look_again_after_s=ASK_AGAIN_S)
    if told.MaThamChieu not in {"", reference}:
        raise ProtocolViolation("The answer to GET_BILL is about another transaction.")
    if not told.UrlBienLai:
        return Pending(reference=reference, look_again_after_s=ASK_AGAIN_S)
    if not may_fetch(told.UrlBienLai, settings):
        raise ProtocolViolation("The link to the voucher names a host that was not agreed on.")
    return Answered(body={"UrlBienLai": told.UrlBienLai})


def address(url: str, settings: PaymentSettings) -> str:
    """Where a link is really followed: through the security server, if there is one. `ProtocolViolation`: nowhere."""
    if not may_fetch(url, settings):
        raise ProtocolViolation("The link to the voucher names a host that was not agreed on.")
    if not settings.voucher_via:
        return url
    parts, via = urlsplit(url), urlsplit(settings.voucher_via)
    return urlunsplit((via.scheme, via.netloc, parts.path, parts.query, ""))


def read_file(call: Call, reply: WireReply, settings: PaymentSettings) -> Outcome:
    """The file, or `Pending`: the link is dead or leads to a placeholder, so GET_BILL must give a fresh one."""
    if reply.status in GONE:
        return Pending(reference=call.call_id, look_again_after_s=ASK_AGAIN_S)
    if reply.status >= 300:
        raise ProtocolViolation(f"The link to the voucher does not lead to a file (HTTP {reply.status}).")
    if not reply.content:
        raise TransientRemoteError("The voucher is empty.", what="empty_reply")
    if not _looks_like_pdf(reply):
        if "MaLoi" in wire.unwrapped(json_object(reply, idempotent=True)):
            return Pending(reference=call.call_id, look_again_after_s=ASK_AGAIN_S)
        raise ProtocolViolation("What the link to the voucher leads to is no PDF.")
    return _file(reply, settings, reference=call.call_id)


def may_fetch(url: str, settings: PaymentSettings) -> bool:
    """Whether a link to a voucher is one that may be followed."""
    return wire.may_fetch(url, hosts=settings.voucher_hosts, allow_http=settings.allow_http)


def _reading(body: Mapping[str, Any], settings: PaymentSettings) -> str:
    if settings.voucher_time != "try_both":
        return settings.voucher_time
    return INIT if body.get("CachDoc") == INIT else IPN


def _looks_like_pdf(reply: WireReply) -> bool:
    """By its first bytes; a label that says something else makes it a forgery or a mistake."""
    is_pdf = reply.content.startswith(MAGIC)
    if (reply.media_type not in TELLS_NOTHING | {PDF}) if is_pdf else (reply.media_type == PDF and reply.content):
        raise ProtocolViolation("The label of the voucher and its content do not agree.")
    return is_pdf


def _file(reply: WireReply, settings: PaymentSettings, *, reference: str) -> Outcome:
    if len(reply.content) < settings.voucher_min_bytes:
        return Pending(reference=reference, look_again_after_s=ASK_AGAIN_S)
    return Answered(body={"NoiDungTep": base64.b64encode(reply.content).decode(), "KieuTep": PDF})
