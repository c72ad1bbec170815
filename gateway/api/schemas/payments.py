"""Fees paid online."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from gateway.api.schemas.base import (
    Agency,
    Code,
    DossierNumber,
    Line,
    Name,
    PersonalNumber,
    Procedure,
    Received,
    Sent,
    told,
)
from gateway.payments.model import OPEN, Bill, BillState, Payment, PaymentState

Amount = Annotated[int, Field(gt=0, le=9_999_999_999_999)]


class PayerIn(Received):
    """Người nộp tiền."""

    full_name: Name = told("Name.", "Họ tên hoặc tên tổ chức.")
    personal_id: PersonalNumber = told(
        "Personal identifier; for an organisation, of who pays for it.",
        "Số định danh cá nhân; với tổ chức, của người nộp thay.",
    )
    address: Line = told("Address; the platform demands one.", "Địa chỉ; nền tảng thanh toán bắt buộc phải có.")
    province: Name | None = told("Province.", "Tỉnh, thành phố.", default=None)


class FeeLineIn(Received):
    """One fee or charge; the lines add up to the amount."""

    kind: Literal["fee", "charge"] = told("fee: phí; charge: lệ phí.", "fee: phí; charge: lệ phí.")
    code: Code = told("The authority's code of it.", "Mã khoản thu.")
    name: Name = told("Name.", "Tên khoản thu.")
    amount: Amount = told("Whole đồng.", "Số tiền, đồng.")


class BeneficiaryIn(Received):
    """Đơn vị thụ hưởng."""

    account: Annotated[str, Field(max_length=40, pattern=r"^[0-9A-Za-z]+$")] = told("Account number.", "Số tài khoản.")
    bank_code: Code = told("The bank's code at the platform.", "Mã ngân hàng.")
    name: Name = told("Name of the account.", "Tên tài khoản thụ hưởng.")


EXAMPLE: dict[str, Any] = {
    "dossier_code": "000.00.05.H99-261123-0007",
    "procedure_code": "1.009999",
    "procedure_name": "Cấp giấy xác nhận ví dụ",
    "service_code": "1.009999.01",
    "agency_id": "000.00.05.H99",
    "agency_name": "UBND xã Ví Dụ",
    "amount": 150000,
    "payer": {"full_name": "Trần Thị Mẫu", "personal_id": "099185000001", "address": "1 Phố Mẫu"},
    "lines": [{"kind": "fee", "code": "P01", "name": "Phí thẩm định", "amount": 150000}],
    "beneficiary": {"account": "0000111122", "bank_code": "DEMOBANK", "name": "UBND XA VI DU"},
}
RailName = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_]+$")]
ClientIp = Annotated[str, Field(max_length=45, pattern=r"^[0-9A-Fa-f.:]+$")]


class BillIn(Received):
    """Khoản phải thu: what is due for a dossier."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    dossier_code: DossierNumber = told("The dossier.", "Mã hồ sơ.")
    procedure_code: Procedure = told("The procedure.", "Mã thủ tục hành chính.")
    procedure_name: Line = told("Its name.", "Tên thủ tục hành chính.")
    service_code: Code = told("The online service at the portal.", "Mã dịch vụ công trực tuyến.")
    agency_id: Agency = told("Who collects.", "Mã định danh cơ quan thu.")
    agency_name: Name = told("Its name.", "Tên cơ quan thu.")
    amount: Amount = told("Whole đồng.", "Số tiền, đồng.")
    narration: Annotated[Line, Field(pattern=r"^[^|]*$")] | None = told(
        "Shown to the payer; without the sign |.", "Nội dung thanh toán; không có dấu |.", default=None
    )
    payer: PayerIn = told("Who pays.", "Người nộp tiền.")
    lines: Annotated[list[FeeLineIn], Field(min_length=1, max_length=50)] = told(
        "Fees and charges; their sum is the amount.", "Các khoản phí, lệ phí; tổng bằng số tiền phải nộp."
    )
    beneficiary: BeneficiaryIn = told("Who receives.", "Đơn vị thụ hưởng.")


class AttemptIn(Received):
    """Nộp một khoản đã lập: how a bill is to be paid this time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rail": "vnpay", "client_ip": "203.0.113.7"}]})

    rail: RailName | None = told(
        "The rail to pay over; without it the usual one.", "Kênh thanh toán; bỏ trống: kênh mặc định.", default=None
    )
    client_ip: ClientIp | None = told(
        "The payer's IP address, if the platform wants it.", "Địa chỉ IP của người nộp.", default=None
    )


class PaymentIn(BillIn, AttemptIn):
    """Khởi tạo thanh toán: the bill and the attempt in one. The same fees, not paid yet, are the same bill."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})


class BillEndIn(Received):
    """Thôi thu một khoản."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"exempt": True, "reason": "Người có công, QĐ miễn lệ phí số 12"}]}
    )

    exempt: bool = told("The payer is exempt; otherwise the bill was a mistake.", "Được miễn; nếu không: lập nhầm.")
    reason: Annotated[Line, Field(min_length=5)] = told("Why, in words.", "Lý do.")


class BillOut(Sent):
    """A bill and how it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "B7Q2M0001ABCDEFGHIJK",
                    "state": "paid",
                    "dossier_code": "000.00.05.H99-261123-0007",
                    "amount": 150000,
                    "currency": "VND",
                    "beneficiary_account": "0000111122",
                    "payments": ["P7Q2M0001ABCDEFGHIJK"],
                    "created_at": "2026-11-23T09:15:00+07:00",
                    "updated_at": "2026-11-23T09:20:42+07:00",
                }
            ]
        }
    )

    id: str = told("Our id of the bill.", "Mã khoản phải thu.")
    state: BillState = told(
        "unpaid, paid, overpaid (paid twice; the second is owed back), refund_pending, refunded, exempt or cancelled.",
        "unpaid (chưa nộp), paid (đã nộp), overpaid (nộp thừa), refund_pending (đang hoàn), refunded (đã hoàn), "
        "exempt (được miễn) hoặc cancelled (đã huỷ).",
    )
    dossier_code: str = told("The dossier.", "Mã hồ sơ.")
    amount: int = told("Whole đồng.", "Số tiền, đồng.")
    currency: str = told("ISO 4217.", "Loại tiền.")
    beneficiary_account: str = told("Where the money is for.", "Tài khoản thụ hưởng.")
    payments: list[str] = told("Attempts to pay it, oldest first.", "Các lần thanh toán, cũ trước.")
    created_at: datetime = told("When it was issued.", "Thời điểm lập.")
    updated_at: datetime = told("When it last changed.", "Thời điểm cập nhật.")

    @classmethod
    def of(cls, bill: Bill, payments: Sequence[Payment]) -> BillOut:
        return cls(
            id=bill.bill_id,
            state=bill.state,
            dossier_code=bill.dossier_code,
            amount=bill.amount,
            currency=bill.currency,
            beneficiary_account=bill.beneficiary,
            payments=[payment.payment_id for payment in payments],
            created_at=bill.created_at,
            updated_at=bill.updated_at,
        )


class PaymentOut(Sent):
    """A payment and what is known of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "P7Q2M0001ABCDEFGHIJK",
                    "bill_id": "B7Q2M0001ABCDEFGHIJK",
                    "rail": "payment",
                    "state": "paid",
                    "excess": False,
                    "dossier_code": "000.00.05.H99-261123-0007",
                    "amount": 150000,
                    "currency": "VND",
                    "transaction_id": "GD000000001",
                    "paid_at": "2026-11-23T09:20:41+07:00",
                    "notices": 1,
                    "postings": 1,
                    "created_at": "2026-11-23T09:15:00+07:00",
                    "updated_at": "2026-11-23T09:20:42+07:00",
                }
            ]
        }
    )

    id: str = told("Our reference, also the platform's MaThamChieu.", "Mã tham chiếu.")
    bill_id: str = told("What it pays.", "Mã khoản phải thu.")
    rail: str = told("The rail it goes over.", "Kênh thanh toán.")
    state: PaymentState = told(
        "created, opened, pending (the rail does not know yet), unknown (no clear answer yet), paid, failed or "
        "expired. Only paid is final: a late success is accepted on proof.",
        "created, opened, pending (kênh chưa có kết quả), unknown (chưa rõ), paid (đã thu), failed hoặc expired (quá "
        "hạn). Chỉ paid là cuối cùng: tiền tới muộn vẫn được ghi thu khi có bằng chứng.",
    )
    excess: bool = told("The bill was paid before; this money is owed back.", "Nộp thừa, phải hoàn lại.")
    dossier_code: str = told("The dossier.", "Mã hồ sơ.")
    amount: int = told("Whole đồng.", "Số tiền, đồng.")
    currency: str = told("ISO 4217.", "Loại tiền.")
    pay_url: str | None = told(
        "Send the payer here; null once the attempt has ended.",
        "Địa chỉ để người nộp thanh toán; trống khi lần thanh toán đã kết thúc.",
        default=None,
    )
    transaction_id: str | None = told("The platform's transaction number.", "Mã giao dịch của nền tảng.")
    paid_at: datetime | None = told("When it was paid.", "Thời điểm thanh toán.")
    notices: int = told("Notices received, repeats included.", "Số lần nhận thông báo, kể cả trùng.")
    postings: int = told("How often the money was posted: 0 or 1.", "Số lần ghi thu: 0 hoặc 1.")
    created_at: datetime = told("When it was opened.", "Thời điểm tạo.")
    updated_at: datetime = told("When it last changed.", "Thời điểm cập nhật.")

    @classmethod
    def of(cls, payment: Payment) -> PaymentOut:
        return cls(
            id=payment.payment_id,
            bill_id=payment.bill_id,
            rail=payment.system,
            state=payment.state,
            excess=payment.excess,
            dossier_code=payment.dossier_code,
            amount=payment.amount,
            currency=payment.currency,
            pay_url=(payment.pay_url or None) if payment.state in OPEN else None,
            transaction_id=payment.transaction_id or None,
            paid_at=payment.paid_at,
            notices=payment.notices,
            postings=payment.postings,
            created_at=payment.created_at,
            updated_at=payment.updated_at,
        )
