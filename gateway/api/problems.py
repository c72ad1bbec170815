"""Errors as RFC 9457 problem documents: `title` and `detail` in Vietnamese for officers, `detail_en` for engineers,
`code` for programs, `errors` naming each wrong field. No value that was sent is repeated."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from gateway.sdk.errors import FieldProblem, GatewayError, NotFoundError, RequestError, UnprocessableError

MEDIA_TYPE = "application/problem+json"
AGAIN_S = 3
"""For how long to wait where nobody said: such a fault passes, or its caller comes back a few times in vain."""
MOST_NAMED = 100
"""Wrong fields that are named one by one. What is wrong everywhere must not make an answer many times its size."""
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("This field is required.", "Trường này bắt buộc phải có."),
    "extra_forbidden": ("An unknown field stands here.", "Có trường không được định nghĩa ở đây."),
    "string_too_long": ("The text is too long.", "Nội dung quá dài."),
    "string_too_short": ("The text is too short.", "Nội dung quá ngắn."),
    "string_pattern_mismatch": ("The text does not have the expected form.", "Nội dung không đúng định dạng."),
    "too_long": ("The list has too many entries.", "Danh sách có quá nhiều phần tử."),
    "too_short": ("The list has too few entries.", "Danh sách có quá ít phần tử."),
    "enum": ("The value is not one of the allowed ones.", "Giá trị không thuộc danh mục cho phép."),
    "literal_error": ("The value is not one of the allowed ones.", "Giá trị không thuộc danh mục cho phép."),
}
_BY_PREFIX: Sequence[tuple[str, tuple[str, str]]] = (
    ("string", ("Text is expected.", "Phải là văn bản.")),
    ("int", ("A whole number is expected.", "Phải là số nguyên.")),
    ("bool", ("true or false is expected.", "Phải là true hoặc false.")),
    ("list", ("A list is expected.", "Phải là danh sách.")),
    ("model", ("An object is expected.", "Phải là một đối tượng.")),
    ("dict", ("An object is expected.", "Phải là một đối tượng.")),
    ("date", ("A date or a time with its zone is expected (ISO 8601).", "Phải là ngày hoặc giờ theo ISO 8601.")),
    ("timezone", ("A time with its zone is expected.", "Giờ phải kèm múi giờ.")),
    ("greater_than", ("The number is too small.", "Giá trị quá nhỏ.")),
    ("less_than", ("The number is too large.", "Giá trị quá lớn.")),
)
_OTHERWISE = ("The value is not valid here.", "Giá trị không hợp lệ.")


def problem(exc: GatewayError, *, trace_id: str) -> bytes:
    """The document, as JSON bytes."""
    return orjson.dumps(document(exc, trace_id=trace_id))


def document(exc: GatewayError, *, trace_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": f"urn:lienthong:problem:{exc.error_code}",
        "title": exc.title_vi,
        "status": exc.http_status,
        "code": exc.error_code,
        "detail": exc.detail_vi,
        "detail_en": exc.detail,
        "trace_id": trace_id,
    }
    if exc.fields:
        found["errors"] = [
            {"pointer": field.pointer, "detail": field.detail_vi, "detail_en": field.detail} for field in exc.fields
        ]
    return found


def headers(exc: GatewayError) -> dict[str, str]:
    found = {"content-type": MEDIA_TYPE, "cache-control": "no-store", "x-content-type-options": "nosniff"}
    if (wait_s := again_s(exc)) is not None:
        found["retry-after"] = str(wait_s)
    if exc.http_status == 401:
        found["www-authenticate"] = 'Bearer realm="lienthong"'
    return found


def again_s(exc: GatewayError) -> int | None:
    """`Retry-After`; none of 503 leaves without one."""
    if exc.retry_after_s is not None:
        return math.ceil(exc.retry_after_s)
    return AGAIN_S if exc.http_status == 503 else None


def of_validation(errors: Iterable[Mapping[str, Any]]) -> RequestError:
    """What pydantic found, in two languages, without the values."""
    found = list(errors)
    if any(error["type"] == "json_invalid" for error in found):
        return RequestError("The body is not valid JSON.", vi="Nội dung không phải JSON hợp lệ.", what="malformed_json")
    fields = [_field(error) for error in found[:MOST_NAMED]]
    if any(error["loc"][:1] == ("path",) for error in found):
        return NotFoundError(
            "The path names nothing: its last part does not have the expected form.",
            vi="Địa chỉ không đúng: mã trong đường dẫn không đúng định dạng.",
            fields=fields,
        )
    return UnprocessableError(
        f"{len(found)} field(s) are missing or wrong.",
        vi=f"Có {len(found)} trường thiếu hoặc chưa đúng.",
        what="invalid_fields",
        fields=fields,
    )


def _field(error: Mapping[str, Any]) -> FieldProblem:
    kind = str(error["type"])
    context = error.get("ctx") or {}
    if kind == "our_value":
        english, vietnamese = context["en"], context["vi"]
    else:
        by_prefix = (texts for prefix, texts in _BY_PREFIX if kind.startswith(prefix))
        english, vietnamese = _SENTENCES.get(kind) or next(by_prefix, _OTHERWISE)
    return FieldProblem(_pointer(error["loc"], kind), english, vietnamese)


def _pointer(location: Sequence[int | str], kind: str) -> str:
    """A JSON pointer into the body. The name of an unknown field is the caller's text, so it is shown only when it
    looks like a field's name; a person's name does not."""
    parts = [str(part) for part in location[1:]] if location and location[0] == "body" else list(map(str, location))
    if kind == "extra_forbidden" and parts and not _FIELD_NAME.fullmatch(parts[-1]):
        parts.pop()
    return "".join(f"/{part}" for part in parts) or "/"
