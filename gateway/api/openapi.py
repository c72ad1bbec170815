"""What the OpenAPI page says beside the schemas: which problems an operation can answer with."""

from __future__ import annotations

from typing import Any

from gateway.api.problems import MEDIA_TYPE

TITLE = "Liên Thông"
DESCRIPTION = (
    "Gateway between a province's one-stop system and the national systems. "
    "Cổng liên thông giữa hệ thống một cửa của tỉnh và các hệ thống quốc gia."
)
_TEXTS = {
    400: "Malformed request — Yêu cầu sai cú pháp",
    401: "Key missing, unknown or revoked — Khoá thiếu, sai hoặc đã thu hồi",
    403: "Not allowed — Không có quyền",
    404: "Not found — Không tìm thấy",
    409: "Conflict with the present state — Mâu thuẫn với trạng thái hiện tại",
    413: "Body too large — Nội dung quá lớn",
    415: "Media type not taken here — Kiểu nội dung không được hỗ trợ",
    422: "Not according to the rules — Nội dung chưa đúng quy định",
    429: "Too many requests, or what looks like a search for people — Gọi quá nhiều, hoặc giống dò tìm thông tin",
    500: "Our fault — Lỗi của cổng liên thông",
    502: "The national system answered against its contract — Hệ thống quốc gia trả lời sai đặc tả",
    503: "Try again later — Tạm thời chưa phục vụ được",
    504: "Not known what became of it: from the national system, or since your time was over — Chưa rõ kết quả",
}
_AGAIN = {
    "Retry-After": {
        "description": "Seconds to wait before sending it again — Số giây chờ trước khi gửi lại",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    }
}
ALWAYS = (400, 401, 403, 413, 415, 422, 500, 503, 504)


def problems(*more: int) -> dict[int | str, dict[str, Any]]:
    """The documented problem answers of an operation: those of all, and `more`."""
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": _TEXTS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*ALWAYS, *more})
    }
    found[503]["headers"] = _AGAIN
    return found
