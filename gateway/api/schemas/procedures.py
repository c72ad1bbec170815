"""Procedures and online services of the national database (portal contract, 4.1, 4.2, 4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue

from gateway.api.schemas.base import Asked, Sent, told
from gateway.api.schemas.sync import TroubleOut
from gateway.procedures.model import Pin, ProcedureVersion, ProcedureView

VERSION: dict[str, JsonValue] = {
    "version": 2,
    "fetched_at": "2026-11-20T02:00:00Z",
    "confirmed_at": "2026-11-23T02:00:00Z",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


class ProcedureAsked(Asked):
    """Which version."""

    version: Annotated[int, Field(ge=1, le=1_000_000)] | None = told(
        "A kept version; without it, today's.", "Số phiên bản; bỏ trống là hiện hành.", default=None
    )


class ProcedureVersionOut(Sent):
    """One telling of a procedure that differed from the one before."""

    version: int = told("Counts from 1.", "Số phiên bản, từ 1.")
    fetched_at: datetime = told("When the portal first told it so.", "Lần đầu Cổng cho biết nội dung này.")
    confirmed_at: datetime = told("When the portal last told the same.", "Lần gần nhất Cổng xác nhận nội dung này.")
    digest: str = told("SHA-256 of the content, hex.", "Mã băm SHA-256 của nội dung.")

    @staticmethod
    def kept(version: ProcedureVersion) -> dict[str, Any]:
        """The fields of this class."""
        return {name: getattr(version, name) for name in ("version", "fetched_at", "confirmed_at", "digest")}


class ProcedureOut(ProcedureVersionOut):
    """Thủ tục hành chính: the whole detail, and how fresh it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "1.009999",
                    **VERSION,
                    "stale": True,
                    "trouble": {
                        "code": "partner.no_answer",
                        "detail": "Hệ thống quốc gia không trả lời kịp",
                        "detail_en": "No answer came in time.",
                    },
                    "procedure": {"code": "1.009999", "name": "Cấp giấy xác nhận ví dụ"},
                }
            ]
        }
    )

    code: str = told("National procedure code.", "Mã thủ tục hành chính quốc gia.")
    stale: bool = told(
        "True: the portal did not confirm it just now (it could not be asked, or a kept version was asked for); it may "
        "have changed since `confirmed_at`.",
        "true: lần này Cổng chưa xác nhận (không hỏi được, hoặc đang xem phiên bản lưu); có thể đã thay đổi.",
    )
    trouble: TroubleOut | None = told("Why the portal could not be asked.", "Vì sao không hỏi được Cổng.")
    procedure: dict[str, Any] = told("The detail, in our vocabulary.", "Nội dung thủ tục.")

    @classmethod
    def of(cls, view: ProcedureView) -> ProcedureOut:
        trouble = view.trouble
        return cls(
            code=view.kept.code,
            **cls.kept(view.kept),
            stale=view.stale,
            trouble=trouble and TroubleOut(code=trouble.error_code, detail=trouble.detail_vi, detail_en=trouble.detail),
            procedure=dict(view.kept.document),
        )


class ProcedureVersionsOut(Sent):
    """Các phiên bản của một thủ tục, the newest first; none if it was never read through the gateway."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "1.009999", "versions": [VERSION]}]})

    code: str = told("National procedure code.", "Mã thủ tục hành chính.")
    versions: list[ProcedureVersionOut] = told("The newest first.", "Mới nhất trước.")


class DossierProcedureOut(Sent):
    """Phiên bản thủ tục áp dụng cho hồ sơ từ khi tiếp nhận; for good, whatever the procedure becomes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dossier_code": "000.00.05.H99-261123-0007",
                    "code": "1.009999",
                    "version": 2,
                    "taken_at": "2026-11-23T09:15:00+07:00",
                    "procedure": "/v1/procedures/1.009999?version=2",
                }
            ]
        }
    )

    dossier_code: str = told("The dossier.", "Mã hồ sơ.")
    code: str = told(
        "Its procedure, by the national code; empty if it was taken in before procedures were kept.",
        "Mã thủ tục hành chính quốc gia; trống nếu nhận trước khi cổng lưu thủ tục.",
    )
    version: int | None = told(
        "The version; null: none was kept at that moment, so nobody can say.",
        "Số phiên bản; null: lúc đó chưa lưu phiên bản nào nên không khẳng định được.",
    )
    taken_at: datetime = told("When the dossier was first taken in.", "Thời điểm nhận hồ sơ lần đầu.")
    procedure: str | None = told("Where that version is.", "Địa chỉ xem phiên bản đó.")

    @classmethod
    def of(cls, pin: Pin) -> DossierProcedureOut:
        return cls(
            dossier_code=pin.dossier,
            code=pin.code,
            version=pin.version,
            taken_at=pin.taken_at,
            procedure=f"/v1/procedures/{pin.code}?version={pin.version}" if pin.version else None,
        )


class NamedProcedureOut(Sent):
    """A procedure in a list."""

    code: str = told("Code.", "Mã thủ tục.")
    name: str = told("Name.", "Tên thủ tục.")


class AgencyProceduresOut(Sent):
    """Danh sách thủ tục của đơn vị, as the portal tells it now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"agency_id": "H99", "items": [{"code": "1.009999", "name": "Cấp giấy xác nhận ví dụ"}]}]
        }
    )

    agency_id: str = told("The agency.", "Mã định danh cơ quan.")
    items: list[NamedProcedureOut] = told("Its procedures; empty: the portal lists none.", "Các thủ tục.")


class OfferedOut(Sent):
    """Where an online service is offered."""

    agency_code: str | None = told("The agency.", "Mã cơ quan thực hiện.", default=None)
    level: Any = told("The portal's level, as it says it.", "Mức độ, theo nguyên văn của Cổng.", default=None)


class OnlineServiceOut(Sent):
    """Dịch vụ công trực tuyến."""

    code: str = told("Code.", "Mã dịch vụ công.")
    name: str = told("Name.", "Tên dịch vụ công.")
    procedure_code: str | None = told("Its procedure.", "Mã thủ tục.", default=None)
    procedure_name: str | None = told("Its name.", "Tên thủ tục.", default=None)
    owner: str | None = told("Who published it.", "Cơ quan ban hành.", default=None)
    field_name: str | None = told("Field of activity.", "Lĩnh vực.", default=None)
    offered_by: list[OfferedOut] = told("Where it is offered.", "Nơi áp dụng.", default_factory=list)


class OnlineServicesOut(Sent):
    """Danh mục dịch vụ công trực tuyến, as the portal tells it now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "code": "1.009999.02",
                            "name": "Nộp trực tuyến ví dụ",
                            "procedure_code": "1.009999",
                            "procedure_name": "Cấp giấy xác nhận ví dụ",
                            "owner": "Bộ Ví dụ",
                            "field_name": "Lĩnh vực ví dụ",
                            "offered_by": [{"agency_code": "H99.12", "level": 4}],
                        }
                    ]
                }
            ]
        }
    )

    items: list[OnlineServiceOut] = told("Every online service.", "Các dịch vụ công trực tuyến.")

    @classmethod
    def of(cls, items: list[Mapping[str, Any]]) -> OnlineServicesOut:
        return cls(items=[OnlineServiceOut(**item) for item in items])
