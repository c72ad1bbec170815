"""Where a dossier stands on each of its axes, and the steps that brought it there."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict

from gateway.api.schemas.base import Sent, told
from gateway.api.schemas.dossiers import Status
from gateway.dossiers.model import Axes, EventView, Place


class AxesOut(Sent):
    """Trạng thái hồ sơ theo từng trục (STA-05). A failed copy or payment never shows as another business status."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "000.00.05.H99-261123-0007",
                    "version": 3,
                    "status": 4,
                    "status_vi": "Đang xử lý",
                    "payment": "paid",
                    "digitisation": "digitised",
                    "delivery": "not_ready",
                    "sync": "under_way",
                    "rule_pack": "2026",
                    "parked": 0,
                }
            ]
        }
    )

    code: str = told("The dossier.", "Mã hồ sơ.")
    version: int = told("Version here.", "Phiên bản hồ sơ.")
    status: Status = told("Business status.", "Trạng thái nghiệp vụ.")
    status_vi: str = told("The same, in words.", "Tên trạng thái.")
    payment: Literal["none", "created", "opened", "unknown", "paid", "failed"] = told(
        "Fees: none, or how the attempt that counts stands.", "Thanh toán: chưa có, hoặc trạng thái lần thanh toán."
    )
    digitisation: Literal["none", "digitised", "reused", "reused_result"] = told(
        "The furthest of its papers.", "Số hoá: mức cao nhất trong các giấy tờ."
    )
    delivery: Literal["not_ready", "ready", "handed_over"] = told(
        "The result on its way to the applicant.", "Trả kết quả cho người nộp."
    )
    sync: Literal["none", "complete", "under_way", "held"] = told(
        "Copies at the national systems.", "Đồng bộ lên các hệ thống quốc gia."
    )
    rule_pack: str = told(
        "Rules that it was accepted under, for good.", "Bộ quy tắc áp dụng từ khi tiếp nhận, không đổi về sau."
    )
    parked: int = told("Steps that wait for their place.", "Số bước đang chờ đúng vị trí.")

    @classmethod
    def of(cls, axes: Axes) -> AxesOut:
        return cls.model_validate(
            {
                "code": axes.code,
                "version": axes.version,
                "status": int(axes.status),
                "status_vi": axes.status.label_vi,
                "payment": axes.payment,
                "digitisation": axes.digitisation,
                "delivery": axes.delivery,
                "sync": axes.sync,
                "rule_pack": axes.pack,
                "parked": axes.parked,
            }
        )


class EventOut(Sent):
    """One step and its place; what officers wrote in it is not repeated here."""

    event_id: str = told("Your id of the step.", "Mã bước.")
    status: Status = told("Status after it.", "Trạng thái sau bước này.")
    status_vi: str = told("The same, in words.", "Tên trạng thái.")
    at: datetime = told("When it happened.", "Thời điểm xử lý.")
    place: Place = told(
        "applied; late: recorded in the history, the status stays; parked: it waits for its place.",
        "applied: đã áp dụng; late: ghi vào lịch sử, không đổi trạng thái; parked: đang chờ đúng vị trí.",
    )
    explanation: str | None = told("Why it is late or waits.", "Vì sao đến muộn hoặc phải chờ.")
    explanation_en: str | None = told("The same, for engineers.", "Cùng nội dung, bằng tiếng Anh.")

    @classmethod
    def of(cls, view: EventView) -> EventOut:
        return cls(
            event_id=view.event_id,
            status=int(view.status),
            status_vi=view.status.label_vi,
            at=view.occurred_at,
            place=view.place,
            explanation=view.why_vi or None,
            explanation_en=view.why or None,
        )


class HistoryOut(Sent):
    """Lịch sử xử lý, in the order in which it happened."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "000.00.05.H99-261123-0007",
                    "events": [
                        {
                            "event_id": "buoc-2",
                            "status": 4,
                            "status_vi": "Đang xử lý",
                            "at": "2026-11-23T10:00:00+07:00",
                            "place": "parked",
                            "explanation": "Bước này chờ bước trước đó (nêu trong `after`) chưa được gửi tới.",
                            "explanation_en": "It waits for the step named in `after`.",
                        }
                    ],
                }
            ]
        }
    )

    code: str = told("The dossier.", "Mã hồ sơ.")
    events: list[EventOut] = told("Its steps.", "Các bước xử lý.")
