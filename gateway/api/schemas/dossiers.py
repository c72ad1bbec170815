"""Dossiers and status events.

The fields follow DongBoHoSoMC and CapNhatTienDoHoSoMC of the portal contract (5.1, 5.2), in our own words.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue

from gateway.api.schemas.base import Code, Line, Moment, Name, Procedure, Received, Sent, Text, told
from gateway.api.schemas.files import PaperIn
from gateway.api.schemas.parties import ApplicantIn
from gateway.domain import DossierStatus
from gateway.dossiers.model import Place, Taken

STATUSES = "; ".join(f"{status.value} {status.label_vi}" for status in DossierStatus)
Status = Annotated[int, Field(ge=1, le=10)]
DOSSIER: dict[str, JsonValue] = {
    "status": 2,
    "procedure": {"code": "1.009999", "name": "Cấp giấy xác nhận ví dụ"},
    "field": {"code": "G03-GD10", "name": "Lĩnh vực ví dụ"},
    "channel": "online",
    "applicant": {
        "kind": "citizen",
        "full_name": "Trần Thị Mẫu",
        "identifiers": [{"kind": "personal_id", "value": "099185000001"}],
        "phone": "0900000001",
    },
    "summary": "Đề nghị cấp giấy xác nhận",
    "received_at": "2026-11-23T08:30:00+07:00",
    "due_at": "2026-11-28T17:00:00+07:00",
    "return_method": "in_person",
    "processing_unit": "UBND xã Ví Dụ",
}


class NamedCodeIn(Received):
    """A code with its name."""

    code: Code = told("Code.", "Mã số.")
    name: Line = told("Name.", "Tên.")


class ProcedureIn(Received):
    """Thủ tục hành chính."""

    code: Procedure = told("National procedure code.", "Mã thủ tục hành chính quốc gia.")
    name: Line = told("Name as published.", "Tên thủ tục như đã công bố.")


class ComponentIn(PaperIn):
    """Giấy tờ nộp."""

    id: Code | None = told("Your id of the file.", "Mã tệp của địa phương.", default=None)
    name: Line = told("File name.", "Tên tệp.")
    component_code: Code | None = told("Code of the dossier component.", "Mã thành phần hồ sơ.", default=None)
    deleted: bool = told("It was withdrawn.", "Đã xoá.", default=False)
    digitised: bool = told("It was digitised.", "Đã số hoá.", default=False)
    reused: Literal["no", "component", "result"] = told(
        "Reused from another component or an earlier result.", "Được tái sử dụng.", default="no"
    )
    from_national_store: bool = told(
        "Taken from the national store.", "Lấy từ kho dữ liệu điện tử quốc gia.", default=False
    )
    replaced_by: Code | None = told("Result code that replaces it.", "Mã kết quả thay thế.", default=None)


class DossierFeeIn(Received):
    """Phí, lệ phí của hồ sơ."""

    name: Line = told("Name.", "Tên phí, lệ phí.")
    code: Code = told("Code.", "Mã phí, lệ phí.")
    amount: Annotated[int, Field(ge=0, le=9_999_999_999_999)] = told("Whole đồng.", "Số tiền, đồng.")
    collected_at: Literal["reception", "supplement", "return"] = told("When it is due.", "Hình thức thu.")
    kind: Literal["ordinary", "appraisal", "extension"] = told("Kind.", "Loại phí, lệ phí.")


class AttachmentIn(Received):
    """Giấy tờ khác kèm theo."""

    name: Line = told("Name.", "Tên giấy tờ.")
    quantity: Annotated[int, Field(ge=1, le=999)] = told("How many.", "Số lượng.", default=1)
    kind: Annotated[int, Field(ge=0, le=99)] = told("The portal's kind of paper.", "Loại giấy tờ của Cổng.")


class ResultIn(PaperIn):
    """Giấy tờ kết quả."""

    name: Line = told("File name.", "Tên tệp kết quả.")
    id: Code = told("Your id of the paper.", "Mã giấy tờ.")
    component_code: Code | None = told("Code of the component.", "Mã thành phần hồ sơ.", default=None)
    result_code: Code | None = told("The procedure's result code.", "Mã kết quả của thủ tục.", default=None)


class ConsultedIn(Received):
    """Cơ sở dữ liệu đã khai thác để giải quyết hồ sơ."""

    code: Code = told("The portal's code of the database.", "Mã cơ sở dữ liệu theo Cổng.")


class SupplementIn(Received):
    """Một lần yêu cầu bổ sung hồ sơ (SYN-06)."""

    number: Annotated[int, Field(ge=1, le=999_999_999)] = told("Your number of the round.", "Số của lần bổ sung.")
    requested_by: Name = told("Who asked.", "Người yêu cầu bổ sung.")
    content: Text = told("What is missing, and why.", "Nội dung yêu cầu bổ sung.")
    requested_at: Moment = told("When it was asked.", "Ngày yêu cầu.")
    received_by: Name | None = told("Who took the supplement in.", "Người tiếp nhận bổ sung.", default=None)
    received_note: Line | None = told("On taking it in.", "Thông tin tiếp nhận.", default=None)
    received_at: Moment | None = told("When it was taken in.", "Ngày tiếp nhận bổ sung.", default=None)
    complete: bool | None = told("It was supplemented.", "Đã bổ sung.", default=None)
    due_before: Moment | None = told("Due date before.", "Ngày hẹn trả trước khi bổ sung.", default=None)
    due_after: Moment | None = told("Due date after.", "Ngày hẹn trả mới.", default=None)
    components: Annotated[list[ComponentIn], Field(max_length=200)] = told(
        "Papers that were added.", "Giấy tờ bổ sung.", default_factory=list
    )
    fees: Annotated[list[DossierFeeIn], Field(max_length=50)] = told(
        "Fees of the round.", "Phí, lệ phí bổ sung.", default_factory=list
    )


class DossierIn(Received):
    """Hồ sơ thủ tục hành chính: always the whole dossier, never a part of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [DOSSIER]})

    status: Status = told(f"Status. {STATUSES}", f"Trạng thái. {STATUSES}")
    procedure: ProcedureIn = told("The procedure.", "Thủ tục.")
    field: NamedCodeIn = told("Its field.", "Lĩnh vực.")
    channel: Literal["counter", "online", "post"] = told("How it was submitted.", "Kênh thực hiện.")
    applicant: ApplicantIn = told("Who applies.", "Chủ hồ sơ.")
    summary: Annotated[Text, Field(max_length=1000)] = told("What is applied for.", "Trích yếu hồ sơ.")
    filed_at: Literal["province", "portal"] = told(
        "Where it was filed: with the province, or on the national portal.",
        "Nơi nộp hồ sơ: tại hệ thống của tỉnh hay trên Cổng Dịch vụ công quốc gia.",
        default="province",
    )
    submitted_at: Moment | None = told("When it was submitted.", "Ngày nộp.", default=None)
    received_at: Moment = told("When it was received.", "Ngày tiếp nhận.")
    due_at: Moment | None = told("When the result is due.", "Ngày hẹn trả.", default=None)
    working_days: Annotated[int, Field(ge=1, le=1000)] | None = told(
        "Limit of the procedure in working days; not sent to the portal. With it the due moment is computed.",
        "Thời hạn giải quyết theo ngày làm việc; không gửi lên Cổng. Có số này thì cổng tính được hạn trả.",
        default=None,
    )
    apologised_at: Moment | None = told(
        "When the written apology for a late result was sent; not sent to the portal.",
        "Ngày gửi văn bản xin lỗi khi trễ hạn; không gửi lên Cổng.",
        default=None,
    )
    origin_code: Code | None = told(
        "Code that the portal gave it, if it was born there (a promotion notice): only its status is told.",
        "Mã hồ sơ quốc gia, nếu hồ sơ phát sinh tại Cổng (ví dụ khuyến mại): chỉ gửi trạng thái lên Cổng.",
        default=None,
    )
    processed_at: Moment | None = told("When processing ended.", "Ngày kết thúc xử lý.", default=None)
    returned_at: Moment | None = told("When the result was handed over.", "Ngày trả kết quả.", default=None)
    refused_at: Moment | None = told("When it was refused.", "Ngày từ chối.", default=None)
    return_method: Literal["in_person", "post"] = told("How the result is handed over.", "Hình thức trả kết quả.")
    return_note: Line | None = told("On the hand-over.", "Thông tin trả kết quả.", default=None)
    processing_unit: Name = told("Name of the agency that handles it.", "Tên đơn vị xử lý.")
    receipt_number: Code | None = told("Receipt number.", "Số biên nhận.", default=None)
    note: Annotated[Text, Field(max_length=2000)] | None = told("Note.", "Ghi chú.", default=None)
    verified_by_vneid: bool = told("The account is verified by VNeID.", "Tài khoản đã xác thực VNeID.", default=False)
    digitised: bool = told("It has digitised components.", "Có thành phần hồ sơ số hoá.", default=False)
    online_payment: Literal["national_platform", "provincial_platform"] | None = told(
        "Where it is paid online, if it is.", "Nơi thanh toán trực tuyến, nếu có.", default=None
    )
    components: Annotated[list[ComponentIn], Field(max_length=200)] = told(
        "Submitted papers.", "Thành phần hồ sơ đã nộp.", default_factory=list
    )
    fees: Annotated[list[DossierFeeIn], Field(max_length=50)] = told("Fees.", "Phí, lệ phí.", default_factory=list)
    other_attachments: Annotated[list[AttachmentIn], Field(max_length=100)] = told(
        "Other papers.", "Giấy tờ khác.", default_factory=list
    )
    supplements: Annotated[list[SupplementIn], Field(max_length=50)] = told(
        "Rounds of supplements, oldest first.", "Các lần bổ sung hồ sơ.", default_factory=list
    )
    consulted_databases: Annotated[list[ConsultedIn], Field(max_length=50)] = told(
        "National databases that were asked.", "Cơ sở dữ liệu đã khai thác.", default_factory=list
    )
    results: Annotated[list[ResultIn], Field(max_length=50)] = told(
        "Result papers.", "Giấy tờ kết quả.", default_factory=list
    )


class StatusEventIn(Received):
    """Bước xử lý: one step of work, which may move the dossier to another status."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "event_id": "buoc-2",
                    "status": 4,
                    "at": "2026-11-23T10:00:00+07:00",
                    "officer_name": "Lê Văn Thử",
                    "officer_title": "Công chức một cửa",
                    "unit": "Bộ phận một cửa",
                    "content": "Chuyển phòng chuyên môn xử lý",
                }
            ]
        }
    )

    event_id: Annotated[str, Field(max_length=64, pattern=r"^[0-9A-Za-z._:-]+$")] = told(
        "Your id of the step; the same id is taken in once.", "Mã bước của địa phương; gửi lại không bị ghi trùng."
    )
    status: Status = told(f"Status after the step. {STATUSES}", f"Trạng thái sau bước này. {STATUSES}")
    at: Moment = told("When it happened.", "Thời điểm xử lý.")
    after: Annotated[str, Field(max_length=64, pattern=r"^[0-9A-Za-z._:-]+$")] | None = told(
        "event_id of the step before this one, if steps may arrive in another order; this one then waits for it.",
        "event_id của bước ngay trước, nếu các bước có thể tới không đúng thứ tự; bước này sẽ chờ bước đó.",
        default=None,
    )
    officer_name: Annotated[Name, Field(max_length=50)] = told("Officer.", "Người xử lý.")
    officer_title: Name | None = told("Title.", "Chức danh.", default=None)
    unit: Name | None = told("Department.", "Phòng ban xử lý.", default=None)
    content: Annotated[Text, Field(max_length=2000)] = told(
        "What was done; the reason, where the status needs one.", "Nội dung xử lý; lý do nếu trạng thái đòi hỏi."
    )
    planned_start: Moment | None = told("Planned start.", "Ngày bắt đầu.", default=None)
    planned_end: Moment | None = told("Deadline of the step.", "Ngày kết thúc theo quy định.", default=None)
    components: Annotated[list[ComponentIn], Field(max_length=50)] | None = told(
        "Papers that go with the step; told to the portal for dossiers that were born there.",
        "Giấy tờ kèm bước xử lý; gửi lên Cổng với hồ sơ phát sinh tại Cổng.",
        default=None,
    )


class TakenOut(Sent):
    """Stored durably; delivery follows. 202 is never sent before the commit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "000.00.05.H99-261123-0007",
                    "version": 2,
                    "status": 4,
                    "status_vi": "Đang xử lý",
                    "event_id": "buoc-2",
                    "place": "late",
                    "explanation": "Bước này xảy ra trước bước mới nhất: đã ghi vào lịch sử, trạng thái giữ nguyên.",
                    "explanation_en": "It happened before the newest step: it is recorded and the status stays.",
                    "sync": "/v1/dossiers/000.00.05.H99-261123-0007/sync",
                }
            ]
        }
    )

    code: str = told("The dossier.", "Mã hồ sơ.")
    version: int = told("Version of the dossier now.", "Phiên bản hồ sơ.")
    status: Status = told("Status now.", "Trạng thái.")
    status_vi: str = told("The same, in words.", "Tên trạng thái.")
    event_id: str | None = told("The step, if one was sent.", "Mã bước xử lý.")
    place: Place = told(
        "applied; late: recorded in the history, the status stays; parked: it waits for its place.",
        "applied: đã áp dụng; late: ghi vào lịch sử, không đổi trạng thái; parked: đang chờ đúng vị trí.",
    )
    explanation: str | None = told("Why it is late or waits.", "Vì sao đến muộn hoặc phải chờ.")
    explanation_en: str | None = told("The same, for engineers.", "Cùng nội dung, bằng tiếng Anh.")
    sync: str = told("Where to see how far it has come.", "Địa chỉ xem tiến độ đồng bộ.")

    @classmethod
    def of(cls, taken: Taken) -> TakenOut:
        return cls(
            code=taken.code,
            version=taken.version,
            status=int(taken.status),
            status_vi=taken.status.label_vi,
            event_id=taken.event_id or None,
            place=taken.place,
            explanation=taken.why_vi or None,
            explanation_en=taken.why or None,
            sync=f"/v1/dossiers/{taken.code}/sync",
        )
