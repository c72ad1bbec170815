"""What this package asks of the network, and of those who ring an alarm; both live above it."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

MOST_BYTES = 16_000_000
"""Of a revocation list; a status answer has a few thousand."""
LONGEST_S = 10.0


class Fetch(Protocol):
    async def __call__(self, url: str, *, content: bytes | None = None, media_type: str = "") -> bytes:
        """The body of a 200 to GET, or to POST with `content`; at most `MOST_BYTES` in `LONGEST_S`. No redirect is
        followed. Any other end is a `GatewayError`."""


class Alarm(Protocol):
    async def __call__(self, kind: str, about: str) -> None:
        """Tell a person: `gateway.alarms`."""


def may_be_fetched(url: str) -> bool:
    """Certificates may name `ldap:` and `file:`, too."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
