"""The law's clocks of one dossier."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict

from gateway.api.schemas.base import Sent, told
from gateway.dossiers.model import Clocks
from gateway.rules.deadlines import Alarm


class ComputedOut(Sent):
    """Hạn trả tính theo thời hạn của thủ tục."""

    at: datetime = told("When the result is due.", "Hạn trả.")
    since: datetime = told("From when the days are counted.", "Tính từ.")
    before: list[datetime] = told(
        "Earlier due moments, each ended by a full supplement.",
        "Các hạn trước mỗi lần bổ sung đủ.",
    )


class DeadlinesOut(Sent):
    """Các thời hạn của hồ sơ. null: this clock does not run, or a fact that it needs was not told."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "000.00.05.H99-261123-0007",
                    "rule_pack": "2026",
                    "due_at": "2026-11-28T17:00:00+07:00",
                    "computed": {
                        "at": "2026-11-27T17:00:00+07:00",
                        "since": "2026-11-23T08:30:00+07:00",
                        "before": ["2026-11-25T17:00:00+07:00"],
                    },
                    "forward_by": "2026-11-23T17:00:00+07:00",
                    "return_ineligible_by": "2026-11-26T17:00:00+07:00",
                    "apology_from": "2026-11-27T00:00:00+07:00",
                    "reschedules_left": 1,
                    "alarms": ["due_soon"],
                    "calendar": "unconfirmed",
                }
            ]
        }
    )

    code: str = told("The dossier.", "Mã hồ sơ.")
    rule_pack: str = told("Rules that it keeps.", "Bộ quy tắc của hồ sơ.")
    due_at: datetime | None = told("As you told it; it is the one that counts.", "Hạn trả mà tỉnh đã hẹn.")
    computed: ComputedOut | None = told("From working_days and the steps.", "Tính từ working_days và các bước xử lý.")
    forward_by: datetime | None = told(
        "By when a paper dossier is handed on; received after 15:00, the next working day.",
        "Hạn chuyển hồ sơ giấy; nhận sau 15 giờ thì đầu ngày làm việc kế tiếp.",
    )
    return_ineligible_by: datetime | None = told(
        "By when it goes back with reasons, if it does not qualify.",
        "Hạn trả lại hồ sơ không đủ điều kiện.",
    )
    apology_from: datetime | None = told(
        "From then on a late result needs a written apology.", "Từ lúc này phải có văn bản xin lỗi nếu chưa có kết quả."
    )
    reschedules_left: int = told("How often it may get another date.", "Số lần còn được hẹn lại.")
    alarms: list[Alarm] = told("What needs somebody now, the graver first.", "Việc cần làm ngay, nặng trước.")
    calendar: Literal["confirmed", "unconfirmed", "missing"] = told(
        "Whether the working days were compared with the yearly decision; missing: a year has none, its clock is null.",
        "Lịch làm việc đã đối chiếu chưa; missing: thiếu lịch của một năm, thời hạn đó để null.",
    )

    @classmethod
    def of(cls, clocks: Clocks) -> DeadlinesOut:
        computed = clocks.computed
        return cls(
            code=clocks.code,
            rule_pack=clocks.pack,
            due_at=clocks.due_at,
            computed=computed and ComputedOut(at=computed.at, since=computed.since, before=list(computed.before)),
            forward_by=clocks.forward_by,
            return_ineligible_by=clocks.return_ineligible_by,
            apology_from=clocks.apology_from,
            reschedules_left=clocks.reschedules_left,
            alarms=list(clocks.alarms),
            calendar=clocks.calendar,
        )
