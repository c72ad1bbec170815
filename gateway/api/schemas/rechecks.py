"""Verifications that are asked again later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core.core_schema import ValidationInfo

from gateway.api.schemas.base import Received, Sent, told
from gateway.api.schemas.enterprises import (
    EnterpriseVerificationIn,
    EnterpriseVerificationOut,
    RepresentativeVerificationIn,
    RepresentativeVerificationOut,
)
from gateway.api.schemas.lookups import CITIZEN, CitizenVerificationIn, CitizenVerificationOut
from gateway.rechecks.model import CallbackState, Contents, Recheck, RecheckOperation, RecheckState

VerificationIn = CitizenVerificationIn | EnterpriseVerificationIn | RepresentativeVerificationIn
VerificationOut = CitizenVerificationOut | EnterpriseVerificationOut | RepresentativeVerificationOut
REQUESTS: Mapping[RecheckOperation, type[VerificationIn]] = {
    RecheckOperation.VERIFY_CITIZEN: CitizenVerificationIn,
    RecheckOperation.VERIFY_ENTERPRISE: EnterpriseVerificationIn,
    RecheckOperation.VERIFY_REPRESENTATIVE: RepresentativeVerificationIn,
}
"""By operation, the very schema of its own endpoint; and so of its answer."""
RESULTS: Mapping[RecheckOperation, type[VerificationOut]] = {
    RecheckOperation.VERIFY_CITIZEN: CitizenVerificationOut,
    RecheckOperation.VERIFY_ENTERPRISE: EnterpriseVerificationOut,
    RecheckOperation.VERIFY_REPRESENTATIVE: RepresentativeVerificationOut,
}
_KINDS: dict[str, JsonValue] = {
    operation.value: f"#/components/schemas/{result.__name__}" for operation, result in RESULTS.items()
}
"""Two of the results have the same fields: only the operation tells them apart."""


def _of_its_operation(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:  # noqa: ARG001 - pydantic's shape
    """The operation says which schema holds; where it is wrong itself, nothing more can be said of the request."""
    operation = info.data.get("operation")
    return REQUESTS[operation].model_validate(value) if operation else value


class RecheckIn(Received):
    """Yêu cầu xác thực lại: một lần xác thực chưa có kết quả được hỏi lại sau, tới khi có kết quả."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "operation": "verify_citizen",
                    "request": CITIZEN,
                    "reference": "MIV3KZ6P01A2B3C4D5E6",
                    "callback": False,
                }
            ]
        }
    )

    operation: Annotated[RecheckOperation, Field(strict=False)] = told(
        "The verification to ask again.", "Nghiệp vụ xác thực cần hỏi lại."
    )
    request: Annotated[VerificationIn, WrapValidator(_of_its_operation)] = told(
        "The body of that verification, its purpose included.", "Thân của yêu cầu xác thực đó, gồm cả mục đích."
    )
    reference: Annotated[str, Field(pattern=r"^([0-9A-Z]{20}|[0-9a-f]{32})$")] | None = told(
        "`reference` of the answer that was undetermined.", "`reference` của câu trả lời chưa xác định.", default=None
    )
    callback: bool = told(
        "Whether to call the client's registered address when it ends.",
        "Có gọi địa chỉ đã đăng ký của hệ thống khi kết thúc không.",
        default=False,
    )


class RecheckViewOut(Sent):
    """A recheck and how far it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recheck_id": "R7Q2M0001ABCDEFGHIJK",
                    "state": "waiting",
                    "state_vi": "Đang chờ xác thực lại",
                    "operation": "verify_citizen",
                    "dossier_code": "000.00.05.H99-261123-0007",
                    "reference": "MIV3KZ6P01A2B3C4D5E6",
                    "tries": 0,
                    "next_at": "2026-11-23T09:16:00+07:00",
                    "created_at": "2026-11-23T09:15:00+07:00",
                    "callback": "none",
                }
            ]
        }
    )

    recheck_id: str = told("Ask for it under this id.", "Mã yêu cầu xác thực lại.")
    state: RecheckState = told(
        "waiting, answered, given_up (a person decides; never a no) or withdrawn.",
        "waiting, answered, given_up (cán bộ xử lý; không phải là «không khớp») hoặc withdrawn.",
    )
    state_vi: str = told("The same, for officers.", "Trạng thái bằng lời.")
    operation: RecheckOperation = told("What is asked again.", "Nghiệp vụ được hỏi lại.")
    dossier_code: str = told("The dossier it is for.", "Mã hồ sơ.")
    reference: str | None = told("The earlier call, if it was named.", "Cuộc gọi trước đó, nếu đã nêu.", default=None)
    tries: int = told("How often the register was asked again.", "Số lần đã hỏi lại.")
    trouble: str | None = told("Code of what went wrong last.", "Mã lỗi của lần gần nhất.", default=None)
    next_at: datetime | None = told("When it is asked next.", "Thời điểm hỏi lại tiếp theo.", default=None)
    created_at: datetime = told("When it was taken in.", "Thời điểm tiếp nhận.")
    ended_at: datetime | None = told("When it ended.", "Thời điểm kết thúc.", default=None)
    erased_at: datetime | None = told(
        "Since when request and result are erased.", "Thời điểm xoá nội dung, kết quả.", default=None
    )
    callback: CallbackState = told("How far you were told by callback.", "Tình trạng gọi báo cho hệ thống gọi.")
    result: VerificationOut | None = told(
        "The verdict, once answered; `operation` says of which kind.",
        "Kết quả xác thực, khi đã có; `operation` cho biết loại.",
        default=None,
        json_schema_extra={"x-discriminator-beside": {"propertyName": "operation", "mapping": _KINDS}},
    )

    @classmethod
    def of(cls, recheck: Recheck, contents: Contents | None = None) -> RecheckViewOut:
        """Without `contents` nothing about a person stands in it."""
        found = contents.result if contents else None
        return cls(
            recheck_id=recheck.recheck_id,
            state=recheck.state,
            state_vi=recheck.state.label_vi,
            operation=recheck.operation,
            dossier_code=recheck.dossier_code,
            reference=recheck.reference or None,
            tries=recheck.tries,
            trouble=recheck.trouble or None,
            next_at=recheck.due if recheck.state is RecheckState.WAITING else None,
            created_at=recheck.created_at,
            ended_at=recheck.ended_at,
            erased_at=recheck.erased_at,
            callback=recheck.callback,
            result=RESULTS[recheck.operation].of(found) if found else None,
        )
