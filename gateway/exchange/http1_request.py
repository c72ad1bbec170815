"""Where a request goes and how it begins. What does not change from call to call is found out once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

import httpx

from gateway.exchange.unpacking import ACCEPTED
from gateway.sdk import ConfigurationError, TransientRemoteError, WireRequest

_ORIGIN = re.compile(r"[^:/?#]+://[^/?#]*")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NO_VALUE = re.compile(r"[^\t -~\x80-\xff]")
_LINE = re.compile(r"[A-Z]+ [!-~]+ HTTP/1\.1")
_AS_GIVEN = "".join(map(chr, range(0x21, 0x7F)))
_PORTS = {"http": 80, "https": 443}
_DEFAULTS = {
    "Accept": "*/*",
    "Accept-Encoding": ACCEPTED,
    "Connection": "keep-alive",
    "User-Agent": "lienthong",
}
_OURS = frozenset({"host", "content-length", "transfer-encoding"})
"""They say where a request goes and where it ends, so nobody else writes them."""
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where connections lead. `host` is without the brackets of IPv6; `authority` is the `Host` of requests."""

    name: str
    host: str
    port: int
    is_tls: bool
    authority: str


def origin_of(url: str) -> tuple[Origin, str]:
    """Of an address: where to connect, and what to ask for there, as it was given but for what no request may hold.
    `TransientRemoteError` (`partner.not_connected`): it leads nowhere."""
    found = _ORIGIN.match(url)
    if found is None:
        raise _nowhere()
    target = url[found.end() :].partition("#")[0]
    if not target.startswith("/"):
        target = f"/{target}"
    if target.isprintable() and (not target.isascii() or " " in target):
        target = quote(target, safe=_AS_GIVEN)
    return _origin(found[0]), target


def begin(request: WireRequest, origin: Origin, target: str) -> bytes:
    """Request line and headers. `ConfigurationError`: one of them would not be what it says; nothing was sent."""
    method = request.method.upper()
    line = f"{method} {target} HTTP/1.1"
    if not _LINE.fullmatch(line):
        raise _no_header()
    headers = request.headers
    if _NO_VALUE.search("".join(headers.values())):
        raise _no_header()
    given = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    length = request.size
    end = f"Content-Length: {length}\r\n\r\n" if length or method in _WITH_LENGTH else "\r\n"
    return f"{line}\r\nHost: {origin.authority}\r\n{_others(tuple(headers))}{given}{end}".encode("latin-1")


@lru_cache(maxsize=256)
def _origin(name: str) -> Origin:
    try:
        url = httpx.URL(name)
    except httpx.InvalidURL as exc:
        raise _nowhere() from exc
    if url.scheme not in _PORTS or not url.host:
        raise _nowhere()
    if url.userinfo:
        raise ConfigurationError(
            "The address of a system holds no user and no password.",
            vi="Địa chỉ của hệ thống không được kèm tài khoản hay mật khẩu.",
        )
    return Origin(
        name=name,
        host=url.raw_host.decode("ascii"),
        port=url.port or _PORTS[url.scheme],
        is_tls=url.scheme == "https",
        authority=url.netloc.decode("ascii"),
    )


@lru_cache(maxsize=256)
def _others(names: tuple[str, ...]) -> str:
    """The headers of every request which are not among `names`."""
    given = {name.lower() for name in names}
    if not all(map(_NAME.fullmatch, names)) or not given.isdisjoint(_OURS):
        raise _no_header()
    return "".join(f"{name}: {value}\r\n" for name, value in _DEFAULTS.items() if name.lower() not in given)


def _nowhere() -> TransientRemoteError:
    return TransientRemoteError(
        "The system could not be reached.", vi="Không kết nối được hệ thống quốc gia", what="not_connected"
    )


def _no_header() -> ConfigurationError:
    return ConfigurationError(
        "A header or the address of the request holds what no request may hold; nothing was sent.",
        vi="Tiêu đề hoặc địa chỉ của yêu cầu chứa ký tự không được phép; cổng không gửi gì.",
    )
