"""What an HTTP reply means before anybody reads its body: the rules that every system shares."""

from __future__ import annotations

import email.utils
import json
from datetime import UTC, datetime
from typing import Any

from gateway.sdk.errors import GatewayError, ProtocolViolation, TransientRemoteError, Unsettled
from gateway.sdk.platform_faults import Meaning, xroad_meaning
from gateway.sdk.port import WireReply

_BUSY = {429, 503}


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


def unreadable(*, idempotent: bool, detail: str) -> GatewayError:
    """An answer that cannot be understood. Of an idempotent call nothing is lost; another one may have happened."""
    return ProtocolViolation(detail) if idempotent else Unsettled(detail)


def is_xroad_outage(code: str) -> bool:
    """Whether an X-Road fault code means a failure on the way, rather than a refusal of ours."""
    return xroad_meaning(code) is Meaning.OUTAGE


def json_object(reply: WireReply, *, idempotent: bool) -> dict[str, Any]:
    """The body as a JSON object; an HTML page that says 200 is not an answer."""
    try:
        document = json.loads(reply.content, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as exc:
        raise unreadable(idempotent=idempotent, detail="The answer is not JSON.") from exc
    if not isinstance(document, dict):
        raise unreadable(idempotent=idempotent, detail="The answer is not a JSON object.")
    return document


class _RepeatedFieldError(ValueError):
    pass


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A field that stands twice would mean one thing to us and another to somebody else."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedFieldError
    return found


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
