"""The pay page that a payer sees: plain HTML in Vietnamese, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from mocks._kit import paypage
from mocks.paygov.ledger import GATE, State, Transaction, notice_of
from mocks.paygov.settings import PayGovSettings


def pay_page(transaction: Transaction, settings: PayGovSettings) -> str:
    """The page of one transaction as it stands."""
    facts = {"Nội dung": transaction.create["orderInfo"], "Mã giao dịch": transaction.reference}
    told = paypage.facts(transaction.create["amount"], {name: str(value) for name, value in facts.items()})
    again = paypage.buttons() if transaction.state is State.OPEN else ""
    body = f"<h1>Thanh toán qua PayGov</h1>{told}{_status(transaction)}{again}"
    return _document(body + _way_back(transaction, settings))


def unknown_page() -> str:
    """The page of a token that was never given out."""
    return _document(paypage.UNKNOWN)


def return_link(transaction: Transaction, settings: PayGovSettings) -> str:
    """returnUrl with everything that the IPN says (4.2)."""
    url = transaction.create["returnUrl"]
    return f"{url}{'&' if '?' in url else '?'}{urlencode(notice_of(transaction, settings))}"


def _status(transaction: Transaction) -> str:
    if transaction.state is State.PAID:
        text = f"Đã thanh toán. Mã giao dịch: {escape(transaction.transaction_code)}."
        return f'<p role="status" class="paid">{text}</p>'
    if transaction.state is State.FAILED:
        return paypage.FAILED
    if transaction.waiting:
        return '<p role="status">Giao dịch đang chờ xử lý. Quý khách có thể trả tiền hoặc huỷ sau.</p>'
    return ""


def _way_back(transaction: Transaction, settings: PayGovSettings) -> str:
    if transaction.state is State.OPEN:
        return ""
    return paypage.way_back(return_link(transaction, settings))


def _document(body: str) -> str:
    return paypage.document(body, title=f"cổng thử nghiệm {GATE}", who="PayGov")
