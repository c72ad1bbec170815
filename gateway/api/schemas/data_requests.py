"""What persons ask for about their data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from gateway.api.schemas.base import Line, Name, PersonalNumber, Received, Sent, Text, told
from gateway.privacy.model import Person, PersonRequest, RequestKind, RequestState
from gateway.privacy.words import KINDS, STATES

Kind = Annotated[RequestKind, Field(strict=False)]


class DataRequestIn(Received):
    """Yêu cầu của chủ thể dữ liệu."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "access",
                    "personal_id": "099000000013",
                    "full_name": "Nguyễn Văn Mẫu",
                    "contact": "mau@example.vn",
                    "words": "Đề nghị cho biết ai đã tra cứu dữ liệu của tôi.",
                }
            ]
        }
    )

    kind: Kind = told(
        "access, correct, erase, restrict, object or withdraw (consent).",
        "access (xem), correct (sửa), erase (xoá), restrict (hạn chế), object (phản đối), withdraw (rút đồng ý).",
    )
    personal_id: PersonalNumber = told("Who asks; stored sealed.", "Số định danh của người yêu cầu; lưu niêm phong.")
    full_name: Name | None = told("Name; stored sealed.", "Họ tên; lưu niêm phong.", default=None)
    contact: Line | None = told("Where to answer; stored sealed.", "Nơi nhận trả lời; lưu niêm phong.", default=None)
    words: Text = told("What is asked for; stored sealed.", "Nội dung yêu cầu; lưu niêm phong.")
    third_party: bool = told(
        "Whether carrying it out takes somebody else: 20 days instead of 15.",
        "Có cần bên thứ ba thực hiện không: 20 ngày thay vì 15.",
        default=False,
    )

    def person(self) -> Person:
        return Person(number=self.personal_id, name=self.full_name or "", contact=self.contact or "", words=self.words)


class StepIn(Received):
    """Một bước xử lý, có lý do."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Đã gửi báo cáo cho người yêu cầu."}]})

    reason: Text = told("What was done, or why.", "Đã làm gì, hoặc vì sao.")


class DataRequestOut(Sent):
    """A request and its clocks. Who asked is told apart."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 7,
                    "kind": "access",
                    "kind_vi": "Xem, được cung cấp dữ liệu",
                    "state": "received",
                    "state_vi": "đã tiếp nhận",
                    "third_party": False,
                    "received_at": "2026-11-23T09:00:00+07:00",
                    "answer_due": "2026-11-25T17:00:00+07:00",
                    "done_due": "2026-12-08T23:59:59+07:00",
                    "registered_by": "operator:baove.mau",
                    "handled_by": "",
                    "erased": 0,
                    "held": 0,
                    "kept": 0,
                }
            ]
        }
    )

    id: int = told("Its number.", "Số yêu cầu.")
    kind: RequestKind = told("What is asked for.", "Loại yêu cầu.")
    kind_vi: str = told("The same in words.", "Loại yêu cầu bằng lời.")
    state: RequestState = told("received, answered, done or refused.", "Trạng thái.")
    state_vi: str = told("The same in words.", "Trạng thái bằng lời.")
    third_party: bool = told("Whether it takes somebody else.", "Có cần bên thứ ba không.")
    received_at: datetime = told("When it came.", "Thời điểm nhận.")
    answer_due: datetime = told("By when it is answered.", "Hạn trả lời: 2 ngày làm việc.")
    done_due: datetime = told("By when it is carried out.", "Hạn thực hiện: 15 hoặc 20 ngày.")
    answered_at: datetime | None = told("When it was answered.", "Thời điểm trả lời.", default=None)
    extended_at: datetime | None = told("When it was extended.", "Thời điểm gia hạn.", default=None)
    ended_at: datetime | None = told("When it ended.", "Thời điểm kết thúc.", default=None)
    registered_by: str = told("Who took it in.", "Người tiếp nhận.")
    handled_by: str = told("Whose step was the last.", "Người xử lý gần nhất.")
    erased: int = told("How many records were erased.", "Số bản ghi đã xoá nội dung.")
    held: int = told("How many a legal hold keeps.", "Số bản ghi đang bị giữ theo lệnh.")
    kept: int = told("How many a law keeps.", "Số bản ghi phải lưu theo luật.")

    @classmethod
    def of(cls, request: PersonRequest) -> DataRequestOut:
        said: dict[str, Any] = {
            name: getattr(request, name) for name in cls.model_fields if name not in {"kind_vi", "state_vi"}
        }
        return cls(**said, kind_vi=KINDS[request.kind], state_vi=STATES[request.state])


class DataRequestsOut(Sent):
    """Requests by the time at which they are due."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"requests": []}]})

    requests: list[DataRequestOut] = told("The requests.", "Các yêu cầu.")

    @classmethod
    def of(cls, requests: Sequence[PersonRequest]) -> DataRequestsOut:
        return cls(requests=[DataRequestOut.of(request) for request in requests])


class PersonOut(Sent):
    """Who asks. Every look at it is recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "personal_id": "099000000013",
                    "full_name": "Nguyễn Văn Mẫu",
                    "contact": "mau@example.vn",
                    "words": "Đề nghị cho biết ai đã tra cứu dữ liệu của tôi.",
                }
            ]
        }
    )

    personal_id: str = told("The number.", "Số định danh.")
    full_name: str = told("The name.", "Họ tên.")
    contact: str = told("Where to answer.", "Nơi nhận trả lời.")
    words: str = told("What is asked for.", "Nội dung yêu cầu.")

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        return cls(personal_id=person.number, full_name=person.name, contact=person.contact, words=person.words)
