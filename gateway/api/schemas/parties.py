"""Who applies: the applicant of a dossier, in our own words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.api.schemas.base import Code, Day, Line, Name, Received, told


class IdentifierIn(Received):
    """A number by which the applicant is known."""

    kind: Literal["personal_id", "old_card"] = told("Kind of number.", "Loại định danh.")
    value: Annotated[str, Field(max_length=20, pattern=r"^[0-9A-Z-]+$")] = told("The number.", "Số định danh.")


class AddressIn(Received):
    """Địa chỉ theo hai cấp hành chính; không có cấp huyện (ORG-01)."""

    province_code: Code = told("Code of the province.", "Mã tỉnh.")
    commune_code: Code = told("Code of the commune.", "Mã xã.")
    detail: Line | None = told("House and street.", "Địa chỉ chi tiết.", default=None)


class ApplicantIn(Received):
    """Chủ hồ sơ."""

    kind: Literal["citizen", "enterprise"] = told("Who applies.", "Loại đối tượng.")
    full_name: Name = told("Name.", "Tên chủ hồ sơ.")
    identifiers: Annotated[list[IdentifierIn], Field(max_length=5)] = told(
        "Personal identifier or others.", "Danh sách định danh.", default_factory=list
    )
    identity_issued_on: Day | None = told("When the first number was issued.", "Ngày cấp định danh.", default=None)
    birth_date: Day | None = told("Date of birth.", "Ngày sinh.", default=None)
    address: AddressIn | None = told("Address.", "Địa chỉ.", default=None)
    account_id: Code | None = told("Account at the portal (TechID).", "Mã tài khoản trên Cổng (TechID).", default=None)
    phone: Annotated[str, Field(max_length=20, pattern=r"^[0-9+(][0-9 ().-]+$")] = told(
        "Phone; the portal demands one.", "Số điện thoại; Cổng bắt buộc phải có."
    )
    email: Annotated[str, Field(max_length=200, pattern=r"^[^\s@]+@[^\s@]+$")] | None = told(
        "E-mail.", "Thư điện tử.", default=None
    )
