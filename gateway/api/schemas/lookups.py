"""Citizens and their accounts: what is asked, and what is answered."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from gateway.api.schemas.base import (
    BirthDate,
    Code,
    Line,
    Name,
    PersonalNumber,
    PurposeIn,
    Received,
    told,
    wrong,
)
from gateway.api.schemas.citizen_records import AccountsRecordOut, CitizenRecordOut
from gateway.api.schemas.judged import FOUND, PURPOSE, VERIFIED, JudgedOut, VerifiedOut
from gateway.domain import EnterpriseCode, PersonalId
from gateway.lookups.model import Found, Verification
from gateway.rules.purposes import CitizenField

CITIZEN: dict[str, JsonValue] = {
    "personal_id": "099185000001",
    "full_name": "Trần Thị Mẫu",
    "birth_date": "1985-06-15",
    "purpose": PURPOSE,
}
ADDRESSED: dict[str, JsonValue] = {
    **CITIZEN,
    "gender": "2",
    "permanent_address": {"text": "Số 1, đường Mẫu, phường Sóc Trăng, thành phố Cần Thơ"},
}

ACCOUNT_NUMBER = f"^(?:{PersonalId.PATTERN.pattern}|{EnterpriseCode.PATTERN.pattern})$"


class AddressToCompareIn(Received):
    """Địa chỉ cần đối chiếu: in one text, by codes of two levels, or both; old names and codes are understood."""

    text: Line | None = told("Whole address in one line.", "Địa chỉ viết trên một dòng.", default=None)
    province_code: Code | None = told("Code of the province, old or new.", "Mã tỉnh, cũ hoặc mới.", default=None)
    commune_code: Code | None = told("Code of the commune, old or new.", "Mã xã, cũ hoặc mới.", default=None)
    detail: Line | None = told("House and street.", "Địa chỉ chi tiết.", default=None)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise wrong("An address needs at least one of its fields.", "Địa chỉ phải có ít nhất một trường.")
        return self


class CitizenIn(Received):
    """Whom it is about, and why it is asked."""

    personal_id: PersonalNumber = told("Personal identifier, 12 digits (old card: 9).", "Số định danh cá nhân.")
    full_name: Name = told("Name with its marks.", "Họ và tên có dấu.")
    birth_date: BirthDate = told("YYYY-MM-DD, or YYYY if only the year is known.", "Ngày sinh, hoặc chỉ năm sinh.")
    purpose: PurposeIn = told("Why it is asked; mandatory.", "Mục đích khai thác; bắt buộc.")


class CitizenVerificationIn(CitizenIn):
    """Xác thực thông tin công dân: do these details belong together? With gender or address the record is compared."""

    model_config = ConfigDict(json_schema_extra={"examples": [CITIZEN, ADDRESSED]})

    gender: Literal["1", "2"] | None = told("1 male, 2 female (QCVN 109).", "1 nam, 2 nữ (QCVN 109).", default=None)
    permanent_address: AddressToCompareIn | None = told("Permanent address.", "Nơi thường trú.", default=None)


class CitizenLookupIn(CitizenIn):
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


class CitizenVerificationOut(VerifiedOut):
    """The verdict on a citizen's details. It never decides by itself."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**VERIFIED, "compared": ["personal_id", "full_name", "birth_date"]}]}
    )

    @classmethod
    def of(cls, found: Verification) -> CitizenVerificationOut:
        return cls(**cls.verified(found))


class CitizenFoundOut(JudgedOut):
    """A citizen's record, or what can be said without one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **FOUND,
                    "record": {
                        "full_name": "TRẦN THỊ MẪU",
                        "permanent_address": {"province_code": "92", "commune_code": "31507", "country": "VN"},
                    },
                }
            ]
        }
    )

    record: CitizenRecordOut = told("The record, in our vocabulary; empty unless found.", "Dữ liệu tìm thấy.")
    data_as_of: str | None = told(
        "The moment of which the register says its data are; null if it does not say.",
        "Thời điểm của dữ liệu theo cơ sở dữ liệu; null nếu không được cho biết.",
        default=None,
    )

    @classmethod
    def of(cls, found: Found) -> CitizenFoundOut:
        told_of = {"record": dict(found.record), "data_as_of": found.facts.get("data_as_of")}
        return cls.model_validate({**cls.judged(found), **told_of})


class AccountFoundOut(JudgedOut):
    """The accounts, or what can be said without them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**FOUND, "system": "national_portal", "record": {"account_ids": ["TECH-1"]}}]}
    )

    record: AccountsRecordOut = told("The accounts; empty unless found.", "Các tài khoản tìm thấy.")

    @classmethod
    def of(cls, found: Found) -> AccountFoundOut:
        return cls.model_validate({**cls.judged(found), "record": dict(found.record)})
