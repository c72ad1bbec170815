"""The pay page that a payer sees: plain HTML in Vietnamese, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from mocks.vnpay.ledger import State, Transaction, ipn_of
from mocks.vnpay.rules import Refusal
from mocks.vnpay.settings import VnpaySettings

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
"""

BUTTONS = """<form method="post">
<button name="action" value="pay">Trả tiền</button>
<button name="action" value="cancel">Huỷ giao dịch</button>
<button name="action" value="wait">Để chờ</button>
<button name="action" value="expire">Để hết hạn</button>
</form>"""

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
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    amount = f'<dt>Số tiền</dt><dd class="amount">{vnd(transaction.amount)}</dd>'
    again = BUTTONS if transaction.state is State.OPEN else ""
    body = f"<h1>Thanh toán qua VNPAY</h1><dl>{amount}{rows}</dl>{_status(transaction)}{again}"
    return _document(body + _way_back(transaction, settings))


def refusal_page(refusal: Refusal) -> str:
    """The page of an address that is not good."""
    return _document(f'<h1>Không thể thanh toán</h1><p role="status" class="failed">{escape(refusal.text)}</p>')


def unknown_page() -> str:
    """The page of a token that was never given out."""
    return _document("<h1>Không tìm thấy giao dịch</h1><p>Đường dẫn thanh toán không đúng hoặc không còn hiệu lực.</p>")


def vnd(amount: int) -> str:
    """An amount as Vietnamese readers write it: 150.000 đồng."""
    return f"{amount:,}".replace(",", ".") + " đồng"


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
    link = escape(return_link(transaction, settings), quote=True)
    return f'<p><a id="return" href="{link}">Quay lại Cổng dịch vụ công của tỉnh</a></p>'


def _document(body: str) -> str:
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>Thanh toán: VNPAY thử nghiệm</title><style>{STYLE}</style></head><body><main>{body}"
        "<footer>Cổng thanh toán giả lập để thử nghiệm (MOCK): không có tiền thật nào được chuyển.</footer>"
        "</main></body></html>"
    )
