"""How platforms issue tokens, as data (contract page population_and_business, section 2).

`{basic}`: base64 of the first two credentials with a colon between. `{json}`: base64 of a JSON object of all of them.
`{<credential>}`: the credential. `{token}`: the token.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way to obtain and to show a token. `is_known`: the source shows the token call."""

    title: str
    needs: tuple[str, ...] = ()
    ask: Mapping[str, str] = field(default_factory=dict)
    """Headers of the token call; none: there is no token call."""
    body: bytes = b""
    reads: str = "access_token"
    """Field of the answer that holds the token."""
    life_field: str = "expires_in"
    """Seconds, or the moment at which it ends (ISO 8601)."""
    renew_before_s: float = 0.0
    show: Mapping[str, str] = field(default_factory=dict)
    """Headers of every data call."""
    is_known: bool = True


_GRANT = b"grant_type=client_credentials"

DIALECTS: Mapping[str, Dialect] = {
    "T1": Dialect(
        title="NGSP; WSO2 gateways of provinces",
        needs=("consumer_key", "consumer_secret"),
        ask={"Authorization": "Basic {basic}", "Content-Type": FORM, "Accept": "application/json"},
        body=_GRANT,
        show={"Authorization": "Bearer {token}"},
    ),
    "T2": Dialect(
        title="LGSP with lgspaccesstoken (Hậu Giang)",
        needs=("AccessKey", "SecretKey", "AppName", "PartnerCode", "PartnerCodeCus"),
        ask={"lgspaccesstoken": "{json}", "Content-Type": FORM, "Accept": "application/json"},
        body=_GRANT,
        show={"Authorization": "Bearer {token}", "lgspaccesstoken": "{json}"},
    ),
    "T3": Dialect(
        title="LGSP with an Auth header (Đồng Tháp)",
        needs=("key",),
        ask={"Auth": "{key}", "Accept": "application/json"},
        reads="token",
        life_field="expiryDate",
        renew_before_s=300.0,
        show={"Authorization": "Bearer {token}"},
    ),
    "T4": Dialect(title="Internal gateway without a token (Thanh Hoá)"),
    "T5": Dialect(title="LGSP with AppName, AccessKey, SecretKey (TP.HCM)", is_known=False),
    "T6": Dialect(
        title="LGSP with a key issued once (Quảng Bình)", needs=("key",), show={"Authorization": "Bearer {key}"}
    ),
}


def fill(template: str, credentials: Mapping[str, str], *, token: str = "") -> str:
    """The header's value. `credentials` stand in the order of `Dialect.needs`."""
    values = {**credentials, "token": token}
    if template.endswith("{basic}"):
        values["basic"] = _base64(":".join(list(credentials.values())[:2]))
    if template.endswith("{json}"):
        values["json"] = _base64(json.dumps(dict(credentials), separators=(",", ":"), ensure_ascii=False))
    return template.format_map(values)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
