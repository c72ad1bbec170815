"""Why a stream waits or is held, in the words that officers and operators read. Never personal data."""

from __future__ import annotations

import re

from gateway.delivery.model import Trouble
from gateway.sdk import GatewayError, Refused

NOT_TOLD = "partner.cannot_tell"
_PERSONAL = re.compile(r"\d(?:[ ./-]?\d){5,}|[^\s@<>]+@[^\s@<>]+")
"""Numbers, dates and addresses."""


def of_error(exc: GatewayError) -> Trouble:
    return Trouble(code=exc.error_code, detail=exc.detail, detail_vi=exc.detail_vi)


def of_refusal(refused: Refused) -> Trouble:
    """The system's own words are for the officer who must mend the dossier; numbers, dates and addresses in them are
    masked, since nobody knows what a foreign system echoes; what cannot be kept (NUL, half a surrogate pair) is left
    out, or the stream would never be held and be sent again and again."""
    readable = "".join(c if c.isprintable() else " " for c in refused.reason)
    reason, code = _PERSONAL.sub("…", readable)[:500], "".join(filter(str.isprintable, refused.code))[:64]
    return Trouble(
        code="partner.refused",
        detail=f"The national system refused it (its code {code}); correct it, then release it as replaced.",
        detail_vi=f"Hệ thống quốc gia từ chối (mã {code}): {reason}. Hãy sửa hồ sơ rồi cho gửi lại.",
    )


def of_operator() -> Trouble:
    return Trouble(
        code="operator.held",
        detail="A person holds it; it goes on when it is released.",
        detail_vi="Cán bộ vận hành đang giữ; sẽ gửi tiếp khi được cho phép.",
    )


def of_open_answer() -> Trouble:
    return Trouble(
        code="partner.pending",
        detail="The national system has no final answer yet.",
        detail_vi="Hệ thống quốc gia chưa có kết quả cuối cùng.",
    )


def of_unknown() -> Trouble:
    return Trouble(
        code="partner.no_such_value",
        detail="The national system answered that it holds no such value; a person must look.",
        detail_vi="Hệ thống quốc gia trả lời không có dữ liệu này; cần cán bộ xem xét.",
    )
