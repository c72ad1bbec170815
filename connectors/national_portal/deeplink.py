"""The portal's link to the province's form (contract, 6.6): a citizen's browser, so what is answered are pages.

The applicant's key (MDT) stays here: the form page gets an opaque visit, and the one-stop reads the rest by the API.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from connectors.national_portal.settings import NationalPortalSettings
from gateway.sdk import ConfigurationError, Handled, Inbound, InboundRequest, ProtocolViolation, Receipt, WireReply

PATH = "nop-ho-so"
NAMES = ("MaTTHCDP", "MaTTHC", "MaCoQuanThucHien", "MaDVC", "vnconnect", "MDT")
CODE = re.compile(r"[0-9A-Za-z._-]{1,60}", re.ASCII)
PAGE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
</head><body><h1>{title}</h1><p>{text}</p>{link}</body></html>
"""


def receive(request: InboundRequest, settings: NationalPortalSettings) -> Inbound:
    """The visit. `ProtocolViolation`: a link that is not whole; `ConfigurationError`: there is no form to lead to."""
    if request.method != "GET":
        raise ProtocolViolation("The link to the form is a GET.")
    if not settings.form_url:
        raise ConfigurationError("form_url is not set: the portal's links lead nowhere.", what="form_url")
    told: dict[str, Any] = {name: request.query[name].strip() for name in NAMES if request.query.get(name, "").strip()}
    codes = [value for name, value in told.items() if name != "MDT"]
    if not ({"MaTTHC", "MaTTHCDP"} & told.keys()) or not all(CODE.fullmatch(code) for code in codes):
        raise ProtocolViolation("The link to the form names no procedure, or a code that is none.")
    if "MDT" in told:
        told["applicant"] = _uuid(told["MDT"])
    told["sso"] = told.get("vnconnect") == "1"
    original = json.dumps({name: told[name] for name in NAMES if name in told}, ensure_ascii=False).encode()
    return Inbound(event="form_visit", key="", body=told, original=original)


def acknowledge(handled: Handled, settings: NationalPortalSettings) -> WireReply:
    """To the form with the visit, or a page that says what to do."""
    if "visit" in handled.answer:
        where = f"{settings.form_url}?{urlencode({'visit': handled.answer['visit']})}"
        return WireReply(status=303, headers={"location": where, **_PRIVATE})
    if not settings.form_url:
        text = "Hệ thống của tỉnh chưa mở tiếp nhận hồ sơ từ liên kết này. Xin liên hệ bộ phận một cửa."
        return _page(503, "Chưa tiếp nhận trực tuyến", text)
    if handled.receipt is Receipt.FAILED:
        text = "Hệ thống của tỉnh đang bận. Xin quay lại Cổng và mở lại thủ tục sau ít phút."
        return _page(503, "Chưa mở được hồ sơ", text, link=settings.form_url)
    text = "Liên kết từ Cổng Dịch vụ công quốc gia không đầy đủ hoặc đã sai. Xin quay lại Cổng và mở lại thủ tục."
    return _page(400, "Không mở được hồ sơ", text, link=settings.form_url)


_PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def _page(status: int, title: str, text: str, *, link: str = "") -> WireReply:
    anchor = f'<p><a href="{html.escape(link)}">Trang nộp hồ sơ của tỉnh</a></p>' if link else ""
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'", **_PRIVATE}
    return WireReply(status=status, headers=headers, content=PAGE.format(title=title, text=text, link=anchor).encode())


def _uuid(text: str) -> str:
    """MDT is the base64 of a UUID in its written form; of its sixteen bytes is read, too."""
    try:
        raw = base64.b64decode(text.replace(" ", "+") + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return str(UUID(bytes=raw) if len(raw) == 16 else UUID(raw.decode("ascii")))
    except (binascii.Error, ValueError) as exc:
        raise ProtocolViolation("MDT is not the base64 of a UUID.") from exc
