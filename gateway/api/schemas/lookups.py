"""Citizens and enterprises: what is asked, and the verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, JsonValue

from gateway.api.schemas.base import (
    BirthDate,
    EnterpriseNumber,
    Name,
    PersonalNumber,
    PurposeIn,
    Received,
    Sent,
    told,
)
from gateway.domain import EnterpriseCode, PersonalId, Verdict
from gateway.lookups.model import Found, Verification

PURPOSE: dict[str, JsonValue] = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "procedure_code": "1.009999",
    "officer_id": "canbo.mau",
    "agency_id": "000.00.05.H99",
}
CITIZEN: dict[str, JsonValue] = {
    "personal_id": "099185000001",
    "full_name": "Trần Thị Mẫu",
    "birth_date": "1985-06-15",
    "purpose": PURPOSE,
}

ACCOUNT_NUMBER = f"^(?:{PersonalId.PATTERN.pattern}|{EnterpriseCode.PATTERN.pattern})$"

CitizenField = Literal[
    "personal_id", "old_card_number", "full_name", "birth_date", "gender", "ethnicity", "religion", "marital_status",
    "blood_type", "nationality", "birth_registration_place", "home_town", "permanent_address", "current_address",
    "father", "mother", "spouse", "representative", "household_head", "relation_code", "household_book",
]  # fmt: skip


class CitizenVerificationIn(Received):
    """Xác thực thông tin công dân: do these details belong together?"""

    model_config = ConfigDict(json_schema_extra={"examples": [CITIZEN]})

    personal_id: PersonalNumber = told("Personal identifier, 12 digits (old card: 9).", "Số định danh cá nhân.")
    full_name: Name = told("Name with its marks.", "Họ và tên có dấu.")
    birth_date: BirthDate = told("YYYY-MM-DD, or YYYY if only the year is known.", "Ngày sinh, hoặc chỉ năm sinh.")
    purpose: PurposeIn = told("Why it is asked; mandatory.", "Mục đích khai thác; bắt buộc.")


class CitizenLookupIn(CitizenVerificationIn):
    """Tra cứu thông tin công dân: the record, cut down to the named fields."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**CITIZEN, "fields": ["full_name", "permanent_address"]}]}
    )

    fields: Annotated[list[CitizenField], Field(min_length=1, max_length=21)] = told(
        "The fields that the procedure needs, and no more.", "Các trường mà thủ tục cần, không hơn."
    )


class AccountLookupIn(Received):
    """Tra cứu mã tài khoản trên Cổng (TechID) của công dân hoặc doanh nghiệp."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "099185000001", "purpose": PURPOSE}]})

    number: Annotated[str, Field(max_length=20, pattern=ACCOUNT_NUMBER)] = told(
        "Personal identifier or tax code.", "Số định danh cá nhân hoặc mã số thuế."
    )
    purpose: PurposeIn = told("Why it is asked; mandatory.", "Mục đích khai thác; bắt buộc.")


class EnterpriseLookupIn(Received):
    """Tra cứu doanh nghiệp."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enterprise_code": "9900000016", "purpose": PURPOSE}]})

    enterprise_code: EnterpriseNumber = told("Enterprise code, 10, 12 or 13 digits.", "Mã số doanh nghiệp.")
    purpose: PurposeIn = told("Why it is asked; mandatory.", "Mục đích khai thác; bắt buộc.")


class EnterpriseVerificationIn(EnterpriseLookupIn):
    """Xác thực doanh nghiệp: the code, and what else the officer has."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"enterprise_code": "9900000016", "name": "Công ty TNHH Ví Dụ", "purpose": PURPOSE}]
        }
    )

    name: Name | None = told("Name to compare.", "Tên doanh nghiệp cần đối chiếu.", default=None)
    representative_name: Name | None = told(
        "Legal representative to compare.", "Người đại diện theo pháp luật cần đối chiếu.", default=None
    )


class DifferenceOut(Sent):
    """A field that the gateway compared, and how it differs."""

    field: str = told("Name of the field.", "Tên trường.")
    how: Literal["different", "similar"] = told(
        "`similar`: only marks, spacing or case differ.", "`similar`: chỉ khác dấu, khoảng trắng hoặc chữ hoa."
    )


class JudgedOut(Sent):
    """What every look-up answers: a verdict and what it rests on."""

    verdict: Verdict = told("What may be said.", "Kết quả đối chiếu.")
    verdict_vi: str = told("The same, for officers.", "Kết quả bằng lời.")
    explanation: str = told("What it means.", "Giải thích bằng tiếng Anh.")
    explanation_vi: str = told("What it means, in Vietnamese.", "Giải thích.")
    system: str = told("The system that was asked.", "Hệ thống đã hỏi.")
    reference: str = told("Call id at that system; quote it in an enquiry.", "Mã cuộc gọi, dùng khi cần tra soát.")
    audit_index: int | None = told("Row of the audit log that proves it.", "Số dòng trong nhật ký giao dịch.")
    checked_at: datetime = told("When it was asked.", "Thời điểm tra cứu.")

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
        }


class VerificationOut(JudgedOut):
    """A verdict and what it rests on. It never decides by itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "verdict": "match",
                    "verdict_vi": "Khớp",
                    "explanation": "The register confirms these details.",
                    "explanation_vi": "Cơ sở dữ liệu xác nhận thông tin này.",
                    "system": "population",
                    "reference": "MIV3KZ6P01A2B3C4D5E6",
                    "audit_index": 12,
                    "checked_at": "2026-11-23T09:15:00+07:00",
                    "compared": ["personal_id", "full_name", "birth_date"],
                    "differences": [],
                    "facts": {},
                }
            ]
        }
    )

    compared: list[str] = told("Fields that were compared.", "Các trường đã đối chiếu.")
    differences: list[DifferenceOut] = told("What differs, as far as we compared.", "Những điểm khác nhau.")
    facts: dict[str, Any] = told(
        "For an enterprise: its legal status in the registry's words.",
        "Với doanh nghiệp: tình trạng pháp lý theo nguyên văn của cơ sở dữ liệu.",
    )

    @classmethod
    def of(cls, found: Verification) -> VerificationOut:
        return cls(
            **cls.judged(found),
            compared=list(found.compared),
            differences=[DifferenceOut(field=d.field, how=d.how) for d in found.differences],
            facts=dict(found.facts),
        )


class FoundOut(JudgedOut):
    """The answer to a look-up."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "verdict": "match",
                    "verdict_vi": "Khớp",
                    "explanation": "The register confirms these details.",
                    "explanation_vi": "Cơ sở dữ liệu xác nhận thông tin này.",
                    "system": "population",
                    "reference": "MIV3KZ6P01A2B3C4D5E6",
                    "audit_index": 12,
                    "checked_at": "2026-11-23T09:15:00+07:00",
                    "record": {"full_name": "TRẦN THỊ MẪU"},
                }
            ]
        }
    )

    record: dict[str, Any] = told("The record, in our vocabulary; empty unless found.", "Dữ liệu tìm thấy.")

    @classmethod
    def of(cls, found: Found) -> FoundOut:
        return cls(
            **cls.judged(found),
            record=dict(found.record),
        )
