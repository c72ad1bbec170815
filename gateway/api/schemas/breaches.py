"""Breaches and their clock."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from gateway.api.schemas.base import Moment, Received, Sent, Text, told
from gateway.privacy.model import Breach, Opening, StartPoint

Start = Annotated[StartPoint, Field(strict=False)]


class BreachIn(Received):
    """Vi phạm quy định bảo vệ dữ liệu cá nhân."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "from_at": "2026-11-22T08:00:00+07:00",
                    "to_at": "2026-11-22T09:00:00+07:00",
                    "discovered_at": "2026-11-23T07:00:00+07:00",
                    "counts_from": "happened",
                    "words": "Khoá của một hệ thống bị lộ.",
                }
            ]
        }
    )

    from_at: Moment = told("When it began.", "Bắt đầu từ lúc nào.")
    to_at: Moment = told("When it ended.", "Kết thúc lúc nào.")
    discovered_at: Moment = told("When it was found out.", "Phát hiện lúc nào.")
    counts_from: Start = told(
        "From when the 72 hours count: happened (the safe reading) or discovered.",
        "Tính 72 giờ từ khi xảy ra (happened, cách hiểu an toàn) hay từ khi phát hiện (discovered).",
    )
    words: Text = told("What happened; names no person.", "Đã xảy ra việc gì; không ghi tên người.")

    def opening(self) -> Opening:
        said = self.model_dump()
        for name in ("from_at", "to_at", "discovered_at"):
            said[name] = datetime.fromisoformat(said[name])
        return Opening(**said)


class BreachNoticeIn(Received):
    """Đã thông báo."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    late_reason: Text | None = told("Why it is late; due when it is.", "Lý do nếu thông báo muộn.", default=None)


class BreachEndIn(Received):
    """Kết thúc xử lý vi phạm."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"measures": "Đã thu hồi và cấp lại khoá."}]})

    measures: Text = told("What was done.", "Biện pháp đã thực hiện.")


class BreachOut(Sent):
    """A breach and its clock."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 4,
                    "from_at": "2026-11-22T08:00:00+07:00",
                    "to_at": "2026-11-22T09:00:00+07:00",
                    "discovered_at": "2026-11-23T07:00:00+07:00",
                    "counts_from": "happened",
                    "due_at": "2026-11-25T08:00:00+07:00",
                    "hours_left": 47.5,
                    "registered_by": "operator:baove.mau",
                    "handled_by": "",
                    "words": "Khoá của một hệ thống bị lộ.",
                    "late_reason": "",
                    "measures": "",
                }
            ]
        }
    )

    id: int = told("Its number.", "Số vi phạm.")
    from_at: datetime = told("When it began.", "Bắt đầu từ lúc nào.")
    to_at: datetime = told("When it ended.", "Kết thúc lúc nào.")
    discovered_at: datetime = told("When it was found out.", "Phát hiện lúc nào.")
    counts_from: StartPoint = told("From when the hours count.", "Tính giờ từ đâu.")
    due_at: datetime = told("By when it is notified.", "Hạn thông báo.")
    hours_left: float = told("Hours that are left; negative: late.", "Số giờ còn lại; âm: đã quá hạn.")
    notified_at: datetime | None = told("When it was notified.", "Thời điểm thông báo.", default=None)
    closed_at: datetime | None = told("When it was closed.", "Thời điểm kết thúc.", default=None)
    registered_by: str = told("Who entered it.", "Người ghi sổ.")
    handled_by: str = told("Whose step was the last.", "Người xử lý gần nhất.")
    words: str = told("What happened.", "Đã xảy ra việc gì.")
    late_reason: str = told("Why the notice was late.", "Lý do thông báo muộn.")
    measures: str = told("What was done.", "Biện pháp đã thực hiện.")

    @classmethod
    def of(cls, breach: Breach, *, now: datetime) -> BreachOut:
        opening = breach.opening
        at = breach.notified_at or now
        return cls(
            id=breach.id,
            from_at=opening.from_at,
            to_at=opening.to_at,
            discovered_at=opening.discovered_at,
            counts_from=opening.counts_from,
            words=opening.words,
            hours_left=round(breach.hours_left(at), 1),
            **{
                name: getattr(breach, name)
                for name in (
                    "due_at",
                    "notified_at",
                    "closed_at",
                    "registered_by",
                    "handled_by",
                    "late_reason",
                    "measures",
                )
            },
        )


class BreachesOut(Sent):
    """Breaches by the time at which they are due."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"breaches": []}]})

    breaches: list[BreachOut] = told("The breaches.", "Các vi phạm.")
