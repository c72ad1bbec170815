"""The rails' own receipts of payments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import ConfigDict, JsonValue

from gateway.api.schemas.base import Sent, told
from gateway.receipts.voucher_model import Voucher

EXAMPLE_SHA = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
VOUCHER: dict[str, JsonValue] = {
    "sha256": EXAMPLE_SHA,
    "media_type": "application/pdf",
    "size": 48213,
    "rail": "payment",
    "transaction_id": "GD000000001",
    "source": "download_voucher",
    "fetched_at": "2026-11-23T09:20:44+07:00",
}


class VoucherOut(Sent):
    """Chứng từ thanh toán: what a rail gave as its receipt of a payment, as it came."""

    model_config = ConfigDict(json_schema_extra={"examples": [VOUCHER]})

    sha256: str = told("SHA-256 of the file, in hex; names it.", "Mã băm SHA-256 của tệp, cũng là mã để tải.")
    media_type: str = told("Kind of content.", "Kiểu nội dung.")
    size: int = told("Bytes.", "Số byte.")
    rail: str = told("Which rail gave it.", "Kênh thanh toán đã cấp.")
    transaction_id: str = told("The rail's transaction number.", "Mã giao dịch của kênh thanh toán.")
    source: str = told(
        "fetch_voucher: in the answer; download_voucher: behind a link of it.",
        "fetch_voucher: nằm trong câu trả lời; download_voucher: tải theo đường dẫn.",
    )
    fetched_at: datetime = told("When it was kept.", "Thời điểm nhận và lưu.")


class VouchersOut(Sent):
    """Every voucher of a payment, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"vouchers": [VOUCHER]}]})

    vouchers: list[VoucherOut] = told("None until the rail has given one.", "Rỗng khi kênh chưa cấp chứng từ.")

    @classmethod
    def of(cls, vouchers: Sequence[Voucher]) -> VouchersOut:
        names = tuple(VoucherOut.model_fields)
        return cls(vouchers=[VoucherOut(**{name: getattr(one, name) for name in names}) for one in vouchers])
