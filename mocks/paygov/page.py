"""The pay page that a payer sees: plain HTML in Vietnamese, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from mocks.paygov.ledger import GATE, State, Transaction, notice_of
from mocks.paygov.settings import PayGovSettings
from mocks.payment.page import BUTTONS, HEADERS, STYLE, vnd

__all__ = ["HEADERS", "pay_page", "return_link", "unknown_page"]


def pay_page(transaction: Transaction, settings: PayGovSettings) -> str:
    """The page of one transaction as it stands."""
    facts = {"Nội dung": transaction.create["orderInfo"], "Mã giao dịch": transaction.reference}
    rows = "".join(f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items())
    amount = f'<dt>Số tiền</dt><dd class="amount">{vnd(transaction.create["amount"])}</dd>'
    again = BUTTONS if transaction.state is State.OPEN else ""
    body = f"<h1>Thanh toán qua PayGov</h1><dl>{amount}{rows}</dl>{_status(transaction)}{again}"
    return _document(body + _way_back(transaction, settings))


def unknown_page() -> str:
    """The page of a token that was never given out."""
    return _document("<h1>Không tìm thấy giao dịch</h1><p>Đường dẫn thanh toán không đúng hoặc không còn hiệu lực.</p>")


def return_link(transaction: Transaction, settings: PayGovSettings) -> str:
    """returnUrl with everything that the IPN says (4.2)."""
    url = transaction.create["returnUrl"]
    return f"{url}{'&' if '?' in url else '?'}{urlencode(notice_of(transaction, settings))}"


def _status(transaction: Transaction) -> str:
    if transaction.state is State.PAID:
        text = f"Đã thanh toán. Mã giao dịch: {escape(transaction.transaction_code)}."
        return f'<p role="status" class="paid">{text}</p>'
    if transaction.state is State.FAILED:
        return '<p role="status" class="failed">Giao dịch không thành công. Quý khách chưa bị trừ tiền.</p>'
    if transaction.waiting:
        return '<p role="status">Giao dịch đang chờ xử lý. Quý khách có thể trả tiền hoặc huỷ sau.</p>'
    return ""


def _way_back(transaction: Transaction, settings: PayGovSettings) -> str:
    if transaction.state is State.OPEN:
        return ""
    link = escape(return_link(transaction, settings), quote=True)
    return f'<p><a id="return" href="{link}">Quay lại Cổng dịch vụ công của tỉnh</a></p>'


def _document(body: str) -> str:
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>Thanh toán: cổng thử nghiệm {GATE}</title><style>{STYLE}</style></head><body><main>{body}"
        "<footer>PayGov giả lập để thử nghiệm (MOCK): không có tiền thật nào được chuyển.</footer>"
        "</main></body></html>"
    )
