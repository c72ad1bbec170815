"""The bank page that a payer sees: plain HTML in Vietnamese, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from mocks.payment.ledger import BANK, State, Transaction

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

STYLE = """
:root { color-scheme: light; }
body { margin: 0; font: 1.0625rem/1.5 system-ui, sans-serif; color: #1b1f24; background: #eef1f5; }
main { max-width: 34rem; margin: 2rem auto; padding: 1.5rem; background: #fff; border: 1px solid #c9d1da;
  border-radius: .5rem; }
h1 { font-size: 1.375rem; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1rem; margin: 0 0 1.5rem; }
dt { color: #4a5562; } dd { margin: 0; overflow-wrap: anywhere; } .amount { font-size: 1.5rem; font-weight: 700; }
[role=status] { margin: 0 0 1.25rem; padding: .75rem 1rem; border-left: .25rem solid #5b6673; background: #f4f6f8; }
.paid { border-color: #14713d; background: #e8f5ed; } .failed { border-color: #a3221b; background: #fbebea; }
form { display: flex; flex-wrap: wrap; gap: .75rem; }
button { font: inherit; padding: .625rem 1.25rem; border: 1px solid #4a5562; border-radius: .375rem; background: #fff;
  color: inherit; cursor: pointer; }
button[value=pay] { background: #0b5394; border-color: #0b5394; color: #fff; }
a { color: #0b5394; } :focus-visible { outline: 3px solid #d97706; outline-offset: 2px; }
footer { margin-top: 1.5rem; font-size: .875rem; color: #4a5562; }
@media (max-width: 30rem) {
  main { margin: 0; padding: 1rem; border-width: 0 0 1px; border-radius: 0; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .75rem; } button { flex: 1 0 auto; }
}
"""

BUTTONS = """<form method="post">
<button name="action" value="pay">Trả tiền</button>
<button name="action" value="cancel">Huỷ giao dịch</button>
<button name="action" value="wait">Để chờ</button>
</form>"""


def bank_page(transaction: Transaction, *, return_url: str) -> str:
    """The page of one transaction as it stands."""
    facts = {
        "Nội dung": transaction.init["ThongTinGiaoDich"],
        "Đơn vị thụ hưởng": transaction.init["ThongTinBienLai"].get("TenTKThuHuong", ""),
        "Mã tham chiếu": transaction.reference,
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items() if value)
    amount = f'<dt>Số tiền</dt><dd class="amount">{vnd(transaction.amount)}</dd>'
    again = BUTTONS if transaction.state is State.OPEN else ""
    body = f"<h1>Thanh toán trực tuyến</h1><dl>{amount}{rows}</dl>{_status(transaction)}{again}"
    return _document(body + _way_back(transaction, return_url))


def unknown_page() -> str:
    """The page of a token that was never given out."""
    return _document("<h1>Không tìm thấy giao dịch</h1><p>Đường dẫn thanh toán không đúng hoặc không còn hiệu lực.</p>")


def vnd(amount: int) -> str:
    """An amount as Vietnamese readers write it: 150.000 đồng."""
    return f"{amount:,}".replace(",", ".") + " đồng"


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
        return '<p role="status" class="failed">Giao dịch không thành công. Quý khách chưa bị trừ tiền.</p>'
    if transaction.waiting:
        return '<p role="status">Giao dịch đang chờ ngân hàng xử lý. Quý khách có thể trả tiền hoặc huỷ sau.</p>'
    return ""


def _way_back(transaction: Transaction, return_url: str) -> str:
    touched = transaction.waiting or transaction.state is not State.OPEN
    if not touched:
        return ""
    if not return_url:
        return "<p>Quý khách có thể đóng trang này.</p>"
    link = escape(return_link(transaction, return_url), quote=True)
    return f'<p><a id="return" href="{link}">Quay lại Cổng dịch vụ công của tỉnh</a></p>'


def _document(body: str) -> str:
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>Thanh toán: ngân hàng thử nghiệm {BANK}</title><style>{STYLE}</style></head><body><main>{body}"
        "<footer>Ngân hàng giả lập để thử nghiệm (MOCK): không có tiền thật nào được chuyển.</footer>"
        "</main></body></html>"
    )
