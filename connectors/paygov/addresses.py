"""Addresses that PayGov names: where a payer is sent, and where a receipt is fetched (contract, section 12)."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def may_visit(url: str, *, hosts: tuple[str, ...], sandbox: bool) -> bool:
    """Whether it is on a host that was agreed on, over https, and not inside somebody's network."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False  # such characters are dropped or rewritten on the way, so what is compared is not where it goes
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.netloc.lower() not in {known.lower() for known in hosts}:
        return False
    if sandbox:
        return parts.scheme in {"http", "https"}
    return parts.scheme == "https" and not _is_inside(host)


def _is_inside(host: str) -> bool:
    """A private, local or otherwise unroutable address, in whatever spelling resolvers take."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return last.isdigit() or last.startswith("0x")  # 127.1 and 2130706433 are addresses to many a resolver
