"""The bank page that a payer sees: plain HTML in Vietnamese, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from mocks._kit import paypage
from mocks.payment.ledger import BANK, State, Transaction


def bank_page(transaction: Transaction, *, return_url: str) -> str:
    """The page of one transaction as it stands."""
    facts = {
        "Nội dung": transaction.init["ThongTinGiaoDich"],
        "Đơn vị thụ hưởng": transaction.init["ThongTinBienLai"].get("TenTKThuHuong", ""),
        "Mã tham chiếu": transaction.reference,
    }
    told = paypage.facts(transaction.amount, {name: str(value) for name, value in facts.items()})
    again = paypage.buttons() if transaction.state is State.OPEN else ""
    body = f"<h1>Thanh toán trực tuyến</h1>{told}{_status(transaction)}{again}"
    return _document(body + _way_back(transaction, return_url))


def unknown_page() -> str:
    """The page of a token that was never given out."""
    return _document(paypage.UNKNOWN)


def return_link(transaction: Transaction, return_url: str) -> str:
    """The browser return (section 2.4). It proves nothing: `secureCode` is ours, because its making is unknown."""
    dossier = transaction.init["ThongTinBienLai"].get("MaHoSo", "")
    query = {
        "data": f"{transaction.init['MaDoiTac']}_{transaction.reference}_{dossier}",
        "responseCode": transaction.result_code,
        "secureCode": "MOCK-SECURE-CODE",
    }
    return f"{return_url}{'&' if '?' in return_url else '?'}{urlencode(query)}"


def _status(transaction: Transaction) -> str:
    if transaction.state is State.PAID:
        text = f"Đã thanh toán. Mã giao dịch ngân hàng: {escape(transaction.transaction_id)}."
        return f'<p role="status" class="paid">{text}</p>'
    if transaction.state is State.FAILED:
        return paypage.FAILED
    if transaction.waiting:
        return '<p role="status">Giao dịch đang chờ ngân hàng xử lý. Quý khách có thể trả tiền hoặc huỷ sau.</p>'
    return ""


def _way_back(transaction: Transaction, return_url: str) -> str:
    touched = transaction.waiting or transaction.state is not State.OPEN
    if not touched:
        return ""
    if not return_url:
        return "<p>Quý khách có thể đóng trang này.</p>"
    return paypage.way_back(return_link(transaction, return_url))


def _document(body: str) -> str:
    return paypage.document(body, title=f"ngân hàng thử nghiệm {BANK}", who="Ngân hàng")
