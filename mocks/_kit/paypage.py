"""What the pay pages of the rails' mocks have in common: their look, their safety headers, how they write đồng.

Plain HTML in Vietnamese, no script, nothing loaded from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

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

ACTIONS = {"pay": "Trả tiền", "cancel": "Huỷ giao dịch", "wait": "Để chờ"}
FAILED = '<p role="status" class="failed">Giao dịch không thành công. Quý khách chưa bị trừ tiền.</p>'
UNKNOWN = "<h1>Không tìm thấy giao dịch</h1><p>Đường dẫn thanh toán không đúng hoặc không còn hiệu lực.</p>"
"""The page of a token that was never given out."""


def vnd(amount: int) -> str:
    """An amount as Vietnamese readers write it: 150.000 đồng."""
    return f"{amount:,}".replace(",", ".") + " đồng"


def facts(amount: int, named: Mapping[str, str]) -> str:
    """What is paid, and for what; empty facts are left out."""
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in named.items() if value)
    return f'<dl><dt>Số tiền</dt><dd class="amount">{vnd(amount)}</dd>{rows}</dl>'


def buttons(actions: Mapping[str, str] = ACTIONS) -> str:
    """The payer's choices; each posts its `action`."""
    each = "".join(f'<button name="action" value="{name}">{text}</button>\n' for name, text in actions.items())
    return f'<form method="post">\n{each}</form>'


def way_back(link: str) -> str:
    """To the province. What the browser brings there proves nothing."""
    return f'<p><a id="return" href="{escape(link, quote=True)}">Quay lại Cổng dịch vụ công của tỉnh</a></p>'


def document(body: str, *, title: str, who: str) -> str:
    """A whole page. `who` the mock stands for is said at its foot."""
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>Thanh toán: {title}</title><style>{STYLE}</style></head><body><main>{body}"
        f"<footer>{who} giả lập để thử nghiệm (MOCK): không có tiền thật nào được chuyển.</footer>"
        "</main></body></html>"
    )
