"""The shape of a problem document, for the OpenAPI page. It is written by `gateway.api.problems`."""

from __future__ import annotations

from pydantic import ConfigDict

from gateway.api.schemas.base import Sent, told


class FieldProblemOut(Sent):
    """One wrong field."""

    pointer: str = told("JSON pointer to the field.", "Vị trí của trường.")
    detail: str = told("What is wrong, in Vietnamese.", "Trường này sai ở đâu.")
    detail_en: str = told("What is wrong, in English.", "Nội dung bằng tiếng Anh.")


class ProblemOut(Sent):
    """RFC 9457 problem details."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:lienthong:problem:caller.invalid_fields",
                    "title": "Nội dung chưa đúng quy định",
                    "status": 422,
                    "code": "caller.invalid_fields",
                    "detail": "Có 1 trường thiếu hoặc chưa đúng.",
                    "detail_en": "1 field(s) are missing or wrong.",
                    "trace_id": "b267b5f4c7baeff1a8a220a1e7d8ecf2",
                    "errors": [
                        {
                            "pointer": "/purpose",
                            "detail": "Trường này bắt buộc phải có.",
                            "detail_en": "This field is required.",
                        }
                    ],
                }
            ]
        }
    )

    type: str = told("URN of the kind of problem.", "Loại lỗi.")
    title: str = told("The kind, in Vietnamese.", "Tên lỗi.")
    status: int = told("HTTP status.", "Mã HTTP.")
    code: str = told("Stable code `<origin>.<what>`.", "Mã lỗi ổn định.")
    detail: str = told("What happened and what to do, in Vietnamese.", "Diễn giải và cách xử lý.")
    detail_en: str = told("The same in English.", "Diễn giải bằng tiếng Anh.")
    trace_id: str = told("Quote it when you ask for help.", "Mã truy vết, dùng khi cần hỗ trợ.")
    errors: list[FieldProblemOut] | None = told("Each wrong field.", "Từng trường sai.", default=None)
