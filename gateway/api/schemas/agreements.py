"""Sharing agreements, and requests of others to be connected."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from gateway.agreements.model import AccessRequest, AccessState, Agreement, AgreementState, Terms, Wanted
from gateway.api.schemas.base import Day, Line, Moment, Name, Received, Sent, Text, told

Word = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9_]{1,60}$")]
FieldName = Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9_.]{1,100}$")]
Id = Annotated[str, Field(max_length=60, pattern=r"^[0-9A-Za-z._-]{1,60}$")]
Answer = Annotated[AccessState, Field(strict=False)]
TERMS: dict[str, Any] = {
    "number": "12/TTCS-2026",
    "system": "population",
    "operations": ["verify_citizen"],
    "parties": ["UBND tỉnh mẫu", "Đơn vị quản lý CSDL mẫu"],
    "purpose": "Giải quyết thủ tục hành chính",
    "basis": "NĐ 278/2025/NĐ-CP",
    "fields": ["full_name", "birth_date"],
    "since": "2026-01-01",
    "until": "2026-12-31",
    "contact": "phong.mau@example.vn",
    "handling": "Dùng trong phiên, không lưu lại.",
}


class AgreementIn(Received):
    """Thoả thuận chia sẻ dữ liệu."""

    model_config = ConfigDict(json_schema_extra={"examples": [TERMS]})

    number: Name = told("Its number.", "Số thoả thuận.")
    system: Word = told("Which system it is about.", "Hệ thống.")
    operations: list[Word] = told("Which operations; none: all.", "Các nghiệp vụ; bỏ trống: tất cả.", default=[])
    parties: Annotated[list[Line], Field(min_length=2, max_length=20)] = told("Who signed.", "Các bên.")
    purpose: Text = told("For what.", "Mục đích.")
    basis: Line = told("On what legal basis.", "Căn cứ pháp lý.")
    fields: list[FieldName] = told("Which fields are shared.", "Các trường được chia sẻ.", default=[])
    since: Day = told("The first day.", "Ngày có hiệu lực.")
    until: Day | None = told("The last day; none: without end.", "Ngày hết hạn; trống: không thời hạn.", default=None)
    contact: Line | None = told("An office, no person.", "Đầu mối: một bộ phận, không phải cá nhân.", default=None)
    handling: Text | None = told(
        "Use, limits, security, storage, what becomes of the data after use.",
        "Cách dùng, giới hạn, an toàn, lưu trữ, xử lý sau khi dùng.",
        default=None,
    )

    def terms(self) -> Terms:
        return Terms(
            number=self.number,
            system=self.system,
            operations=tuple(self.operations),
            parties=tuple(self.parties),
            purpose=self.purpose,
            basis=self.basis,
            fields=tuple(self.fields),
            since=date.fromisoformat(self.since),
            until=date.fromisoformat(self.until) if self.until else None,
            contact=self.contact or "",
            handling=self.handling or "",
        )


class AgreementEndIn(Received):
    """Gia hạn hoặc chấm dứt."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2027-12-31", "reason": "Phụ lục 01"}]})

    until: Day | None = told("The new last day; none: without end.", "Ngày hết hạn mới.", default=None)
    reason: Text = told("What allows it.", "Văn bản, lý do.")


class SuspensionIn(Received):
    """Tạm dừng ngay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Khai thác sai mục đích"}]})

    reason: Text = told("Why.", "Lý do.")


class AgreementOut(Sent):
    """An agreement as it stands today."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 1,
                    "state": "in_force",
                    **TERMS,
                    "registered_at": "2026-01-01T09:00:00+07:00",
                    "registered_by": "operator:quantri.mau",
                    "suspended_by": "",
                    "reason": "",
                }
            ]
        }
    )

    id: int = told("Our number.", "Số thứ tự.")
    state: AgreementState = told("coming, in_force, suspended or ended.", "Trạng thái hôm nay.")
    number: str = told("Its number.", "Số thoả thuận.")
    system: str = told("The system.", "Hệ thống.")
    operations: list[str] = told("Operations; none: all.", "Các nghiệp vụ.")
    parties: list[str] = told("Who signed.", "Các bên.")
    purpose: str = told("For what.", "Mục đích.")
    basis: str = told("On what basis.", "Căn cứ.")
    fields: list[str] = told("Fields that are shared.", "Các trường.")
    since: date = told("The first day.", "Ngày có hiệu lực.")
    until: date | None = told("The last day.", "Ngày hết hạn.", default=None)
    contact: str = told("The office.", "Đầu mối.")
    handling: str = told("How data is handled.", "Cách xử lý dữ liệu.")
    registered_at: datetime = told("When it was registered.", "Thời điểm khai báo.")
    registered_by: str = told("Who registered it.", "Người khai báo.")
    suspended_at: datetime | None = told("When it was suspended.", "Thời điểm tạm dừng.", default=None)
    suspended_by: str = told("Who suspended it.", "Người tạm dừng.")
    reason: str = told("Why it is suspended.", "Lý do tạm dừng.")

    @classmethod
    def of(cls, held: Agreement, *, on: date) -> AgreementOut:
        terms: dict[str, Any] = {name: getattr(held.terms, name) for name in Terms.__slots__}
        for name in ("operations", "parties", "fields"):
            terms[name] = list(terms[name])
        own = ("id", "registered_at", "registered_by", "suspended_at", "suspended_by", "reason")
        return cls(state=held.state(on), **terms, **{name: getattr(held, name) for name in own})


class AgreementsOut(Sent):
    """Agreements, those that end first coming first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"agreements": []}]})

    agreements: list[AgreementOut] = told("The agreements.", "Các thoả thuận.")


WANTED: dict[str, Any] = {
    "agency_id": "000.00.05.H99",
    "application": "phan-mem-mau",
    "purpose": "Giải quyết hồ sơ một cửa",
    "items": ["full_name", "birth_date"],
    "service": "verify_citizen",
    "frequency": "Khi có hồ sơ",
    "client": "phan-mem-mau",
}


class AccessRequestIn(Received):
    """Đề nghị kết nối, khai thác (NĐ 47/2020 Điều 35.2)."""

    model_config = ConfigDict(json_schema_extra={"examples": [WANTED]})

    agency_id: Annotated[str, Field(max_length=35, pattern=r"^[0-9A-Z.]{3,35}$")] = told(
        "Who asks.", "Mã định danh cơ quan đề nghị."
    )
    application: Id = told("For which application.", "Mã ứng dụng.")
    purpose: Text = told("For what.", "Mục đích.")
    items: Annotated[list[FieldName], Field(min_length=1, max_length=200)] = told(
        "Which fields are wanted.", "Các trường cần khai thác."
    )
    service: Word = told("Which service.", "Dịch vụ cần khai thác.")
    frequency: Line = told("How often.", "Tần suất.")
    client: Id | None = told("The id that its key would have.", "Mã hệ thống gọi dự kiến.", default=None)
    received_at: Moment | None = told("When it came, if not now.", "Thời điểm nhận, nếu đã qua.", default=None)

    def wanted(self) -> Wanted:
        said = self.model_dump(exclude={"received_at", "items", "client"})
        return Wanted(**said, items=tuple(self.items), client=self.client or "")


class AccessDecisionIn(Received):
    """Trả lời đề nghị."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"state": "refused", "reason": "Chưa có căn cứ cho các trường đã nêu."}]}
    )

    state: Answer = told("granted or refused.", "granted (chấp thuận) hoặc refused (từ chối).")
    reason: Text = told("Why, in words.", "Lý do.")
    agreement: int | None = told("Granted: the agreement.", "Chấp thuận: số thứ tự của thoả thuận.", default=None)


class AccessRequestOut(Sent):
    """A request to be connected, and its clock."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 3,
                    **WANTED,
                    "state": "received",
                    "received_at": "2026-11-20T16:00:00+07:00",
                    "due_at": "2026-11-27T17:00:00+07:00",
                    "registered_by": "operator:quantri.mau",
                    "decided_by": "",
                    "reason": "",
                }
            ]
        }
    )

    id: int = told("Its number.", "Số đề nghị.")
    agency_id: str = told("Who asks.", "Cơ quan đề nghị.")
    application: str = told("For which application.", "Mã ứng dụng.")
    purpose: str = told("For what.", "Mục đích.")
    items: list[str] = told("Fields that are wanted.", "Các trường.")
    service: str = told("Which service.", "Dịch vụ.")
    frequency: str = told("How often.", "Tần suất.")
    client: str = told("The id of its key.", "Mã hệ thống gọi.")
    state: AccessState = told("received, granted or refused.", "Trạng thái.")
    received_at: datetime = told("When it came.", "Thời điểm nhận.")
    due_at: datetime = told("By when it is answered.", "Hạn trả lời: 5 ngày làm việc.")
    registered_by: str = told("Who took it in.", "Người tiếp nhận.")
    decided_at: datetime | None = told("When it was answered.", "Thời điểm trả lời.", default=None)
    decided_by: str = told("Who answered.", "Người trả lời.")
    reason: str = told("Why.", "Lý do.")
    agreement: int | None = told("What it led to.", "Thoả thuận.", default=None)

    @classmethod
    def of(cls, request: AccessRequest) -> AccessRequestOut:
        said: dict[str, Any] = {name: getattr(request.wanted, name) for name in Wanted.__slots__}
        own = [name for name in cls.model_fields if name not in said]
        return cls(**{**said, "items": list(said["items"])}, **{name: getattr(request, name) for name in own})


class AccessRequestsOut(Sent):
    """Requests by the time at which they are due."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"requests": []}]})

    requests: list[AccessRequestOut] = told("The requests.", "Các đề nghị.")
