"""How far the copies of a dossier have come."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict

from gateway.api.schemas.base import Sent, told
from gateway.api.schemas.dossiers import Status
from gateway.delivery.model import StreamState, StreamView
from gateway.dossiers.model import SyncView


class TroubleOut(Sent):
    """Why a copy waits or is held."""

    code: str = told("Stable code; its first word says whose it is.", "Mã lỗi; từ đầu cho biết lỗi của bên nào.")
    detail: str = told("For officers.", "Nội dung.")
    detail_en: str = told("For engineers.", "Nội dung bằng tiếng Anh.")


class TargetOut(Sent):
    """How far the copy at one target has come."""

    target: str = told("The national system.", "Hệ thống nhận.")
    state: StreamState = told(
        "idle (all delivered), ready, claimed (under way), waiting, held.",
        "idle (đã gửi hết), ready, claimed (đang gửi), waiting (chờ gửi lại), held (chờ cán bộ).",
    )
    delivered: int = told("Messages that it acknowledged.", "Số bản tin đã được xác nhận.")
    total: int = told("Messages in all.", "Tổng số bản tin.")
    attempts: int = told("Failed attempts of the next one.", "Số lần gửi chưa thành công.")
    unsettled: bool = told(
        "It may have arrived; the target is asked before it is sent again.",
        "Chưa rõ đã tới hay chưa; sẽ tra cứu trước.",
    )
    next_attempt_at: datetime | None = told("Next attempt.", "Lần gửi kế tiếp.")
    acknowledged_at: datetime | None = told("Last acknowledgement.", "Lần xác nhận gần nhất.")
    trouble: TroubleOut | None = told("What is in the way.", "Vướng mắc.")

    @classmethod
    def of(cls, view: StreamView) -> TargetOut:
        trouble = view.trouble
        return cls(
            target=view.stream.target,
            state=view.state,
            delivered=view.head,
            total=view.tail,
            attempts=view.attempts,
            unsettled=view.unsettled,
            next_attempt_at=view.next_attempt_at,
            acknowledged_at=view.acknowledged_at,
            trouble=trouble and TroubleOut(code=trouble.code, detail=trouble.detail_vi, detail_en=trouble.detail),
        )


class SyncOut(Sent):
    """Tiến độ đồng bộ hồ sơ."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "000.00.05.H99-261123-0007",
                    "version": 3,
                    "status": 4,
                    "status_vi": "Đang xử lý",
                    "complete": False,
                    "targets": [
                        {
                            "target": "national_portal",
                            "state": "waiting",
                            "delivered": 2,
                            "total": 4,
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
                    ],
                }
            ]
        }
    )

    code: str = told("The dossier.", "Mã hồ sơ.")
    version: int = told("Version here.", "Phiên bản hồ sơ.")
    status: Status = told("Status here.", "Trạng thái.")
    status_vi: str = told("The same, in words.", "Tên trạng thái.")
    complete: bool = told("Every target has acknowledged everything.", "Mọi hệ thống đã xác nhận đầy đủ.")
    targets: list[TargetOut] = told("One entry per target.", "Từng hệ thống nhận.")

    @classmethod
    def of(cls, view: SyncView) -> SyncOut:
        return cls(
            code=view.code,
            version=view.version,
            status=int(view.status),
            status_vi=view.status.label_vi,
            complete=bool(view.streams) and all(stream.head == stream.tail for stream in view.streams),
            targets=[TargetOut.of(stream) for stream in view.streams],
        )
