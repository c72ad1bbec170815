"""What a person does about each kind of case, and what its facts are called (docs/reconciliation.md)."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.cases.model import CaseKind
from gateway.console.money_words import Word

ADVICE: Mapping[CaseKind, Word] = {
    CaseKind.LOCAL_ONLY: Word(
        "Sổ của tỉnh có khoản này, kênh không có. Tra soát với kênh; chưa kết luận thì không hoàn tác biên lai.",
        "Our books have it, the rail does not. Trace it with the rail; until then leave the receipt as it is.",
    ),
    CaseKind.REMOTE_ONLY: Word(
        "Kênh có khoản này, sổ chưa có; cổng đã ghi sổ theo kênh. Nhiều khoản liền thì báo kênh: thông báo bị mất.",
        "The rail has it, our books had not; it was entered. Several in a row: tell the rail that notices get lost.",
    ),
    CaseKind.AMOUNT_MISMATCH: Word(
        "Số tiền hai bên khác nhau; chưa ghi sổ. Dừng bước xử lý của hồ sơ, tra soát ngay trong ngày.",
        "The amounts differ; nothing was entered. Stop the dossier's step and trace it today.",
    ),
    CaseKind.CURRENCY_MISMATCH: Word(
        "Loại tiền hai bên khác nhau; chưa ghi sổ. Dừng bước xử lý của hồ sơ, tra soát ngay trong ngày.",
        "The currencies differ; nothing was entered. Stop the dossier's step and trace it today.",
    ),
    CaseKind.STATUS_MISMATCH: Word(
        "Một bên nói đã nộp, bên kia nói không. Xem người nộp có nộp lại không; sổ có mà kênh không thì tra soát.",
        "One side says paid, the other not. See whether the payer paid again; else trace it with the rail.",
    ),
    CaseKind.DUPLICATE_PAID: Word(
        "Một khoản nộp hai lần; lần sau phải trả lại. Theo dõi khoản hoàn; kênh liệt kê trùng thì yêu cầu sửa.",
        "Paid twice; the second is owed back. Follow the refund; if the rail lists it twice, have it mend its list.",
    ),
    CaseKind.LATE: Word(
        "Tiền thuộc một ngày đã khoá sổ. Ghi nhận vào ngày đang mở.",
        "Money of a day that is closed. Take note of it on the open day.",
    ),
    CaseKind.REFUND_PENDING: Word(
        "Kênh đã hoàn, ở đây chưa biết; cổng hỏi tiếp và tự đóng khi khớp. Quá hạn thì tra soát.",
        "The rail paid back, we have no answer yet; this closes by itself. Past its time, trace it.",
    ),
    CaseKind.REFUND_MISMATCH: Word(
        "Khoản hoàn không ai yêu cầu, khác số tiền, hoặc kênh không có. Tra soát với kênh.",
        "A refund nobody asked for, of another amount, or unknown to the rail. Trace it with the rail.",
    ),
    CaseKind.ACCOUNT_MISMATCH: Word(
        "Tiền vào tài khoản khác. Tra soát; tài khoản không nằm trong chữ ký của thông báo nên xem có bị sửa không.",
        "The money went to another account. Trace it; signatures do not cover accounts, so see whether it was altered.",
    ),
    CaseKind.UNKNOWN_REFERENCE: Word(
        "Có tiền cho mã không có ở đây; chưa ghi sổ. Tìm hồ sơ theo chứng từ, hoặc trả lại.",
        "Money for a reference that we do not know; not entered. Find the dossier by the document, or give it back.",
    ),
    CaseKind.TRANSACTION_DIFFERS: Word(
        "Một lần nộp có hai mã giao dịch, hoặc ngược lại; không ghi sổ thêm. Tra soát với kênh.",
        "One attempt with two transaction numbers, or the other way round. Trace it with the rail.",
    ),
    CaseKind.STATEMENT_MISSING: Word(
        "Sổ và kênh có, sao kê chưa có. Hỏi ngân hàng, kho bạc: phải chuyển trước 10 giờ ngày giao dịch kế tiếp.",
        "Books and rail have it, the statement does not. Ask the bank: it is due by 10:00 of the next banking day.",
    ),
    CaseKind.STATEMENT_ONLY: Word(
        "Chỉ sao kê có. Tìm giao dịch; nếu là chuyển khoản gộp, xin sao kê từng giao dịch.",
        "Only the statement has it. Find the transaction; if it is a lump, ask for single lines.",
    ),
    CaseKind.AMBIGUOUS_BILL: Word(
        "Không rõ tiền cho khoản phải thu nào; chưa ghi sổ. Chọn khoản phải thu, đối chiếu sao kê.",
        "It is unclear which bill the money is for; not entered. Choose the bill, compare the statement.",
    ),
    CaseKind.UNPROVEN: Word(
        "Có nơi báo đã nộp mà không có chứng cứ; chưa ghi sổ. Đối chiếu sao kê trước khi tin.",
        "Somebody says that it was paid and proves nothing; not entered. Compare the statement first.",
    ),
}
FACTS_EN: Mapping[str, str] = {
    "account": "account",
    "agreed_before": "agreed before, case",
    "amount": "amount in our books",
    "asked": "the rail answers",
    "bill_id": "bill",
    "currency": "currency",
    "day": "day of the money",
    "expected_account": "the right account",
    "lines": "lines",
    "listed_account": "account of the other side",
    "listed_amount": "amount of the other side",
    "listed_currency": "currency of the other side",
    "listed_on": "on the list of",
    "listed_reference": "reference of the other side",
    "listed_transaction": "transaction of the other side",
    "payment_id": "attempt",
    "rail": "rail",
    "receipt": "what entering it gave",
    "reference": "reference",
    "refund": "refund",
    "state": "state here",
    "status": "state of the other side",
    "transaction": "transaction in our books",
}
FACTS_MORE_VI: Mapping[str, str] = {
    "agreed_before": "đã từng khớp, vụ việc",
    "bill_id": "khoản phải thu",
    "payment_id": "lần thanh toán",
    "reference": "mã tham chiếu",
}
