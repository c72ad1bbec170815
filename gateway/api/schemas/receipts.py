"""Electronic receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import ConfigDict, JsonValue

from gateway.api.schemas.base import Sent, told
from gateway.receipts.model import Receipt, ReceiptKind, ReceiptState

EXAMPLE: dict[str, JsonValue] = {
    "id": "P7Q2M0001ABCDEFGHIJK-F-F7Q2M0001ABCDEFGHIJK",
    "kind": "fee",
    "state": "issued",
    "payment_id": "P7Q2M0001ABCDEFGHIJK",
    "bill_id": "B7Q2M0001ABCDEFGHIJK",
    "dossier_code": "000.00.05.H99-261123-0007",
    "agency_id": "000.00.05.H99",
    "amount": 100000,
    "currency": "VND",
    "collected_on": "2026-11-23",
    "form": "EBL01",
    "symbol": "26TAA",
    "number": 8,
    "issued_at": "2026-11-23T09:20:44+07:00",
    "lookup_code": "7K2M0Q5R8T1V4W6X9Y3Z",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "supersedes": "P7Q2M0001ABCDEFGHIJK-F",
    "refund_id": "F7Q2M0001ABCDEFGHIJK",
}


class ReceiptOut(Sent):
    """Biên lai điện tử (NĐ 254/2026/NĐ-CP): all but who paid, which stands in the file alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str = told("Its id; the same payment and kind always have the same.", "Mã biên lai trong Cổng.")
    kind: ReceiptKind = told("fee: phí; charge: lệ phí. Each has its own receipt.", "fee: phí; charge: lệ phí.")
    state: ReceiptState = told(
        "due (not issued yet), issued, adjusted or cancelled (a newer one supersedes it).",
        "due (chờ lập), issued (có hiệu lực), adjusted (đã bị điều chỉnh), cancelled (đã hủy).",
    )
    payment_id: str = told("The payment.", "Mã giao dịch thanh toán.")
    bill_id: str = told("The bill.", "Mã khoản phải thu.")
    dossier_code: str = told("The dossier.", "Mã hồ sơ.")
    agency_id: str = told("Who collected.", "Mã định danh tổ chức thu.")
    amount: int = told("Whole đồng, less what was paid back.", "Số tiền, đồng, đã trừ phần hoàn trả.")
    currency: str = told("ISO 4217.", "Loại tiền.")
    collected_on: date = told("Local day of the money.", "Ngày thu tiền.")
    form: str | None = told("Form code.", "Ký hiệu mẫu.")
    symbol: str | None = told("Symbol: year, T, two letters.", "Ký hiệu biên lai.")
    number: int | None = told("1 to 99999999, from 1 again each year.", "Số biên lai.")
    issued_at: datetime | None = told("When it was signed.", "Thời điểm ký số, cũng là ngày lập.")
    lookup_code: str | None = told("Stands on it, as text and as QR code.", "Mã tra cứu in trên biên lai.")
    sha256: str | None = told("Digest of the signed PDF.", "Mã băm của tệp PDF đã ký.")
    supersedes: str | None = told("The receipt that it adjusts or cancels.", "Biên lai mà nó điều chỉnh hoặc hủy.")
    refund_id: str | None = told("The refund that it is about.", "Mã hoàn trả.")

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptOut:
        return cls(
            id=receipt.receipt_id,
            kind=receipt.kind,
            state=receipt.state,
            payment_id=receipt.payment_id,
            bill_id=receipt.bill_id,
            dossier_code=receipt.dossier_code,
            agency_id=receipt.unit,
            amount=receipt.amount,
            currency=receipt.currency,
            collected_on=receipt.collected_on,
            form=receipt.form or None,
            symbol=receipt.symbol or None,
            number=receipt.number,
            issued_at=receipt.issued_at,
            lookup_code=receipt.lookup_code or None,
            sha256=receipt.sha256 or None,
            supersedes=receipt.supersedes or None,
            refund_id=receipt.refund_id or None,
        )


class ReceiptsOut(Sent):
    """The receipts of a payment, superseded ones too."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"receipts": [EXAMPLE]}]})

    receipts: list[ReceiptOut] = told("By the time at which they fell due.", "Theo thời điểm phát sinh.")

    @classmethod
    def of(cls, receipts: Sequence[Receipt]) -> ReceiptsOut:
        return cls(receipts=[ReceiptOut.of(receipt) for receipt in receipts])


class ReceiptSeenOut(Sent):
    """What anybody who has the paper may check: nothing that tells who paid, or for what."""

    state: ReceiptState = told("issued, adjusted or cancelled.", "Trạng thái.")
    state_vi: str = told("The state in Vietnamese.", "Trạng thái bằng tiếng Việt.")
    symbol: str = told("Symbol.", "Ký hiệu.")
    number: int = told("Number.", "Số.")
    amount: int = told("Whole đồng.", "Số tiền, đồng.")
    day: date = told("Its date.", "Ngày lập.")

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptSeenOut:
        assert receipt.number is not None
        assert receipt.issued_on is not None
        return cls(
            state=receipt.state,
            state_vi=receipt.state.label_vi,
            symbol=receipt.symbol,
            number=receipt.number,
            amount=receipt.amount,
            day=receipt.issued_on,
        )
