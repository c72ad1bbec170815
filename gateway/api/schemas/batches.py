"""Steps of many dossiers in one request."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue, SkipValidation

from gateway.api.schemas.base import DossierNumber, Received, Sent, told
from gateway.api.schemas.dossiers import StatusEventIn, TakenOut
from gateway.api.schemas.problem import ProblemOut

LONGEST = 500
STEP: dict[str, JsonValue] = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "event_id": "buoc-3",
    "status": 4,
    "at": "2026-11-23T10:00:00+07:00",
    "officer_name": "Lê Văn Thử",
    "content": "Chuyển phòng chuyên môn xử lý",
}


class DossierStepIn(StatusEventIn):
    """Bước xử lý của một hồ sơ: a step, and the dossier that it belongs to."""

    dossier_code: DossierNumber = told("The dossier.", "Mã hồ sơ.")

    model_config = ConfigDict(json_schema_extra={"examples": [STEP]})


class StatusEventsIn(Received):
    """Nhiều bước xử lý trong một yêu cầu."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"events": [STEP, {**STEP, "event_id": "buoc-4", "status": 9}]}]}
    )

    events: Annotated[list[SkipValidation[DossierStepIn | Any]], Field(min_length=1, max_length=LONGEST)] = told(
        f"Steps in the order in which they are to be taken in, at most {LONGEST}; each is checked on its own.",
        f"Các bước theo thứ tự ghi nhận, tối đa {LONGEST}; mỗi bước được kiểm tra riêng.",
    )


class ItemOut(Sent):
    """What became of one step: `taken` or `problem`."""

    taken: TakenOut | None = told("It was stored durably.", "Đã ghi nhận bền vững.", default=None)
    problem: ProblemOut | None = told(
        "Why it was refused; it left nothing.", "Vì sao bị từ chối; không có gì được lưu.", default=None
    )


class ItemsOut(Sent):
    """One answer for each step, in the order given."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "refused": 0,
                    "items": [
                        {
                            "taken": {
                                "code": "000.00.05.H99-261123-0007",
                                "version": 2,
                                "status": 4,
                                "status_vi": "Đang xử lý",
                                "event_id": "buoc-3",
                                "place": "late",
                                "explanation": "Bước này xảy ra trước bước mới nhất: đã ghi vào lịch sử.",
                                "explanation_en": "It happened before the newest step: it is recorded.",
                                "sync": "/v1/dossiers/000.00.05.H99-261123-0007/sync",
                            }
                        }
                    ],
                }
            ]
        }
    )

    refused: int = told("How many were refused.", "Số bước bị từ chối.")
    items: list[ItemOut] = told("What became of each.", "Kết quả từng bước.")
