"""What an HTTP reply means before anybody reads its body: the rules that every system shares."""

from __future__ import annotations

import email.utils
import functools
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from gateway.sdk import charset
from gateway.sdk.errors import GatewayError, ProtocolViolation, TransientRemoteError, Unsettled
from gateway.sdk.inbound import check_size
from gateway.sdk.platform_faults import Meaning, xroad_meaning
from gateway.sdk.soap import SoapBody, SoapContract, SoapFault, read_soap, read_xml
from gateway.sdk.wire import WireReply

DEEPEST_JSON = 32
LONGEST_NUMBER = 40
"""Digits. Amounts have up to 21 (business registry contract, 4.2)."""
TELLS_NOTHING = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})
"""Media types that say no more than none: the body's first character decides."""
_BUSY = {429, 503}
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
Read = TypeVar("Read")


def check_available(reply: WireReply, *, idempotent: bool) -> None:
    """Raise when the system says that it did not act (429, 503), or when nobody can know whether it did (other 5xx).

    A security server of X-Road that stands in between speaks through `X-Road-Error` (X-Road REST 1.0.4, section 4.6).
    """
    xroad = reply.headers.get("x-road-error", "")
    if xroad and not is_xroad_outage(xroad):
        raise ProtocolViolation(
            f"The exchange platform refused the call ({_code(xroad)}); check addresses and agreements.",
            vi=f"Nền tảng trao đổi từ chối cuộc gọi ({_code(xroad)}); cần kiểm tra cấu hình",
            what="xroad_refused",
        )
    if reply.status in _BUSY:
        raise TransientRemoteError(
            f"The system is busy (HTTP {reply.status}).", retry_after_s=retry_after_s(reply), what="busy"
        )
    if reply.status >= 500 or xroad:
        raise lost(idempotent=idempotent, detail=f"The system failed (HTTP {reply.status}).")


def lost(*, idempotent: bool, detail: str) -> GatewayError:
    """No answer to rely on: harmless for what may be repeated, unsettled for what may not."""
    return TransientRemoteError(detail, what="failed") if idempotent else Unsettled(detail)


def unreadable(*, idempotent: bool, detail: str, what: str = "") -> GatewayError:
    """An answer that cannot be understood. Of an idempotent call nothing is lost; another one may have happened."""
    return ProtocolViolation(detail, what=what) if idempotent else Unsettled(detail)


def is_xroad_outage(code: str) -> bool:
    """Whether an X-Road fault code means a failure on the way, rather than a refusal of ours."""
    return xroad_meaning(code) is Meaning.OUTAGE


def json_object(reply: WireReply, *, idempotent: bool) -> dict[str, Any]:
    """The body as a JSON object. Its label is looked at first: an HTML page that says 200 is not an answer.

    Raises `TransientRemoteError` (or `Unsettled`) for an empty body; `ProtocolViolation` (or `Unsettled`) for another
    media type (`partner.wrong_media_type`), another encoding (`partner.wrong_charset`) and what is no JSON object:
    cut off, a field twice, NaN, half a surrogate pair, nested or long beyond measure.
    """
    document = _read(reply, "json", _parsed, idempotent=idempotent)
    if not isinstance(document, dict):
        raise unreadable(idempotent=idempotent, detail="The answer is not a JSON object.")
    return document


def soap_body(reply: WireReply, *, idempotent: bool, contract: SoapContract | None = None) -> SoapBody | SoapFault:
    """The child of the SOAP Body. Errors as of `json_object`, for what is no SOAP 1.1, built to harm, or against the
    schema of `contract`."""
    return _read(reply, "xml", lambda content: read_soap(content, contract), idempotent=idempotent)


def xml_document(reply: WireReply, *, idempotent: bool) -> SoapBody:
    """A document that stands for itself. Errors as of `json_object`, for what is no XML or built to harm."""
    return _read(reply, "xml", read_xml, idempotent=idempotent)


def check_media_type(reply: WireReply, form: str) -> None:
    """Whether the body can be what we read, `json` or `xml`, by its label and its first character.

    A label is believed: JSON that is labelled as HTML is refused. Without a label, or with one that tells nothing, the
    first character decides. `ProtocolViolation` (`partner.wrong_media_type`), or `partner.wrong_charset` for a charset.
    """
    told, encoding = _labelled(reply.headers.get("content-type", ""))
    begins = reply.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    seen = "xml" if begins == b"<" else "json" if begins in {b"{", b"["} else ""
    if (told or form) != form or (seen or form) != form:
        raise ProtocolViolation(
            f"The answer is {_spelled(told, seen)} where {form.upper()} is in the contract.",
            vi="Câu trả lời không đúng định dạng của đặc tả",
            what="wrong_media_type",
        )
    charset.check_label(encoding)


def _read(reply: WireReply, form: str, read: Callable[[bytes], Read], *, idempotent: bool) -> Read:
    if not reply.content.strip():
        raise _nothing(idempotent=idempotent)
    try:
        check_media_type(reply, form)
        if form == "xml" and reply.content[:1] != b"<":
            charset.decoded(reply.content)  # a file may be in UTF-16, an answer may not
        return read(reply.content)
    except ProtocolViolation as exc:
        if idempotent:
            raise
        raise Unsettled(exc.detail) from exc


def _nothing(*, idempotent: bool) -> GatewayError:
    """No body: something on the way failed (contract population_and_business, 3.7), so nobody was told anything."""
    detail = "The answer is empty."
    return TransientRemoteError(detail, what="empty_reply") if idempotent else Unsettled(detail)


def _spelled(told: str, seen: str) -> str:
    return "".join(c for c in (told or seen) if c.isalnum())[:20].upper()


@functools.lru_cache(maxsize=64)  # a system labels all its answers alike
def _labelled(content_type: str) -> tuple[str, str]:
    """The form that a label tells of, empty where it tells nothing, and its charset."""
    first, *parameters = content_type.split(";")
    media_type = first.strip().lower()
    pairs = (parameter.partition("=") for parameter in parameters)
    encoding = next((value for key, _, value in pairs if key.strip().lower() == "charset"), "")
    return "" if media_type in TELLS_NOTHING else re.split(r"[/+]", media_type)[-1], encoding


def _parsed(content: bytes) -> Any:
    text = charset.decoded(content)
    check_size(text)
    try:
        document = _DECODER.decode(text)
        if _HALF.search(text):
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as exc:
        raise ProtocolViolation("The answer is not JSON.") from exc
    if text.count("[") + text.count("{") > DEEPEST_JSON:  # fewer cannot be deeper
        _check_depth(document, DEEPEST_JSON)
    return document


class _UnclearError(ValueError):
    """It would mean one thing to us and another to somebody else."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _UnclearError
    return found


def _no_number(_: str) -> NoReturn:
    raise _UnclearError


def _int(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _UnclearError
    return int(text)


def _real(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise _UnclearError
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_each_once, parse_constant=_no_number, parse_int=_int, parse_float=_real)


def _check_depth(value: Any, left: int) -> None:
    if not isinstance(value, dict | list):
        return
    if left == 0:
        raise ProtocolViolation("The answer is nested too deeply.")
    for inner in value.values() if isinstance(value, dict) else value:
        _check_depth(inner, left - 1)


def retry_after_s(reply: WireReply) -> float | None:
    """`Retry-After` in seconds: a number, or a date compared with the reply's own `Date` (RFC 9110, 10.2.3)."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(min(int(text), 86_400))
    until, said_at = _http_date(text), _http_date(reply.headers.get("date", ""))
    if until is None or said_at is None:
        return None
    return min(max((until - said_at).total_seconds(), 0.0), 86_400.0)


def _http_date(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _code(text: str) -> str:
    return "".join(c for c in text if c.isalnum() or c in "._")[:80]
