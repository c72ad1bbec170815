"""What a message is about, as signatures name it: where a request goes (RFC 9421, 2.2), what a reply answers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.protection import Message
from gateway.signing.web.raw import refused

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes, in one spelling: small letters in scheme and host, no port that goes without saying."""

    scheme: str
    authority: str
    path: str
    query: str
    """With its `?`; empty when there is none."""

    @property
    def uri(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}{self.query}"

    @property
    def tail(self) -> str:
        return f"{self.path}{self.query}"

    def named(self, how: str) -> str:
        """`uri` or `path`."""
        return self.uri if how == "uri" else self.tail


def address(message: Message) -> Address:
    """`TrustError`: the address is not one that everybody reads alike."""
    if not message.url.isascii() or not message.url.isprintable() or " " in message.url:
        raise _unclear()
    try:
        parts = urlsplit(message.url)
        port = parts.port
    except ValueError as exc:
        raise _unclear() from exc
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise _unclear()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    authority = host if port in {None, _PORTS[parts.scheme]} else f"{host}:{port}"
    return Address(parts.scheme, authority, parts.path or "/", _query(message.url, parts))


def _query(url: str, parts: SplitResult) -> str:
    """An empty query is not none: `/a?` and `/a` are two addresses."""
    return f"?{parts.query}" if parts.query or "?" in url.partition("#")[0] else ""


def require_clean(message: Message) -> None:
    """No header that ends early: what is signed is read line by line."""
    for name, value in message.headers.items():
        if any(mark in name or mark in value for mark in "\r\n\0"):
            raise refused("A header holds a line break.", vi="Trường tiêu đề chứa ký tự xuống dòng")


def require_signable(message: Message) -> None:
    """Of a message of ours. `ConfigurationError`: partners would not all read it alike, and could not verify it."""
    try:
        require_clean(message)
        if not message.status:
            address(message)
    except TrustError as exc:
        raise ConfigurationError(
            "Our own message cannot be signed: its address is not plain ASCII, or a header holds a line break.",
            vi="Địa chỉ hoặc tiêu đề bản tin của cổng không ký được: có ký tự ngoài ASCII hoặc xuống dòng.",
            what="protection",
        ) from exc


def require_request(answers: Message | None) -> Message:
    if answers is None:
        raise refused("A reply came without its request.", vi="Không rõ trả lời này thuộc yêu cầu nào", what="unbound")
    return answers


def not_ours() -> TrustError:
    return refused("The reply is to another request.", vi="Trả lời này thuộc một yêu cầu khác", what="unbound")


def elsewhere() -> TrustError:
    return refused("What was signed was meant for elsewhere.", vi="Chữ ký dành cho nơi nhận khác", what="unbound")


def _unclear() -> TrustError:
    return refused("The address of the request is unclear.", vi="Địa chỉ của yêu cầu không rõ ràng", what="unbound")
