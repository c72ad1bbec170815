"""What an HTTP signature covers, and the text that is signed (RFC 9421, 2 and 2.5). Structured fields are read and
written by http_sf; whatever a covered component could mean in two ways is refused.

The library http-message-signatures is not used here: it takes the time from the machine's clock, wants keys in memory,
and leaves the body unchecked when it is not handed over. It is the witness of the tests instead.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

import http_sf

from gateway.sdk.errors import TrustError
from gateway.signing.protection import Message
from gateway.signing.web import target
from gateway.signing.web.raw import refused

LONGEST_FIELD = 8_192
Item = tuple[str, dict[str, Any]]
"""The name of a component and its parameters, as http_sf has them."""


def written(value: Any) -> str:
    """A structured field (RFC 9651, 4.1)."""
    return str(http_sf.ser(value))


class _TwiceError(Exception):
    """A key stands twice in one field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One signature as the message names it."""

    label: str
    components: Sequence[Item]
    params: Mapping[str, Any]
    signature: bytes

    def base(self, message: Message, *, answers: Message | None) -> bytes:
        return signature_base(message, self.components, self.params, answers=answers)


def signature_base(
    message: Message, components: Sequence[Item], params: Mapping[str, Any], *, answers: Message | None
) -> bytes:
    """RFC 9421, 2.5. `TrustError`: a component that is missing, twice there, or not known here."""
    lines: list[str] = []
    seen: set[str] = set()
    for name, described in components:
        identity = _identity(name, described)
        if identity in seen:
            raise _unclear()
        seen.add(identity)
        lines.append(f"{identity}: {_value(message, name, dict(described), answers=answers)}")
    lines.append(f'"@signature-params": {written([(list(components), dict(params))])}')
    text = "\n".join(lines)
    if not text.isascii():
        raise _unclear()
    return text.encode()


def dictionary(message: Message, name: str) -> dict[str, Any]:
    """A header that is a dictionary, in which no key stands twice, of dictionary or parameters, and bytes are written
    in their one way (the library takes base64 with bits left over)."""
    text = message.headers.get(name, "")
    if not text or len(text) > LONGEST_FIELD or not text.isascii():
        raise refused("There is no signature, or not one.", vi="Không có chữ ký số hợp lệ")
    try:
        parsed: Any = http_sf.parse(text.encode(), tltype="dictionary", on_duplicate_key=_twice)
    except (ValueError, _TwiceError) as exc:
        raise _unclear() from exc
    assert isinstance(parsed, dict)
    if not all(_octets(member[0]) in text for member in parsed.values() if isinstance(member[0], bytes)):
        raise _unclear()
    return parsed


def content_digest(content: bytes) -> str:
    """RFC 9530, 2."""
    digest = hashlib.sha256(content).digest()
    return f"sha-256={_octets(digest)}"


def require_content_digest(message: Message) -> None:
    """Computed anew over the body, whatever is covered: a digest that is only signed says nothing of the bytes."""
    member = dictionary(message, "content-digest").get("sha-256")
    said = member[0] if member else None
    actual = hashlib.sha256(message.content).digest()
    if not isinstance(said, bytes) or not hmac.compare_digest(said, actual):
        raise refused("The body is not the one that was signed.", vi="Nội dung khác với nội dung đã ký")


def _value(message: Message, name: str, described: dict[str, Any], *, answers: Message | None) -> str:
    if "req" in described:
        if described.pop("req") is not True or not message.status:
            raise _unclear()
        return _value(target.require_request(answers), name, described, answers=None)
    if name.startswith("@"):
        if described or name not in _DERIVED:
            raise _unclear()
        return _DERIVED[name](message)
    if "key" in described and set(described) == {"key"}:
        return _member(message, name, described["key"])
    if described or name not in message.headers:
        raise refused("A covered field is missing.", vi="Thiếu trường tiêu đề đã ký")
    return message.headers[name].strip(" \t")


def _member(message: Message, name: str, key: object) -> str:
    members = dictionary(message, name)
    if key not in members:
        raise refused("A covered field is missing.", vi="Thiếu trường tiêu đề đã ký")
    value, params = members[str(key)]
    return _octets(value) if isinstance(value, bytes) and not params else written([(value, params)])


def _identity(name: str, described: Mapping[str, Any]) -> str:
    if type(name) is not str or name != name.lower():
        raise _unclear()
    return written([(name, dict(described))]) if described else _named(name)


@lru_cache(maxsize=256)
def _named(name: str) -> str:
    """The same few names stand in every message; a stranger's are written anew when they are too many."""
    return written([(name, {})])


def _octets(value: bytes) -> str:
    """A byte sequence (RFC 9651, 4.1.8)."""
    return f":{base64.b64encode(value).decode()}:"


def _of_request(read: Callable[[target.Address], str]) -> Callable[[Message], str]:
    def value(message: Message) -> str:
        if message.status:
            raise _unclear()
        return read(target.address(message))

    return value


def _method(message: Message) -> str:
    if message.status or not message.method.isupper():
        raise _unclear()
    return message.method


def _status(message: Message) -> str:
    if not message.status:
        raise _unclear()
    return str(message.status)


_DERIVED: Mapping[str, Callable[[Message], str]] = {
    "@method": _method,
    "@status": _status,
    "@target-uri": _of_request(lambda address: address.uri),
    "@authority": _of_request(lambda address: address.authority),
    "@scheme": _of_request(lambda address: address.scheme),
    "@path": _of_request(lambda address: address.path),
    "@query": _of_request(lambda address: address.query or "?"),
    "@request-target": _of_request(lambda address: address.tail),
}


def _twice(_key: str, _where: str) -> NoReturn:
    raise _TwiceError


def _unclear() -> TrustError:
    return refused("What is signed can be read in two ways.", vi="Phạm vi chữ ký không rõ ràng")
