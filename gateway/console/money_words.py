"""What the states of money are called: plain words in both languages, and the colour of a badge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gateway.receipts.model import ReceiptState
from gateway.reconciliation.words import KINDS
from gateway.refunds.model import RefundState


class Word(NamedTuple):
    """`kind`: of the badge: good, late, bad, calm."""

    vi: str
    en: str
    kind: str = "calm"


Words = Mapping[str, Word]

BILL_STATES: Words = {
    "unpaid": Word("Chưa nộp", "Unpaid", "late"),
    "paid": Word("Đã nộp", "Paid", "good"),
    "overpaid": Word("Nộp thừa, phải trả lại", "Overpaid, owed back", "bad"),
    "refund_pending": Word("Đang hoàn trả", "Being refunded", "late"),
    "refunded": Word("Đã hoàn trả hết", "Refunded"),
    "exempt": Word("Được miễn", "Exempt"),
    "cancelled": Word("Đã huỷ", "Cancelled"),
}
ATTEMPT_STATES: Words = {
    "created": Word("Vừa tạo", "Created"),
    "opened": Word("Đang chờ người nộp", "Waiting for the payer"),
    "pending": Word("Kênh chưa biết kết quả", "The rail does not know yet", "late"),
    "unknown": Word("Chưa rõ, đang hỏi kênh", "Unclear, the rail is asked", "late"),
    "paid": Word("Đã nộp", "Paid", "good"),
    "failed": Word("Không thành công", "Failed", "bad"),
    "expired": Word("Hết hạn", "Expired"),
}
PAID_KINDS: Words = {
    "first": Word("Thu", "Collected"),
    "excess": Word("Nộp thừa, phải trả lại", "Excess, owed back", "bad"),
}
_REFUND_EN = {
    RefundState.REQUESTED: ("Waits for approval", "late"),
    RefundState.APPROVED: ("Approved, to be paid back", "late"),
    RefundState.SENT: ("On its way to the rail", "calm"),
    RefundState.PENDING: ("The rail works on it", "calm"),
    RefundState.UNKNOWN: ("Unclear, the rail is asked", "late"),
    RefundState.DONE: ("Paid back", "good"),
    RefundState.FAILED: ("Could not be paid back", "bad"),
    RefundState.CANCELLED: ("Called off", "calm"),
}
REFUND_STATES: Words = {state.value: Word(state.label_vi, *_REFUND_EN[state]) for state in RefundState}
REFUND_KINDS: Words = {
    "whole": Word("Toàn bộ", "Whole"),
    "partial": Word("Một phần", "Part"),
    "excess": Word("Tiền nộp thừa", "Excess"),
}
WAYS: Words = {"rail": Word("Qua kênh", "Over the rail"), "by_hand": Word("Thủ công", "By hand")}
_CASE_EN = {
    "local_only": "In our books only",
    "remote_only": "At the rail only",
    "amount_mismatch": "Amounts differ",
    "status_mismatch": "States differ",
    "duplicate_paid": "Paid twice",
    "late": "On another day",
    "refund_pending": "Refund not confirmed",
    "refund_mismatch": "Refunds differ",
    "account_mismatch": "Another account",
    "unknown_reference": "Unknown reference",
    "transaction_differs": "Transaction numbers differ",
    "currency_mismatch": "Currencies differ",
    "ambiguous_bill": "Unclear which bill",
    "unproven": "Said to be paid, not proven",
    "statement_missing": "Not on the statement",
    "statement_only": "On the statement only",
}
CASE_KINDS: Words = {kind.value: Word(vi, _CASE_EN[kind.value]) for kind, vi in KINDS.items()}
CASE_STATES: Words = {"open": Word("Chưa xử lý", "Open", "late"), "resolved": Word("Đã xử lý", "Resolved", "good")}
FINDING_STATES: Words = {
    "no_case": Word("Chưa khớp, chưa có vụ việc", "Unmatched, no case", "bad"),
    "case_open": Word("Có vụ việc đang mở", "Case open", "late"),
    "case_resolved": Word("Vụ việc đã xử lý", "Case resolved", "good"),
    "cleared": Word("Đã khớp lại", "Agrees now", "good"),
    "late": Word("Khớp, khác ngày", "Matched, other day"),
}
OWNERS: Words = {
    "province": Word("Tỉnh", "The province"),
    "rail": Word("Kênh thanh toán", "The rail"),
    "bank": Word("Ngân hàng, kho bạc", "The bank or the Treasury"),
}
_RECEIPT_EN = {
    ReceiptState.DUE: ("To be issued", "late"),
    ReceiptState.ISSUED: ("Valid", "good"),
    ReceiptState.ADJUSTED: ("Adjusted by a newer one", "calm"),
    ReceiptState.CANCELLED: ("Cancelled by a newer one", "calm"),
}
RECEIPT_STATES: Words = {state.value: Word(state.label_vi, *_RECEIPT_EN[state]) for state in ReceiptState} | {
    "waiting": Word("Chờ gửi cơ quan thuế", "To be told to the tax office", "late"),
    "held": Word("Bị giữ, chờ người xem", "Held for a person", "bad"),
    "paper": Word("Biên lai giấy", "On paper"),
}
RECEIPT_KINDS: Words = {"fee": Word("Phí", "Fee"), "charge": Word("Lệ phí", "Charge")}
HASTE: Words = {
    "none": Word("Trong hạn", "In time", "good"),
    "late": Word("Chậm: sang ngày làm việc thứ hai", "Late: the second working day", "late"),
    "overdue": Word("Quá hạn 3 ngày làm việc", "Past the 3 working days", "bad"),
}
SOURCES: Words = {
    "notice": Word("Thông báo của kênh", "The rail's notice"),
    "query": Word("Câu trả lời của kênh", "The rail's answer"),
    "push": Word("Nộp tại Cổng quốc gia", "Paid at the national portal"),
    "reconciliation": Word("Danh sách đối soát của kênh", "The rail's list"),
    "statement": Word("Sao kê, chứng từ", "Statement or document"),
}
ENTRIES: Words = {
    "collection": Word("Ghi thu", "Collection"),
    "excess": Word("Ghi tiền nộp thừa", "Excess"),
    "refund": Word("Ghi hoàn trả", "Refund"),
}
ACCOUNTS: Words = {
    "rail": Word("Tiền ở kênh", "At the rail"),
    "fee": Word("Phí", "Fee"),
    "charge": Word("Lệ phí", "Charge"),
    "owed": Word("Phải trả lại", "Owed back"),
}
STREAMS: Words = {
    "idle": Word("Không còn gì phải gửi", "Nothing to send"),
    "ready": Word("Sắp gửi", "About to be sent"),
    "waiting": Word("Chờ lần sau", "Waits for its next try", "late"),
    "claimed": Word("Đang gửi", "Being sent"),
    "held": Word("Bị giữ, chờ người xem", "Held for a person", "bad"),
}
VIEWS: Words = {
    "list": Word("Danh sách của kênh", "The rail's list"),
    "query": Word("Hỏi từng giao dịch", "Each attempt asked"),
    "statement": Word("Sao kê", "The statement"),
}
EVERY: tuple[Words, ...] = (
    BILL_STATES, ATTEMPT_STATES, PAID_KINDS, REFUND_STATES, REFUND_KINDS, WAYS, CASE_KINDS, CASE_STATES, FINDING_STATES,
    OWNERS, RECEIPT_STATES, RECEIPT_KINDS, HASTE, SOURCES, ENTRIES, ACCOUNTS, STREAMS, VIEWS,
)  # fmt: skip


def word_of(words: Words, code: str) -> Word:
    """A code that has no word is shown as it is: unknown is not hidden."""
    return words.get(code, Word(code, code))
