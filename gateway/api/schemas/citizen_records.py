"""The record of a citizen, in our vocabulary. What the register does not tell, or what was not asked for, is absent;
nothing stands there as null, except the meaning of a code that no list knows."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict
from typing_extensions import TypedDict

from gateway.api.schemas.base import told

LENIENT = ConfigDict(coerce_numbers_to_str=True)
"""Registers send the same code now as a number and now as a text."""


class CodedOut(TypedDict, total=False):
    """A raw code beside its meaning."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    code: Annotated[str, told("The register's own code.", "Mã của cơ sở dữ liệu.")]
    label_vi: Annotated[str | None, told("Its meaning; null: unknown.", "Ý nghĩa của mã; null: chưa biết.")]
    list: Annotated[str, told("The list that the code is from.", "Danh mục của mã.")]
    list_version: Annotated[str, told("Version of that list.", "Phiên bản của danh mục.")]


class CitizenAddressOut(TypedDict, total=False):
    """An address as the register has it. A district occurs only where it is older than July 2025 (ORG-01)."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    province_code: Annotated[str, told("Code of the province.", "Mã tỉnh.")]
    district_code: Annotated[str, told("Code of the former district.", "Mã huyện cũ.")]
    commune_code: Annotated[str, told("Code of the commune.", "Mã xã.")]
    detail: Annotated[str, told("House, street, hamlet.", "Địa chỉ chi tiết.")]
    country: Annotated[str, told("Country, two letters (ISO 3166).", "Quốc gia, hai chữ cái (ISO 3166).")]


class RelativeOut(TypedDict, total=False):
    """A person whom the record names."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    full_name: Annotated[str, told("Name.", "Họ và tên.")]
    personal_id: Annotated[str, told("Personal identifier.", "Số định danh cá nhân.")]
    old_card_number: Annotated[str, told("Number of the old card.", "Số CMND cũ.")]
    nationality: Annotated[str, told("Nationality, two letters.", "Quốc tịch, hai chữ cái.")]


class CitizenRecordOut(TypedDict, total=False):
    """Thông tin công dân: only the fields that were asked for, as far as the register tells them."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    personal_id: Annotated[str, told("Personal identifier, 12 digits.", "Số định danh cá nhân.")]
    old_card_number: Annotated[str, told("Number of the old card, 9 digits.", "Số CMND cũ.")]
    full_name: Annotated[str, told("Name.", "Họ và tên.")]
    birth_date: Annotated[str, told("YYYY-MM-DD, or YYYY.", "Ngày sinh, hoặc chỉ năm sinh.")]
    gender: Annotated[CodedOut, told("Gender.", "Giới tính.")]
    ethnicity: Annotated[CodedOut, told("Ethnic group.", "Dân tộc.")]
    religion: Annotated[CodedOut, told("Religion.", "Tôn giáo.")]
    marital_status: Annotated[CodedOut, told("Marital status.", "Tình trạng hôn nhân.")]
    blood_type: Annotated[CodedOut, told("Blood type.", "Nhóm máu.")]
    nationality: Annotated[str, told("Nationality, two letters.", "Quốc tịch, hai chữ cái.")]
    birth_registration_place: Annotated[CitizenAddressOut, told("Where the birth was registered.", "Nơi khai sinh.")]
    home_town: Annotated[CitizenAddressOut, told("Home town.", "Quê quán.")]
    permanent_address: Annotated[CitizenAddressOut, told("Permanent address.", "Nơi thường trú.")]
    current_address: Annotated[CitizenAddressOut, told("Present address.", "Nơi ở hiện tại.")]
    father: Annotated[RelativeOut, told("Father.", "Người cha.")]
    mother: Annotated[RelativeOut, told("Mother.", "Người mẹ.")]
    spouse: Annotated[RelativeOut, told("Husband or wife.", "Vợ hoặc chồng.")]
    representative: Annotated[RelativeOut, told("Lawful representative.", "Người đại diện hợp pháp.")]
    household_head: Annotated[RelativeOut, told("Head of the household.", "Chủ hộ.")]
    relation_code: Annotated[str, told("Relation to the head, raw code.", "Mã quan hệ với chủ hộ.")]
    household_book: Annotated[str, told("Number of the household book.", "Số sổ hộ khẩu.")]


class AccountsRecordOut(TypedDict, total=False):
    """Mã tài khoản trên Cổng."""

    account_ids: Annotated[list[str], told("Accounts (TechID), usually one.", "Các mã tài khoản (TechID).")]
