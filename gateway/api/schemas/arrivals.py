"""What national systems sent to the province."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue

from gateway.api.schemas.base import Sent, told
from gateway.arrivals.model import Arrival, ArrivalView

VIEW: dict[str, JsonValue] = {
    "id": "0d4f6c1e-8f0b-4f0e-9f53-6a0b7c1d2e3f",
    "cursor": 7,
    "system": "national_portal",
    "event": "promotion_notice",
    "key": "G22.01-260102-000321",
    "version": 1,
    "received_at": "2026-11-23T09:00:00+07:00",
    "deliveries": 1,
    "acknowledged_at": "2026-11-23T09:05:00+07:00",
    "acknowledged_by": "motcua",
}


class PageIn(BaseModel):
    """Which arrivals to list; a misspelt parameter is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    after: int = told("Cursor of the last one that you have.", "Vị trí bản tin cuối đã lấy.", default=0, ge=0, le=2**62)
    limit: int = told("How many.", "Số bản tin tối đa.", default=50, ge=1, le=200)
    everything: bool = told("Acknowledged ones, too.", "Kể cả bản tin đã xác nhận.", default=False, alias="all")


class ArrivalOut(Sent):
    """Bản tin đến: an arrival without what it says."""

    model_config = ConfigDict(json_schema_extra={"examples": [VIEW]})

    id: str = told("Its id.", "Mã bản tin đến.")
    cursor: int = told("Its place in the order of arrival.", "Vị trí theo thứ tự đến.")
    system: str = told("Who sent it.", "Hệ thống gửi.")
    event: str = told("What it is.", "Loại bản tin.")
    key: str = told("The matter, such as a dossier code.", "Mã của việc, ví dụ mã hồ sơ.")
    version: int = told(
        "More than 1: the same matter with other content; all are kept.",
        "Lớn hơn 1: cùng mã nhưng khác nội dung; mọi bản đều được giữ.",
    )
    received_at: datetime = told("When it came first.", "Thời điểm đến lần đầu.")
    deliveries: int = told("How often exactly this came.", "Số lần nhận đúng nội dung này.")
    acknowledged_at: datetime | None = told("When you said that you have it.", "Thời điểm địa phương xác nhận đã lấy.")
    acknowledged_by: str | None = told("The client that said so.", "Hệ thống đã xác nhận.")

    @classmethod
    def of(cls, view: ArrivalView) -> ArrivalOut:
        return cls(**_columns(view))


class ArrivalsOut(Sent):
    """A page of arrivals, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"arrivals": [VIEW], "next_after": 7}]})

    arrivals: list[ArrivalOut] = told("Oldest first.", "Cũ nhất trước.")
    next_after: int = told("Ask for what is behind this next.", "Giá trị after của lần hỏi sau.")

    @classmethod
    def of(cls, views: Sequence[ArrivalView], *, after: int) -> ArrivalsOut:
        return cls(arrivals=[ArrivalOut.of(view) for view in views], next_after=views[-1].cursor if views else after)


class WholeArrivalOut(ArrivalOut):
    """An arrival with what it says."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **VIEW,
                    "body": {"dossier_code": "G22.01-260102-000321", "enterprise": {"name": "Công ty Ví Dụ"}},
                    "original_base64": "eyJNYUhvU28iOiAiRzIyLjAxLTI2MDEwMi0wMDAzMjEifQ==",
                }
            ]
        }
    )

    body: dict[str, JsonValue] = told(
        "What it says, in the gateway's words; its fields depend on the event.",
        "Nội dung theo cách gọi của cổng; các trường tuỳ loại bản tin.",
    )
    original_base64: str = told("What was sent, untranslated, in base64.", "Nguyên văn đã nhận, mã hoá base64.")

    @classmethod
    def whole(cls, arrival: Arrival) -> WholeArrivalOut:
        body = dict(arrival.body)
        return cls(**_columns(arrival.view), body=body, original_base64=b64encode(arrival.original).decode())


def _columns(view: ArrivalView) -> dict[str, object]:
    own = {name: getattr(view, name) for name in ArrivalView.__slots__}
    return {**own, "acknowledged_by": view.acknowledged_by or None}
