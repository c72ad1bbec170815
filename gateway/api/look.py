"""How every page that people see looks: plain HTML, one small style sheet, no script, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from html import escape

STYLE = """
:root { color-scheme: light; }
body { margin: 0; font: 1.0625rem/1.5 system-ui, sans-serif; color: #1b1f24; background: #eef1f5; }
main { box-sizing: border-box; max-width: 34rem; margin: 2rem auto; padding: 1.5rem; background: #fff;
  border: 1px solid #c9d1da; border-radius: .5rem; }
h1 { font-size: 1.0625rem; font-weight: 600; margin: 0 0 1rem; color: #4a5562; }
h2 { font-size: 1.375rem; line-height: 1.3; margin: 0; text-wrap: balance; }
p { margin: .5rem 0 0; }
[lang=en] { color: #4a5562; font-size: .9375rem; font-weight: 400; }
p > [lang=en], h2 > [lang=en] { display: block; }
dt > [lang=en]::before { content: "· "; }
[role=status] { margin: 0 0 1.5rem; padding: 1rem; border-left: .25rem solid #5b6673; background: #f4f6f8; }
.good { border-color: #14713d; background: #e8f5ed; } .bad { border-color: #a3221b; background: #fbebea; }
.late { border-color: #a05a00; background: #fdf4e3; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1rem; margin: 0; }
dt { color: #4a5562; } dd { margin: 0; overflow-wrap: anywhere; } .amount { font-size: 1.5rem; font-weight: 700; }
a { color: #0b5394; } :focus-visible { outline: 3px solid #d97706; outline-offset: 2px; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: 1.5rem; } nav a { padding: .5rem 0; }
a > [lang=en] { color: inherit; }
footer { margin-top: 1rem; color: #4a5562; } footer, footer [lang=en] { font-size: .875rem; }
@media (max-width: 30rem) {
  main { margin: 0; padding: 1rem; border-width: 0 0 1px; border-radius: 0; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .75rem; }
}
"""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Of every page. The style sheet is named by its digest, so that no other one is ever applied."""


def document(title: str, body: str, *, refresh_s: int = 0) -> str:
    """A whole page. `title` is text; `body` is HTML whose texts were escaped. `refresh_s`: seconds until the browser
    asks again by itself; 0: never."""
    again = f'<meta http-equiv="refresh" content="{refresh_s}">' if refresh_s else ""
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'{again}<link rel="icon" href="data:,"><title>{escape(title)}</title><style>{STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )


def both(vietnamese: str, english: str) -> str:
    """A text in Vietnamese and the same in English beneath it."""
    return f'{escape(vietnamese)} <span lang="en">{escape(english)}</span>'
