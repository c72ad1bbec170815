"""How findings, sides and totals are called on paper."""

from __future__ import annotations

from gateway.cases.model import CaseKind, Owner
from gateway.reconciliation.model import BANK, View

KINDS = {
    CaseKind.LOCAL_ONLY: "Sổ có, kênh không có",
    CaseKind.REMOTE_ONLY: "Kênh có, sổ không có",
    CaseKind.AMOUNT_MISMATCH: "Lệch số tiền",
    CaseKind.STATUS_MISMATCH: "Lệch trạng thái",
    CaseKind.DUPLICATE_PAID: "Một khoản nộp hai lần",
    CaseKind.LATE: "Lệch ngày",
    CaseKind.REFUND_PENDING: "Hoàn tiền chưa xác nhận",
    CaseKind.REFUND_MISMATCH: "Lệch hoàn tiền",
    CaseKind.ACCOUNT_MISMATCH: "Lệch tài khoản thụ hưởng",
    CaseKind.UNKNOWN_REFERENCE: "Mã tham chiếu lạ",
    CaseKind.TRANSACTION_DIFFERS: "Lệch mã giao dịch",
    CaseKind.CURRENCY_MISMATCH: "Lệch loại tiền",
    CaseKind.AMBIGUOUS_BILL: "Không rõ khoản phải thu",
    CaseKind.UNPROVEN: "Báo đã nộp, không có chứng cứ",
    CaseKind.STATEMENT_MISSING: "Sao kê chưa có",
    CaseKind.STATEMENT_ONLY: "Chỉ sao kê có",
}
OWNERS = {Owner.PROVINCE: "tỉnh", Owner.RAIL: "kênh thanh toán", Owner.BANK: "ngân hàng, kho bạc"}
VIEWS = {
    View.LIST: "danh sách giao dịch của kênh",
    View.QUERY: "hỏi từng giao dịch",
    View.STATEMENT: "sao kê ngân hàng, kho bạc",
}
GROUPS = {"rail": "Thu qua kênh", "refunds": "Hoàn qua kênh", "account": "Tài khoản thụ hưởng", "kind": "Khoản"}
PARTS = {"fee": "phí", "charge": "lệ phí", "owed": "phải trả lại"}
SIDES = {
    "books": "Sổ cái",
    "rail": "Kênh báo",
    "rail_other_days": "trong đó tiền của ngày khác",
    "rail_late": "Kênh báo ở ngày khác",
    "bank": "Sao kê",
    "bank_other_days": "trong đó tiền của ngày khác",
    "bank_late": "Sao kê ngày khác",
}
FACTS = {
    "account": "tài khoản",
    "amount": "số tiền trong sổ",
    "asked": "kênh trả lời",
    "currency": "loại tiền",
    "day": "ngày của tiền",
    "expected_account": "tài khoản đúng",
    "lines": "số dòng",
    "listed_account": "tài khoản bên kia",
    "listed_amount": "số tiền bên kia",
    "listed_currency": "loại tiền bên kia",
    "listed_on": "ở danh sách ngày",
    "listed_reference": "mã tham chiếu bên kia",
    "listed_transaction": "mã giao dịch bên kia",
    "rail": "kênh",
    "receipt": "kết quả ghi sổ",
    "refund": "mã hoàn tiền",
    "state": "trạng thái ở đây",
    "status": "trạng thái bên kia",
    "transaction": "mã giao dịch trong sổ",
}
VALUES = {
    "open": "chưa có kết quả",
    "not_asked": "không hỏi được",
    "paid": "đã nộp",
    "failed": "thất bại",
    "expired": "hết hạn",
    "opened": "đang mở",
    "rejected": "bị từ chối",
}
MONEY = {"amount", "listed_amount"}
DAYS = {"day", "listed_on"}


def rail_name(rail: str) -> str:
    return "Ngân hàng, kho bạc" if rail == BANK else rail


def money(amount: int) -> str:
    """1.234.567; a true minus sign."""
    return f"{amount:,}".replace(",", ".").replace("-", "−")
