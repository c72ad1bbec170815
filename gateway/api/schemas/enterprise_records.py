"""The records of the business register, in our vocabulary. What it does not tell is absent, never null. A date that
could not be read stands beside as the register wrote it, in `…_text`."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from gateway.api.schemas.base import told
from gateway.api.schemas.citizen_records import LENIENT
from gateway.lookups.enterprises import SubjectType

Amount = Annotated[int | float, WithJsonSchema({"type": "number"})]


class OfficeOut(TypedDict, total=False):
    """An address as the register words it. Its codes are its own, not those of the places register."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    full_text: Annotated[str, told("Whole address in one line.", "Địa chỉ đầy đủ.")]
    street: Annotated[str, told("House and street.", "Số nhà, đường.")]
    ward: Annotated[str, told("Commune or ward.", "Xã, phường.")]
    district: Annotated[str, told("District, before July 2025.", "Huyện, trước tháng 7/2025.")]
    province: Annotated[str, told("Province.", "Tỉnh, thành phố.")]
    country: Annotated[str, told("Country.", "Quốc gia.")]
    country_code: Annotated[str, told("Code of the country.", "Mã quốc gia.")]
    internal_ward_code: Annotated[str, told("The register's own code of the ward.", "Mã xã nội bộ của hệ thống đó.")]
    internal_district_code: Annotated[str, told("Its own code of the district.", "Mã huyện nội bộ.")]
    internal_province_code: Annotated[str, told("Its own code of the province.", "Mã tỉnh nội bộ.")]


class LegalStatusOut(TypedDict, total=False):
    """Tình trạng pháp lý, in the register's words (BIZ-04)."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    name: Annotated[str, told("The status, word for word.", "Nguyên văn tình trạng pháp lý.")]
    code: Annotated[str, told("Its opaque code.", "Mã tình trạng, không diễn giải.")]
    suspended_from: Annotated[str, told("First day of a suspension.", "Ngày bắt đầu tạm ngừng.")]
    suspended_from_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    suspended_to: Annotated[str, told("Last day of a suspension.", "Ngày kết thúc tạm ngừng.")]
    suspended_to_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    reason: Annotated[str, told("Reason of a suspension.", "Lý do tạm ngừng.")]


class RepresentativeOut(TypedDict, total=False):
    """Người đại diện theo pháp luật: the name, which is public."""

    full_name: Annotated[str, told("Name.", "Họ và tên.")]


class RepresentativeDocumentOut(TypedDict, total=False):
    """Người đại diện theo pháp luật with the document that identifies them; only when asked for by name."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    full_name: Annotated[str, told("Name.", "Họ và tên.")]
    document_type: Annotated[str, told("Kind of document.", "Loại giấy tờ.")]
    document_type_code: Annotated[str, told("Its opaque code.", "Mã loại giấy tờ, không diễn giải.")]
    document_number: Annotated[str, told("Number of the document.", "Số giấy tờ.")]
    issued_on: Annotated[str, told("Day of issue.", "Ngày cấp.")]
    issued_on_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    issued_by: Annotated[str, told("Who issued it.", "Nơi cấp.")]
    nationality: Annotated[str, told("Nationality.", "Quốc tịch.")]
    nationality_code: Annotated[str, told("Code of the nationality.", "Mã quốc tịch.")]


class ActivityOut(TypedDict, total=False):
    """Ngành, nghề kinh doanh."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    code: Annotated[str, told("Code.", "Mã ngành.")]
    name: Annotated[str, told("Name.", "Tên ngành.")]
    main: Annotated[bool, told("Whether it is the main one.", "Có phải ngành chính.")]


class MemberOut(TypedDict, total=False):
    """Thành viên góp vốn."""

    name: Annotated[str, told("Name.", "Tên thành viên.")]
    amount: Annotated[Amount, told("Contribution, đồng.", "Số vốn góp, đồng.")]
    ratio_percent: Annotated[Amount, told("Share, percent.", "Tỷ lệ, phần trăm.")]
    country: Annotated[str, told("Country.", "Quốc gia.")]


class EnterpriseRecordOut(TypedDict, total=False):
    """Thông tin doanh nghiệp: only the fields that were asked for, as far as the register tells them."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    enterprise_code: Annotated[str, told("Enterprise code.", "Mã số doanh nghiệp.")]
    internal_code: Annotated[str, told("The register's own number.", "Mã nội bộ của hệ thống đó.")]
    certificate_number: Annotated[str, told("Number of the certificate.", "Số giấy chứng nhận.")]
    old_certificate_number: Annotated[str, told("Number of an older certificate.", "Số giấy chứng nhận cũ.")]
    name: Annotated[str, told("Name.", "Tên doanh nghiệp.")]
    short_name: Annotated[str, told("Short name.", "Tên viết tắt.")]
    foreign_name: Annotated[str, told("Name in a foreign language.", "Tên nước ngoài.")]
    type_name: Annotated[str, told("Kind of enterprise.", "Loại hình.")]
    type_code: Annotated[str, told("Its opaque code.", "Mã loại hình, không diễn giải.")]
    status: Annotated[str, told("Legal status, word for word.", "Nguyên văn tình trạng pháp lý.")]
    status_code: Annotated[str, told("Its opaque code.", "Mã tình trạng, không diễn giải.")]
    statuses: Annotated[list[LegalStatusOut], told("Each legal status.", "Từng tình trạng pháp lý.")]
    founded_on: Annotated[str, told("Day of the first registration.", "Ngày đăng ký lần đầu.")]
    founded_on_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    last_changed_on: Annotated[str, told("Day of the last change.", "Ngày thay đổi gần nhất.")]
    last_changed_on_text: Annotated[str, told("The same, unread.", "Nguyên văn, nếu không đọc được.")]
    changes: Annotated[int, told("How many changes.", "Số lần thay đổi.")]
    capital_amount: Annotated[Amount, told("Charter capital, đồng.", "Vốn điều lệ, đồng.")]
    address: Annotated[OfficeOut, told("Head office.", "Trụ sở chính.")]
    other_addresses: Annotated[list[OfficeOut], told("Other addresses.", "Các địa chỉ khác.")]
    representatives: Annotated[
        list[RepresentativeOut], told("Legal representatives.", "Người đại diện theo pháp luật.")
    ]
    representative_documents: Annotated[
        list[RepresentativeDocumentOut],
        told("The same with their documents, when asked for.", "Kèm giấy tờ của họ, khi được hỏi riêng."),
    ]
    legal_names: Annotated[list[str], told("Their names in its other list.", "Tên họ theo danh sách thứ hai.")]
    activities: Annotated[list[ActivityOut], told("Lines of business.", "Ngành, nghề kinh doanh.")]
    members: Annotated[list[MemberOut], told("Members.", "Thành viên góp vốn.")]


class EnterpriseFactsOut(TypedDict, total=False):
    """What a verification says of the enterprise itself."""

    __pydantic_config__ = LENIENT  # type: ignore[misc]  # pydantic's own way to configure a TypedDict
    name: Annotated[str, told("Name in the register.", "Tên trong cơ sở dữ liệu.")]
    status: Annotated[str, told("Legal status, word for word.", "Nguyên văn tình trạng pháp lý.")]
    status_code: Annotated[str, told("Its opaque code.", "Mã tình trạng, không diễn giải.")]
    subject_type: Annotated[SubjectType, told("Kind of subject.", "Loại chủ thể.")]
