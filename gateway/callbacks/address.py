"""Where bytes may go. The address is set by an operator on the command line, never by a caller of the API. It is https,
so that the certificate proves who is there, whatever a name server says; plain http only to this very machine.
Addresses that no receiver has (link-local ones, where clouds keep their secrets; multicast; unspecified) are refused.
Redirects, proxies and cookies are not followed (`HttpTransport`), and of the answer nothing but its status is used.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from gateway.sdk.errors import UnprocessableError

LONGEST_URL = 500
LOCAL = "localhost"
NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
"""A host. Its last part begins with a letter: 127.1, 2130706433 and 0x7f000001 are spellings of addresses."""


def check_address(url: str) -> str:
    """The address, or `UnprocessableError` that says what an address must be."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or not {" ", "\\"}.isdisjoint(url):
        raise _no_address()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as exc:
        raise _no_address() from exc
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise _no_address()
    if parts.scheme not in {"https", "http"} or not _is_reachable(parts):
        raise _no_address()
    return url


def _is_reachable(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(NAME.fullmatch(host)) and (parts.scheme == "https" or host == LOCAL)
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    if mapped.is_loopback:
        return True
    if mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified or mapped.is_reserved:
        return False
    return parts.scheme == "https"


def _no_address() -> UnprocessableError:
    return UnprocessableError(
        "A callback address is an https URL without user, password or fragment (http only on this machine: 127.0.0.1, "
        "::1, localhost), and not link-local, multicast or unspecified.",
        vi="Địa chỉ nhận thông báo phải là https, không kèm tài khoản hay #; http chỉ dùng trên chính máy này "
        "(127.0.0.1, ::1, localhost); không nhận địa chỉ link-local, multicast hoặc bỏ trống.",
        what="callback_address",
    )
