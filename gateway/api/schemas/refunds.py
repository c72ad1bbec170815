"""Money that goes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue

from gateway.api.schemas.base import Day, Line, Moment, Name, Received, Sent, told
from gateway.refunds.model import Proof, Refund, RefundKind, RefundState, RefundWay, Step

Officer = Annotated[str, Field(max_length=50, pattern=r"^[0-9A-Za-z._@-]+$")]
Amount = Annotated[int, Field(gt=0, le=9_999_999_999_999)]
Part = Annotated[int, Field(ge=0, le=9_999_999_999_999)]
Way = Annotated[RefundWay, Field(strict=False)]
Account = Annotated[str, Field(max_length=40, pattern=r"^[0-9A-Za-z]+$")]

DECISION: JsonValue = {"number": "12/QĐ-UBND", "day": "2026-11-23"}


class DecisionIn(Received):
    """Quyết định cho phép hoàn trả."""

    number: Name = told("Its number.", "Số quyết định.")
    day: Day = told("Its date.", "Ngày quyết định.")

    @property
    def said(self) -> dict[str, Any]:
        return {"decision_number": self.number, "decision_day": date.fromisoformat(self.day)}


class RefundIn(Received):
    """Đề nghị hoàn trả."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "amount": 150000,
                    "refundable": 150000,
                    "reason": "Hồ sơ bị từ chối tiếp nhận",
                    "requested_by": "canbo.mau",
                    "decision": DECISION,
                }
            ]
        }
    )

    amount: Amount = told("How much goes back, whole đồng.", "Số tiền hoàn, đồng.")
    refundable: Part = told(
        "How much you believe can still go back; another truth is refused, and told.",
        "Số tiền còn hoàn được theo bạn; khác thực tế thì bị từ chối kèm số đúng.",
    )
    reason: Line = told("Why; no account numbers.", "Lý do; không ghi số tài khoản.")
    requested_by: Officer = told("Who asks: an officer's login.", "Tài khoản cán bộ đề nghị.")
    decision: DecisionIn | None = told(
        "What allows it; due by the approval.", "Quyết định cho phép; phải có khi phê duyệt.", default=None
    )
    way: Way | None = told(
        "rail, or by_hand; left out: over the rail where it takes refunds.",
        "rail: qua kênh thanh toán; by_hand: thủ công; bỏ trống: qua kênh nếu kênh nhận lệnh hoàn.",
        default=None,
    )
    fee: Part | None = told(
        "How much of it is fee, where the bill has both and a part goes back.",
        "Phần phí, khi khoản thu có cả phí lẫn lệ phí và chỉ hoàn một phần.",
        default=None,
    )
    charge: Part | None = told("How much is charge.", "Phần lệ phí.", default=None)


class ApprovalIn(Received):
    """Phê duyệt hoàn trả."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"approved_by": "chutich.mau", "decision": DECISION, "way": "by_hand"}]}
    )

    approved_by: Officer = told(
        "Who allows it; another officer than the one who asked.", "Người phê duyệt, khác người đề nghị."
    )
    decision: DecisionIn | None = told(
        "What allows it, unless the request named it.", "Quyết định, nếu đề nghị chưa nêu.", default=None
    )
    way: Way | None = told("Another way than was asked for.", "Cách hoàn khác với đề nghị.", default=None)


class ProofIn(Received):
    """Chứng từ hoàn trả thủ công."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recorded_by": "ketoan.mau",
                    "document_number": "UNC-2026-0007",
                    "paid_at": "2026-11-24T10:00:00+07:00",
                    "payee_account": "0000111133",
                    "payee_name": "TRAN THI MAU",
                }
            ]
        }
    )

    recorded_by: Officer = told("Who records it.", "Cán bộ ghi nhận.")
    document_number: Name = told("Of the payment order.", "Số chứng từ chi.")
    paid_at: Moment = told("When it was paid back.", "Thời điểm chi trả.")
    payee_account: Account = told("To which account; shown to nobody.", "Số tài khoản nhận; không hiển thị lại.")
    payee_name: Name = told("Whose account; shown to nobody.", "Tên tài khoản nhận; không hiển thị lại.")

    def proof(self) -> Proof:
        return Proof(**{**self.model_dump(), "paid_at": datetime.fromisoformat(self.paid_at)})


class RefundEndIn(Received):
    """Huỷ hoàn trả."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cancelled_by": "canbo.mau"}]})

    cancelled_by: Officer = told("Who calls it off.", "Cán bộ huỷ.")


class RefundStepOut(Sent):
    """A state that it was in."""

    state: RefundState = told("The state.", "Trạng thái.")
    at: datetime = told("Since when.", "Từ thời điểm.")
    by: str = told("Who put it there.", "Do ai.")


EXAMPLE: JsonValue = {
    "id": "F7Q2M0001ABCDEFGHIJK",
    "payment_id": "P7Q2M0001ABCDEFGHIJK",
    "bill_id": "B7Q2M0001ABCDEFGHIJK",
    "dossier_code": "000.00.05.H99-261123-0007",
    "state": "requested",
    "state_vi": "Chờ phê duyệt",
    "kind": "whole",
    "way": "rail",
    "rail": "vnpay",
    "amount": 150000,
    "fee": 150000,
    "charge": 0,
    "currency": "VND",
    "reason": "Hồ sơ bị từ chối tiếp nhận",
    "requested_by": "canbo.mau",
    "decision_number": "12/QĐ-UBND",
    "decision_day": "2026-11-23",
    "created_at": "2026-11-24T09:00:00+07:00",
    "updated_at": "2026-11-24T09:00:00+07:00",
}


class RefundOut(Sent):
    """A refund and how far it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str = told("Our id, also the rail's.", "Mã hoàn trả.")
    payment_id: str = told("Of which payment.", "Mã giao dịch thanh toán.")
    bill_id: str = told("Of which bill.", "Mã khoản phải thu.")
    dossier_code: str = told("The dossier.", "Mã hồ sơ.")
    state: RefundState = told(
        "requested, approved, sent, pending, unknown (no clear answer yet), done, failed or cancelled.",
        "requested, approved, sent, pending, unknown (chưa rõ), done (đã hoàn), failed hoặc cancelled.",
    )
    state_vi: str = told("The same, for officers.", "Trạng thái bằng lời.")
    kind: RefundKind = told("whole, partial, or excess (paid twice).", "whole, partial, hoặc excess (nộp trùng).")
    way: RefundWay = told("rail or by_hand.", "rail hoặc by_hand (thủ công).")
    rail: str = told("Which rail took the money.", "Kênh đã thu tiền.")
    amount: int = told("Whole đồng.", "Số tiền, đồng.")
    fee: int = told("Of it, fee.", "Trong đó phí.")
    charge: int = told("Of it, charge.", "Trong đó lệ phí.")
    currency: str = told("ISO 4217.", "Loại tiền.")
    reason: str = told("Why.", "Lý do.")
    requested_by: str = told("Who asked; gateway: it was paid twice.", "Người đề nghị; gateway: do nộp trùng.")
    decision_number: str | None = told("Of the decision.", "Số quyết định.", default=None)
    decision_day: date | None = told("Its date.", "Ngày quyết định.", default=None)
    approved_by: str | None = told("Who allowed it.", "Người phê duyệt.", default=None)
    refund_transaction_id: str | None = told(
        "The rail's number, or that of the document.", "Mã hoàn của kênh, hoặc số chứng từ.", default=None
    )
    trouble: str | None = told("Code of what went wrong last.", "Mã lỗi gần nhất.", default=None)
    created_at: datetime = told("When it was asked for.", "Thời điểm đề nghị.")
    updated_at: datetime = told("When it last changed.", "Thời điểm cập nhật.")
    done_at: datetime | None = told("When the money went back.", "Thời điểm hoàn.", default=None)
    steps: list[RefundStepOut] = told(
        "Every state that it was in, oldest first; when one refund is asked for.",
        "Các trạng thái đã qua, cũ nhất trước; khi xem một khoản.",
        default=[],
    )

    @classmethod
    def of(cls, refund: Refund, steps: Sequence[Step] = ()) -> RefundOut:
        same = {
            name: getattr(refund, name)
            for name in cls.model_fields
            if name in Refund.__slots__ and getattr(refund, name) != ""
        }
        shown = [RefundStepOut(state=step.state, at=step.at, by=step.actor) for step in steps]
        return cls(id=refund.refund_id, state_vi=refund.state.label_vi, steps=shown, **same)


class RefundsOut(Sent):
    """The refunds of a payment, and what can still go back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"refundable": 0, "refunds": [EXAMPLE]}]})

    refundable: int = told("What can still go back, whole đồng.", "Số tiền còn hoàn được, đồng.")
    refunds: list[RefundOut] = told("Oldest first.", "Cũ nhất trước.")
