"""What is spelled in a certain way on their wire: the credentials of a call, names, dates, markup in text.

Contract page population_and_business, sections 3.2 (headers) and 3.3 (request).
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from datetime import date, datetime

from gateway.domain import fold_name

REQUEST_NAMESPACE = "http://dancuquocgia.bca"
REPLY_NAMESPACE = "http://www.mic.gov.vn/dancu/1.0"


def basic(username: str, password: str) -> str:
    """The value of `Authorization`."""
    return "Basic " + encoded(f"{username}:{password}")


def encoded(text: str) -> str:
    """base64 of the text in UTF-8; `AuthHash` is that of `keyName:keyPass` (section 2, T2)."""
    return base64.b64encode(text.encode()).decode()


def password(*, sv_url: str, username: str, timestamp: str, secret: str) -> str:
    """`lowercase_hex(SHA-256(sv_url + username + timestamp + secret))`, UTF-8, nothing between (3.2)."""
    return hashlib.sha256(f"{sv_url}{username}{timestamp}{secret}".encode()).hexdigest()


def timestamp(at: datetime, unit: str) -> str:
    """Epoch time, in the unit that the province was told."""
    return str(int(at.timestamp() * (1000 if unit == "ms" else 1)))


def name(text: str, form: str) -> str:
    """`stripped`: `TRANTHIMAU`, as S2 and S3 send it; else capitals with marks and single spaces, as S4 (3.3)."""
    if form == "stripped":
        return fold_name(text)
    return " ".join(unicodedata.normalize("NFC", text).upper().split())


def birth(text: str, date_format: str) -> dict[str, str]:
    """The inside of `NgayThangNamSinh`: `NgayThangNam`, or `Nam` when only the year is known."""
    if len(text) == 4:
        return {"Nam": text}
    day = date.fromisoformat(text).isoformat()
    return {"NgayThangNam": day if date_format == "%Y-%m-%d" else day.replace("-", "")}


def undeclared(xml: str) -> bytes:
    """XML that came as text inside JSON: its own declaration names an encoding that it is no longer in."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", xml.removeprefix("\ufeff"), count=1).encode()
