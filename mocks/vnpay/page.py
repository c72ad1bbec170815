"""The pay page that a payer sees: plain HTML in Vietnamese, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from mocks._kit import paypage
from mocks.vnpay.ledger import State, Transaction, ipn_of
from mocks.vnpay.rules import Refusal
from mocks.vnpay.settings import VnpaySettings

ACTIONS = {**paypage.ACTIONS, "expire": "Để hết hạn"}
STATUS = {
    State.PAID: ("paid", "Đã thanh toán. Mã giao dịch: {number}."),
    State.SUSPECT: ("", "Đã trừ tiền, giao dịch đang được kiểm tra. Mã giao dịch: {number}."),
    State.CANCELLED: ("failed", "Quý khách đã huỷ giao dịch và chưa bị trừ tiền."),
    State.EXPIRED: ("failed", "Đã hết hạn chờ thanh toán. Quý khách chưa bị trừ tiền."),
    State.REFUSED: ("failed", "Ngân hàng từ chối giao dịch. Quý khách chưa bị trừ tiền."),
}
WAITING = "Giao dịch đang chờ ngân hàng xử lý. Quý khách có thể trả tiền hoặc huỷ sau."


def pay_page(transaction: Transaction, settings: VnpaySettings) -> str:
    """The page of one transaction as it stands."""
    facts = {"Nội dung": transaction.pay["vnp_OrderInfo"], "Mã tham chiếu": transaction.reference}
    told = paypage.facts(transaction.amount, facts)
    again = paypage.buttons(ACTIONS) if transaction.state is State.OPEN else ""
    body = f"<h1>Thanh toán qua VNPAY</h1>{told}{_status(transaction)}{again}"
    return _document(body + _way_back(transaction, settings))


def refusal_page(refusal: Refusal) -> str:
    """The page of an address that is not good."""
    return _document(f'<h1>Không thể thanh toán</h1><p role="status" class="failed">{escape(refusal.text)}</p>')


def unknown_page() -> str:
    """The page of a token that was never given out."""
    return _document(paypage.UNKNOWN)


def return_link(transaction: Transaction, settings: VnpaySettings) -> str:
    """The way back to the merchant, with the same signed parameters as the IPN. It proves nothing."""
    url = transaction.pay["vnp_ReturnUrl"]
    return f"{url}{'&' if '?' in url else '?'}{urlencode(ipn_of(transaction, settings))}"


def _status(transaction: Transaction) -> str:
    if transaction.state is State.OPEN:
        return f'<p role="status">{WAITING}</p>' if transaction.waiting else ""
    kind, text = STATUS[transaction.state]
    return f'<p role="status" class="{kind}">{text.format(number=escape(transaction.number))}</p>'


def _way_back(transaction: Transaction, settings: VnpaySettings) -> str:
    if transaction.state is State.OPEN:
        return ""
    return paypage.way_back(return_link(transaction, settings))


def _document(body: str) -> str:
    return paypage.document(body, title="VNPAY thử nghiệm", who="Cổng thanh toán")
