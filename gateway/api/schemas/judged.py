"""What every look-up answers beside its record: the verdict and what it rests on."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue

from gateway.api.schemas.base import Sent, told
from gateway.domain import Reason, Verdict
from gateway.lookups.explain import CAUTIONS, GAPS
from gateway.lookups.model import Caution, Difference, Found, Gap, Unchecked, Verification
from gateway.sdk.errors import Origin

RECHECKS = "/v1/rechecks"

PURPOSE: dict[str, JsonValue] = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "procedure_code": "1.009999",
    "officer_id": "canbo.mau",
    "agency_id": "000.00.05.H99",
}
JUDGED: dict[str, JsonValue] = {
    "verdict": "match",
    "verdict_vi": "Khớp",
    "explanation": "The register confirms these details.",
    "explanation_vi": "Cơ sở dữ liệu xác nhận thông tin này.",
    "system": "population",
    "reference": "MIV3KZ6P01A2B3C4D5E6",
    "audit_index": 12,
    "checked_at": "2026-11-23T09:15:00+07:00",
}
"""The common part of every example."""
FOUND: dict[str, JsonValue] = {
    **JUDGED,
    "explanation": "The register holds this.",
    "explanation_vi": "Cơ sở dữ liệu có thông tin này.",
}
VERIFIED: dict[str, JsonValue] = {**JUDGED, "compared_by": "register", "differences": [], "unchecked": []}
ABOUT_FIRM: dict[str, JsonValue] = {"system": "business_registry", "warnings": []}


class RecheckOut(Sent):
    """An offer: the same question can be asked again later, durably (POP-10)."""

    path: str = told("Where to send it.", "Địa chỉ gửi yêu cầu xác thực lại.")
    operation: str = told("The operation to name there.", "Nghiệp vụ cần hỏi lại.")


class ReasonOut(Sent):
    """Why two writings are only alike."""

    reason: Reason = told("Stable code of the reason.", "Mã lý do.")
    detail: str = told("The reason, in English.", "Lý do bằng tiếng Anh.")
    detail_vi: str = told("The reason, in Vietnamese.", "Lý do.")


class DifferenceOut(Sent):
    """A field that the gateway compared, and how it differs."""

    field: str = told("Name of the field.", "Tên trường.")
    how: Literal["different", "similar"] = told(
        "`similar`: nothing differs but what `why` names.", "`similar`: chỉ khác những điểm nêu ở `why`."
    )
    why: list[ReasonOut] = told(
        "Why it is only similar: marks, short forms, old place names and the like; empty if different.",
        "Vì sao chỉ gần giống: dấu, viết tắt, địa danh cũ…; trống nếu khác hẳn.",
    )

    @classmethod
    def of(cls, found: Difference) -> DifferenceOut:
        why = [ReasonOut(reason=reason, detail=reason.detail, detail_vi=reason.detail_vi) for reason in found.why]
        return cls.model_validate({"field": found.field, "how": found.how, "why": why})


class UncheckedOut(Sent):
    """A field that was given and that the verdict does not cover, or not wholly."""

    field: str = told("Name of the field.", "Tên trường.")
    gap: Gap = told("Stable code of the reason.", "Mã lý do.")
    detail: str = told("Why it was not checked, in English.", "Lý do chưa đối chiếu, bằng tiếng Anh.")
    detail_vi: str = told("Why it was not checked, in Vietnamese.", "Lý do chưa đối chiếu.")

    @classmethod
    def of(cls, found: Unchecked) -> UncheckedOut:
        english, vietnamese = GAPS[found.gap]
        return cls(field=found.field, gap=found.gap, detail=english, detail_vi=vietnamese)


class WarningOut(Sent):
    """What an officer should look at, although nothing was refused for it."""

    code: Caution = told("Stable code.", "Mã cảnh báo.")
    detail: str = told("What to look at, in English.", "Nội dung bằng tiếng Anh.")
    detail_vi: str = told("What to look at, in Vietnamese.", "Nội dung cần xem lại.")

    @classmethod
    def all(cls, found: Verification | Found) -> list[WarningOut]:
        return [cls(code=code, detail=CAUTIONS[code][0], detail_vi=CAUTIONS[code][1]) for code in found.cautions]


class JudgedOut(Sent):
    """What every look-up answers: a verdict and what it rests on."""

    verdict: Verdict = told("What may be said.", "Kết quả đối chiếu.")
    verdict_vi: str = told("The same, for officers.", "Kết quả bằng lời.")
    explanation: str = told("What it means.", "Giải thích bằng tiếng Anh.")
    explanation_vi: str = told("What it means, in Vietnamese.", "Giải thích.")
    system: str = told(
        "The system that was asked; empty if none is configured.", "Hệ thống đã hỏi; trống nếu chưa cấu hình."
    )
    reference: str = told(
        "Call id at that system, or the trace id if there was no call; quote it in an enquiry.",
        "Mã cuộc gọi, hoặc mã truy vết nếu chưa gọi được; dùng khi cần tra soát.",
    )
    audit_index: int | None = told("Row of the audit log that proves it.", "Số dòng trong nhật ký giao dịch.")
    checked_at: datetime = told("When it was asked.", "Thời điểm tra cứu.")
    fault: Origin | None = told(
        "Whose fault it is that the verdict is undetermined; null otherwise.",
        "Nguyên nhân thuộc bên nào khi chưa xác định được; các trường hợp khác là null.",
        default=None,
    )
    retry_after: int | None = told(
        "Seconds after which it is worth asking again when the verdict is undetermined; null where that is not known.",
        "Số giây nên chờ trước khi hỏi lại khi chưa xác định được; không biết trước thì là null.",
        default=None,
    )

    @staticmethod
    def judged(found: Verification | Found) -> dict[str, Any]:
        """The fields of this class."""
        return {
            "verdict": found.verdict,
            "verdict_vi": found.verdict.label_vi,
            "explanation": found.explanation,
            "explanation_vi": found.explanation_vi,
            "system": found.system,
            "reference": found.reference,
            "audit_index": found.audit_index,
            "checked_at": found.checked_at,
            "fault": found.fault,
            "retry_after": None if found.retry_after_s is None else math.ceil(found.retry_after_s),
        }


class VerifiedOut(JudgedOut):
    """A verdict on given details. It never decides by itself."""

    compared: list[str] = told("Fields that were compared.", "Các trường đã đối chiếu.")
    compared_by: Literal["register", "gateway"] | None = told(
        "Who compared them; null if nobody did. A register never says which field it found wrong.",
        "Bên đối chiếu; null nếu chưa đối chiếu. Cơ sở dữ liệu không bao giờ cho biết trường nào sai.",
        default=None,
    )
    differences: list[DifferenceOut] = told("What differs, as far as we compared.", "Những điểm khác nhau.")
    unchecked: list[UncheckedOut] = told(
        "Fields that were given and that the verdict does not cover.", "Các trường đã nêu nhưng chưa được đối chiếu."
    )

    recheck: RecheckOut | None = told(
        "How to ask again later when the verdict is undetermined; null otherwise.",
        "Cách yêu cầu xác thực lại khi chưa xác định được; các trường hợp khác là null.",
        default=None,
    )

    @classmethod
    def verified(cls, found: Verification) -> dict[str, Any]:
        """The fields of this class."""
        return {
            **cls.judged(found),
            "compared": list(found.compared),
            "compared_by": found.compared_by,
            "differences": [DifferenceOut.of(difference) for difference in found.differences],
            "unchecked": [UncheckedOut.of(unchecked) for unchecked in found.unchecked],
            "recheck": RecheckOut(path=RECHECKS, operation=found.recheck) if found.recheck else None,
        }
