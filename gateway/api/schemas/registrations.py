"""Dossiers of the business register: of today, of a period, and one of them (contract, section 4)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails
from typing_extensions import TypedDict

from gateway.api.schemas.base import Day, PurposeIn, Received, told, wrong
from gateway.api.schemas.citizen_records import LENIENT
from gateway.api.schemas.judged import FOUND, PURPOSE, JudgedOut
from gateway.lookups.model import Found

LONGEST_DAYS = 5
"""Of a period, the first and the last counted: the register takes no more."""
LONGEST_PAGE = 100

TimeOfDay = Annotated[str, Field(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]
JournalNumber = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class RegistrationSearchIn(Received):
    """Danh sách hồ sơ đăng ký doanh nghiệp: either of today between two times, or of at most five days."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"from_date": "2026-11-16", "to_date": "2026-11-20", "offset": 0, "limit": 50, "purpose": PURPOSE},
                {"from_time": "07:30", "to_time": "11:30", "purpose": PURPOSE},
            ]
        }
    )

    from_date: Day | None = told("First day of a period.", "Từ ngày.", default=None)
    to_date: Day | None = told("Last day; at most 5 days in all.", "Đến ngày; tổng cộng tối đa 5 ngày.", default=None)
    from_time: TimeOfDay | None = told("From this time of today, HH:MM.", "Từ giờ, trong ngày hôm nay.", default=None)
    to_time: TimeOfDay | None = told("Until this time of today, HH:MM.", "Đến giờ, trong ngày hôm nay.", default=None)
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = told("How many to skip.", "Bỏ qua bao nhiêu hồ sơ.", default=0)
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = told("At most so many.", "Số hồ sơ tối đa.", default=50)
    purpose: PurposeIn = told("Why it is asked; mandatory.", "Mục đích khai thác; bắt buộc.")

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        days, times = (self.from_date, self.to_date), (self.from_time, self.to_time)
        if any(days) == any(times):
            raise _misfit("from_date", "Either two days or two times are needed.", "Cần hai ngày, hoặc hai giờ.")
        unit, (first, last) = ("date", days) if any(days) else ("time", times)
        for name, value in ((f"from_{unit}", first), (f"to_{unit}", last)):
            if value is None:
                raise _misfit(name, "Both ends of the period are needed.", "Phải có cả điểm đầu và điểm cuối.")
        if str(last) < str(first):
            raise _misfit(f"to_{unit}", "The end is before the beginning.", "Điểm cuối trước điểm đầu.")
        if any(days) and _days(str(first), str(last)) > LONGEST_DAYS:
            raise _misfit(
                "to_date",
                "A period has at most 5 days, the first and the last counted.",
                "Khoảng thời gian dài nhất là 5 ngày, tính cả ngày đầu và ngày cuối.",
            )
        return self


class RegistrationLookupIn(Received):
    """Tình trạng một hồ sơ đăng ký doanh nghiệp."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"journal_no": "99000001", "purpose": PURPOSE}]})

    journal_no: JournalNumber = told("Number of the dossier in the register's journal.", "Số hồ sơ đăng ký.")
    contact: bool = told(
        "Whether whoever handed it in is asked for, too.", "Có hỏi cả thông tin người nộp không.", default=False
    )
    purpose: PurposeIn = told("Why it is asked; mandatory.", "Mục đích khai thác; bắt buộc.")


class RegistrationOut(TypedDict, total=False):
    """Hồ sơ đăng ký doanh nghiệp, as a list has it. A date that could not be read stands in `…_text`."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    journal_no: Annotated[str, told("Number in the register's journal.", "Số hồ sơ đăng ký.")]
    document_type: Annotated[str, told("What is registered.", "Loại hồ sơ.")]
    enterprise_code: Annotated[str, told("Enterprise code, if there is one yet.", "Mã số doanh nghiệp, nếu đã có.")]
    internal_code: Annotated[str, told("The register's own number.", "Mã nội bộ của hệ thống đó.")]
    name: Annotated[str, told("Name of the enterprise.", "Tên doanh nghiệp.")]
    office: Annotated[str, told("Registration office, opaque code.", "Mã phòng đăng ký, không diễn giải.")]
    status: Annotated[str, told("State of the dossier, opaque code.", "Mã tình trạng hồ sơ, không diễn giải.")]
    received_on: Annotated[str, told("Day of reception.", "Ngày tiếp nhận.")]
    received_on_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    planned_on: Annotated[str, told("Day on which it is due.", "Ngày hẹn trả.")]
    planned_on_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    processed_on: Annotated[str, told("Day of processing.", "Ngày xử lý.")]
    processed_on_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]


class ContactOut(TypedDict, total=False):
    """Người liên hệ của hồ sơ."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    full_name: Annotated[str, told("Name.", "Họ và tên.")]
    address: Annotated[str, told("Address.", "Địa chỉ.")]
    id_number: Annotated[str, told("Number of the document.", "Số giấy tờ.")]
    phone: Annotated[str, told("Phone.", "Điện thoại.")]
    email: Annotated[str, told("E-mail.", "Thư điện tử.")]


class OneRegistrationOut(RegistrationOut, total=False):
    """Hồ sơ đăng ký doanh nghiệp, whole."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    type_code: Annotated[str, told("Kind of enterprise, opaque code.", "Mã loại hình, không diễn giải.")]
    registered_on: Annotated[str, told("Day of registration.", "Ngày đăng ký.")]
    registered_on_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    supplemented_on: Annotated[str, told("Day on which it was supplemented.", "Ngày bổ sung.")]
    supplemented_on_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    submission_type: Annotated[str, told("How it was filed.", "Hình thức nộp.")]
    contact: Annotated[ContactOut, told("Whom to ask.", "Người liên hệ.")]


class RegistrationPageOut(TypedDict, total=False):
    """A page of dossiers."""

    items: Annotated[list[RegistrationOut], told("The dossiers; empty: none.", "Các hồ sơ; trống: không có.")]


class RegistrationsFoundOut(JudgedOut):
    """A page of registration dossiers, or what can be said without one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **FOUND,
                    "system": "business_registry",
                    "record": {
                        "items": [{"journal_no": "99000001", "document_type": "đăng ký mới", "status": "X1"}],
                    },
                }
            ]
        }
    )

    record: RegistrationPageOut = told("The page; empty unless answered.", "Danh sách hồ sơ.")

    @classmethod
    def of(cls, found: Found) -> RegistrationsFoundOut:
        return cls.model_validate({**cls.judged(found), "record": dict(found.record)})


class RegistrationFoundOut(JudgedOut):
    """A registration dossier, or what can be said without one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **FOUND,
                    "system": "business_registry",
                    "record": {"journal_no": "99000001", "status": "X1", "contact": {"full_name": "NGUYỄN VĂN MẪU"}},
                }
            ]
        }
    )

    record: OneRegistrationOut = told("The dossier; empty unless found.", "Hồ sơ tìm thấy.")

    @classmethod
    def of(cls, found: Found) -> RegistrationFoundOut:
        return cls.model_validate({**cls.judged(found), "record": dict(found.record)})


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


def _misfit(field: str, english: str, vietnamese: str) -> ValidationError:
    """A rule about several fields, said of the one to change."""
    error = InitErrorDetails(type=wrong(english, vietnamese), loc=(field,), input=None)
    return ValidationError.from_exception_data("registrations", [error])
