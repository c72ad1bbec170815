"""Who looked somebody up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from gateway.api.schemas.base import PersonalNumber, Received, Sent, told
from gateway.privacy.looks import AccessReport
from gateway.privacy.looks_page import document, paper

Reference = Annotated[str, Field(max_length=100, pattern=r"^[0-9A-Za-z._:/-]{3,100}$")]


class AccessReportIn(Received):
    """Yêu cầu báo cáo “ai đã tra cứu tôi”."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"personal_id": "099000000013", "reference": "data_request:7"}]}
    )

    personal_id: PersonalNumber = told("Whose look-ups.", "Số định danh của người yêu cầu.")
    reference: Reference = told(
        "The person's request that this answers.", "Số yêu cầu của chủ thể dữ liệu mà báo cáo này trả lời."
    )
    printable: bool = told("Also a page to print.", "Kèm trang HTML để in.", default=False)


class ReportLeafOut(Sent):
    """One leaf of the audit log."""

    index: int = told("Its place in the log.", "Số dòng nhật ký.")
    kind: str = told("exchange, request, inbound or admin.", "Loại dòng nhật ký.")
    system: str = told("Which system was asked; may be empty.", "Hệ thống được hỏi.")
    operation: str = told("The operation.", "Nghiệp vụ.")
    outcome: str = told("What came of it.", "Kết quả.")
    proof_holds: bool = told("Whether the leaf is intact.", "Dòng nhật ký còn nguyên vẹn không.")


class LookOut(Sent):
    """Một lượt xử lý dữ liệu."""

    at: datetime = told("When.", "Thời điểm.")
    client: str = told("On whose behalf: the provincial system.", "Hệ thống của tỉnh đã hỏi.")
    officer_id: str = told("The officer.", "Tài khoản cán bộ.")
    agency_id: str = told("The officer's agency.", "Cơ quan của cán bộ.")
    dossier_code: str = told("For which dossier.", "Hồ sơ.")
    procedure_code: str = told("Under which procedure.", "Thủ tục.")
    legal_basis: str = told("On what legal basis.", "Căn cứ pháp lý.")
    operation: str = told("What was done.", "Nghiệp vụ.")
    operation_vi: str = told("The same in words.", "Việc đã làm.")
    systems: list[str] = told("Which systems were asked.", "Các hệ thống được hỏi.")
    outcome: str = told("What came of it.", "Kết quả.")
    outcome_vi: str = told("The same in words.", "Kết quả bằng lời.")
    leaves: list[ReportLeafOut] = told("The leaves that prove it.", "Các dòng nhật ký chứng minh.")


REPORT: JsonValue = {
    "schema": "lienthong.who-looked/1",
    "tenant": "H99",
    "reference": "data_request:7",
    "made_at": "2026-11-24T09:00:00+07:00",
    "indexed_since": "2026-11-01T00:00:00+07:00",
    "proofs_hold": True,
    "looks": [
        {
            "at": "2026-11-23T09:00:00+07:00",
            "client": "motcua",
            "officer_id": "canbo.mau",
            "agency_id": "000.00.05.H99",
            "dossier_code": "000.00.05.H99-261123-0007",
            "procedure_code": "1.009999",
            "legal_basis": "Quy định mẫu",
            "operation": "lookup_citizen",
            "operation_vi": "Tra cứu thông tin công dân",
            "systems": ["population"],
            "outcome": "answered",
            "outcome_vi": "có kết quả",
            "leaves": [
                {
                    "index": 12,
                    "kind": "exchange",
                    "system": "population",
                    "operation": "lookup_citizen",
                    "outcome": "answered",
                    "proof_holds": True,
                }
            ],
        }
    ],
}


class AccessReportOut(Sent):
    """Báo cáo. It names no number."""

    model_config = ConfigDict(json_schema_extra={"examples": [REPORT]})

    schema_: str = told("Its schema.", "Tên lược đồ.", alias="schema")
    tenant: str = told("The province.", "Đơn vị.")
    reference: str = told("The request that it answers.", "Yêu cầu được trả lời.")
    made_at: datetime = told("When it was made.", "Thời điểm lập.")
    indexed_since: datetime | None = told(
        "From when the log is indexed by person.", "Nhật ký theo từng người có từ lúc nào.", default=None
    )
    proofs_hold: bool = told("Whether all leaves are intact.", "Mọi dòng nhật ký còn nguyên vẹn không.")
    looks: list[LookOut] = told("Newest first.", "Từng lượt, mới nhất trước.")
    printable: str | None = told("The page to print.", "Trang HTML để in.", default=None)

    @classmethod
    def of(cls, report: AccessReport, *, contact: str, printable: bool) -> AccessReportOut:
        page = paper(report, contact=contact).html() if printable else None
        return cls(**document(report), printable=page)
