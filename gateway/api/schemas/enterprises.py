"""Enterprises and their representatives: what is asked, and what is answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from gateway.api.schemas.base import EnterpriseNumber, Line, Name, PersonalNumber, PurposeIn, Received, told
from gateway.api.schemas.enterprise_records import EnterpriseFactsOut, EnterpriseRecordOut
from gateway.api.schemas.judged import ABOUT_FIRM, FOUND, PURPOSE, VERIFIED, JudgedOut, VerifiedOut, WarningOut
from gateway.lookups.enterprises import SubjectType
from gateway.lookups.model import Found, Verification
from gateway.rules.purposes import EnterpriseField

FIRM: dict[str, JsonValue] = {"enterprise_code": "9900000016", "purpose": PURPOSE}
FACTS: dict[str, JsonValue] = {
    "name": "CÔNG TY TNHH MẪU SÓC TRĂNG",
    "status": "Đang hoạt động",
    "subject_type": "enterprise",
}


class EnterpriseIn(Received):
    """Which enterprise it is about, and why it is asked."""

    enterprise_code: EnterpriseNumber = told("Enterprise code, 10, 12 or 13 digits.", "Mã số doanh nghiệp.")
    purpose: PurposeIn = told("Why it is asked; mandatory.", "Mục đích khai thác; bắt buộc.")


class EnterpriseLookupIn(EnterpriseIn):
    """Tra cứu doanh nghiệp: without `fields` what is free and public, NĐ 01/2021 Art 36.1."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [FIRM, {**FIRM, "fields": ["name", "status", "representative_documents"]}]}
    )

    fields: Annotated[list[EnterpriseField], Field(min_length=1, max_length=25)] | None = told(
        "The fields that the procedure needs; without it the public ones.",
        "Các trường mà thủ tục cần; không nêu thì chỉ các trường công khai.",
        default=None,
    )


class EnterpriseVerificationIn(EnterpriseIn):
    """Xác thực doanh nghiệp: the code, and what else the officer has."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**FIRM, "name": "Công ty TNHH Ví Dụ"}]})

    name: Name | None = told("Name to compare.", "Tên doanh nghiệp cần đối chiếu.", default=None)
    head_office: Line | None = told(
        "Address of the head office to compare.", "Địa chỉ trụ sở cần đối chiếu.", default=None
    )
    representative_name: Name | None = told(
        "Legal representative to compare.", "Người đại diện theo pháp luật cần đối chiếu.", default=None
    )


class RepresentativeVerificationIn(EnterpriseIn):
    """Xác thực người đại diện theo pháp luật: does this person represent that enterprise?"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {**FIRM, "full_name": "Nguyễn Văn Mẫu"},
                {**FIRM, "full_name": "Nguyễn Văn Mẫu", "personal_id": "099080000002"},
            ]
        }
    )

    full_name: Name = told("The person's name with its marks.", "Họ và tên có dấu.")
    personal_id: PersonalNumber | None = told(
        "The person's number, 12 digits (old card: 9).", "Số định danh của người đó.", default=None
    )


class EnterpriseVerifiedOut(VerifiedOut):
    """A verdict that concerns an enterprise."""

    facts: EnterpriseFactsOut = told(
        "Its name, its legal status in the register's words, and what it is; empty unless found.",
        "Tên, tình trạng pháp lý theo nguyên văn và loại chủ thể; trống nếu không tìm thấy.",
    )
    warnings: list[WarningOut] = told("What to look at; refuses nothing.", "Cảnh báo; không từ chối.")

    @classmethod
    def _of(cls, found: Verification) -> dict[str, object]:
        return {**cls.verified(found), "facts": dict(found.facts), "warnings": WarningOut.all(found)}


class EnterpriseVerificationOut(EnterpriseVerifiedOut):
    """The verdict on an enterprise's details. It never decides by itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **VERIFIED,
                    **ABOUT_FIRM,
                    "compared": ["enterprise_code", "name"],
                    "compared_by": "gateway",
                    "facts": FACTS,
                }
            ]
        }
    )

    @classmethod
    def of(cls, found: Verification) -> EnterpriseVerificationOut:
        return cls.model_validate(cls._of(found))


class RepresentativeVerificationOut(EnterpriseVerifiedOut):
    """Whether the person is a legal representative. Not being one does not mean not being authorised."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **VERIFIED,
                    **ABOUT_FIRM,
                    "explanation": "The register names this person as a legal representative.",
                    "explanation_vi": "Cơ sở dữ liệu ghi người này là người đại diện theo pháp luật.",
                    "compared": ["full_name"],
                    "compared_by": "gateway",
                    "facts": FACTS,
                }
            ]
        }
    )

    @classmethod
    def of(cls, found: Verification) -> RepresentativeVerificationOut:
        return cls.model_validate(cls._of(found))


class EnterpriseFoundOut(JudgedOut):
    """An enterprise's record, or what can be said without one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **FOUND,
                    **ABOUT_FIRM,
                    "record": {
                        "enterprise_code": "9900000016",
                        "name": "CÔNG TY TNHH MẪU SÓC TRĂNG",
                        "status": "Đang hoạt động",
                        "representatives": [{"full_name": "NGUYỄN VĂN MẪU"}],
                    },
                    "subject_type": "enterprise",
                }
            ]
        }
    )

    record: EnterpriseRecordOut = told("The record, in our vocabulary; empty unless found.", "Dữ liệu tìm thấy.")
    subject_type: SubjectType | None = told(
        "Enterprise, dependent unit, household or co-operative; null unless found.",
        "Doanh nghiệp, đơn vị phụ thuộc, hộ kinh doanh hoặc hợp tác xã; null nếu không tìm thấy.",
        default=None,
    )
    warnings: list[WarningOut] = told("What to look at; refuses nothing.", "Cảnh báo; không từ chối.")

    @classmethod
    def of(cls, found: Found) -> EnterpriseFoundOut:
        return cls.model_validate(
            {
                **cls.judged(found),
                "record": dict(found.record),
                "subject_type": found.facts.get("subject_type"),
                "warnings": WarningOut.all(found),
            }
        )
