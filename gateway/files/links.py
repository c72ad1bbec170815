"""Links to files: signed, bound to one file of one tenant, and good until a moment that stands in them (SYN-07).

    <public_url>/downloadfile/<36-char uuid>?expires=<seconds since 1970>&signature=<64 hex digits>

The path is the portal contract's (6.2). Nothing in a link says whose file it is, or what it is called.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from gateway.files.model import Link
from gateway.signing.model import Digester

_PURPOSE = "file-link"
_LONGEST = 12
"""Digits of a moment: enough for thirty thousand years."""


def write(link_to: str, *, public_url: str, tenant: str, expires: datetime, digester: Digester) -> str:
    """The address under which the file `link_to` can be fetched until `expires`."""
    seconds = str(int(expires.timestamp()))
    signature = _sign(tenant, link_to, seconds, digester=digester)
    return f"{public_url.rstrip('/')}/downloadfile/{link_to}?expires={seconds}&signature={signature.hex()}"


def verdict(link: Link, *, tenant: str, now: datetime, digester: Digester) -> str:
    """`good`, `forged` or `expired`. The signature is looked at first: only a link of ours can have expired."""
    seconds = link.expires
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= _LONGEST):
        return "forged"
    expected = _sign(tenant, link.file_id, seconds, digester=digester).hex()
    if not hmac.compare_digest(expected.encode(), link.signature.encode()):
        return "forged"
    good_until = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds))
    return "good" if now < good_until else "expired"


def _sign(tenant: str, file_id: str, seconds: str, *, digester: Digester) -> bytes:
    return digester.digest(f"{tenant}\n{file_id}\n{seconds}".encode(), purpose=_PURPOSE)
