"""Questions, answers and ratings (portal contract, 4.7, 4.8). A rating has no field for who rated (PDP-16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from gateway.api.schemas.base import (
    Agency,
    Asked,
    Code,
    Line,
    Moment,
    Name,
    Procedure,
    Received,
    Sent,
    Text,
    told,
    wrong,
)
from gateway.api.schemas.sync import TargetOut
from gateway.delivery.model import StreamView
from gateway.feedback.model import Told

Number = Annotated[int, Field(ge=1, le=9_007_199_254_740_991)]
"""The portal's ids are long; above 2^53 JSON readers no longer agree (RFC 7493)."""
People = Annotated[int, Field(ge=0, le=99_999_999)]
TARGET: dict[str, JsonValue] = {
    "target": "national_portal",
    "state": "waiting",
    "delivered": 1,
    "total": 2,
    "attempts": 1,
    "unsettled": True,
    "next_attempt_at": "2026-11-23T09:16:00+07:00",
    "acknowledged_at": "2026-11-23T09:15:00+07:00",
    "trouble": {
        "code": "partner.unsettled",
        "detail": "Chưa rõ hệ thống quốc gia đã nhận hay chưa; sẽ đối soát trước khi gửi lại",
        "detail_en": "The connection closed before the answer.",
    },
}


class QuestionsAsked(Asked):
    """Which of the two lists."""

    source: Literal["portal", "agency"] = told(
        "`portal`: asked by citizens there; `agency`: published by the agency.",
        "`portal`: công dân hỏi trên Cổng; `agency`: cơ quan đã công bố.",
        default="portal",
    )


class QuestionOut(Sent):
    """Câu hỏi."""

    id: int = told("Number of the question.", "Mã câu hỏi.")
    question: str = told("What is asked.", "Nội dung câu hỏi.")
    agency_code: str | None = told("Who is asked.", "Mã cơ quan được hỏi.", default=None)
    agency_name: str | None = told("Its name.", "Tên cơ quan được hỏi.", default=None)
    field_code: str | None = told("Field of activity.", "Mã lĩnh vực.", default=None)
    procedure_code: str | None = told("The procedure it is about.", "Mã thủ tục.", default=None)
    answer: str | None = told("The answer, if the portal shows one.", "Nội dung trả lời.", default=None)
    answer_id: Any = told("Number of the answer.", "Mã câu trả lời.", default=None)
    asked_by: str | None = told("Who asks.", "Họ và tên người hỏi.", default=None)
    address: str | None = told("Address.", "Địa chỉ.", default=None)
    email: str | None = told("E-mail.", "Thư điện tử.", default=None)
    phone: str | None = told("Phone.", "Số điện thoại.", default=None)
    state: Any = told(
        "The portal's state, as it says it; clients in the field pass over 0.",
        "Trạng thái theo nguyên văn của Cổng; các hệ thống đang chạy bỏ qua giá trị 0.",
        default=None,
    )


class QuestionsOut(Sent):
    """Danh sách câu hỏi, as the portal tells it now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "id": 90001,
                            "question": "Thủ tục ví dụ cần giấy tờ gì?",
                            "agency_code": "000.00.05.H99",
                            "procedure_code": "1.009999",
                            "state": 1,
                        }
                    ]
                }
            ]
        }
    )

    items: list[QuestionOut] = told("The questions; empty: the portal has none.", "Các câu hỏi.")


class ShownAnswerOut(Sent):
    """Nội dung trả lời mà Cổng đang có."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question_id": 90001, "answer": "Chỉ cần tờ khai.", "answer_id": 70001}]}
    )

    question_id: int = told("The question.", "Mã câu hỏi.")
    answer: str = told("The answer.", "Nội dung trả lời.")
    answer_id: Any = told("Its number at the portal.", "Mã câu trả lời trên Cổng.", default=None)

    @classmethod
    def of(cls, question_id: int, shown: Mapping[str, Any]) -> ShownAnswerOut:
        return cls(question_id=question_id, answer=shown["answer"], answer_id=shown.get("answer_id"))


class QuestionIn(Received):
    """Câu hỏi do địa phương công bố."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 7,
                    "field_code": "G03-GD10",
                    "question": "Nộp hồ sơ ở đâu?",
                    "agency_id": "000.00.05.H99",
                    "agency_name": "Sở Ví Dụ",
                }
            ]
        }
    )

    id: Number = told("Your number of the question.", "Mã câu hỏi của địa phương.")
    field_code: Code = told("Field of activity.", "Mã lĩnh vực.")
    question: Text = told("What is asked, without who asked.", "Nội dung câu hỏi, không nêu người hỏi.")
    agency_id: Agency = told("Who publishes it.", "Mã cơ quan công bố.")
    agency_name: Line = told("Its name.", "Tên cơ quan công bố.")


class AnswerIn(Received):
    """Trả lời một câu hỏi gửi từ Cổng."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "agency_id": "000.00.05.H99",
                    "officer_name": "Lê Văn Thử",
                    "officer_title": "Chuyên viên",
                    "at": "2026-11-23T09:00:00+07:00",
                    "answer": "Chỉ cần tờ khai.",
                }
            ]
        }
    )

    agency_id: Agency = told("Who answers.", "Mã cơ quan trả lời.")
    officer_name: Name = told("The officer.", "Người trả lời.")
    officer_title: Name | None = told("Title.", "Chức vụ người trả lời.", default=None)
    at: Moment = told("When it was answered.", "Ngày trả lời.")
    answer: Text = told("The answer.", "Nội dung trả lời.")


class LevelsIn(Received):
    """How many people chose each level; at least one person rated."""

    very_satisfied: People = told("Very satisfied.", "Số người rất hài lòng.")
    satisfied: People = told("Satisfied.", "Số người hài lòng.")
    dissatisfied: People = told("Not satisfied.", "Số người chưa hài lòng.")

    @model_validator(mode="after")
    def _somebody_rated(self) -> LevelsIn:
        if not self.very_satisfied + self.satisfied + self.dissatisfied:
            raise wrong("Nobody rated: there is nothing to publish.", "Chưa có ai đánh giá nên chưa có số liệu.")
        return self


class RatingsIn(Received):
    """Đánh giá tổng hợp một tháng của một thủ tục tại một cơ quan: numbers of people and nothing else."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "month": "2026-10",
                    "procedure_code": "1.009999",
                    "agency_id": "000.00.05.H99",
                    "agency_name": "Sở Ví Dụ",
                    "overall": {"very_satisfied": 6, "satisfied": 3, "dissatisfied": 1},
                }
            ]
        }
    )

    month: Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")] = told("YYYY-MM.", "Tháng tổng hợp.")
    procedure_code: Procedure = told("The procedure.", "Mã thủ tục.")
    agency_id: Agency = told("The agency.", "Mã cơ quan.")
    agency_name: Line = told("Its name.", "Tên cơ quan.")
    overall: LevelsIn = told("The handling of the dossier.", "Đánh giá việc giải quyết hồ sơ.")
    service: LevelsIn | None = told("The online service.", "Đánh giá dịch vụ công trực tuyến.", default=None)


class ToldOut(Sent):
    """Stored durably; delivery follows. 202 is never sent before the commit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"key": "answer:90001", "again": False, "delivery": "/v1/deliveries/answer:90001"}]
        }
    )

    key: str = told("What it is kept under.", "Khoá của nội dung.")
    again: bool = told(
        "The very same was taken in before; it is not sent twice.", "Đã nhận đúng nội dung này; không gửi lần hai."
    )
    delivery: str = told("Where to see how far it has come.", "Địa chỉ xem tiến độ gửi.")

    @classmethod
    def of(cls, told_: Told) -> ToldOut:
        return cls(key=told_.key, again=told_.again, delivery=f"/v1/deliveries/{told_.key}")


class DeliveryOut(Sent):
    """Tiến độ gửi một câu hỏi, câu trả lời hoặc số liệu đánh giá."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "answer:90001", "complete": False, "targets": [TARGET]}]}
    )

    key: str = told("What it is kept under.", "Khoá của nội dung.")
    complete: bool = told("Every target has acknowledged everything.", "Mọi hệ thống đã xác nhận đầy đủ.")
    targets: list[TargetOut] = told("One entry per target.", "Từng hệ thống nhận.")

    @classmethod
    def of(cls, key: str, views: Sequence[StreamView]) -> DeliveryOut:
        return cls(
            key=key,
            complete=all(view.head == view.tail for view in views),
            targets=[TargetOut.of(view) for view in views],
        )
