"""The other direction of the port: what national systems send us, and what they are answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn, Protocol, runtime_checkable

from gateway.sdk.errors import ProtocolViolation
from gateway.sdk.wire import WireReply

DEEPEST = 20
LARGEST_INTEGER = 2**53 - 1
"""What every JSON reader reads alike (RFC 7493, 2.2)."""
MOST_VALUES = 500_000
"""Of a JSON document. A value of two bytes becomes an object of eighty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRequest:
    """What a national system sent to `/inbound/<id>/<path>`. Header names are lower-case. Of a query parameter that
    stands twice nobody can say which one counts: `query` holds neither."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    url: str = field(default="", repr=False)
    """The whole address as the caller knows it, for signatures that cover it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A verified inbound message. `event` is ours and canonical (`payment_result`), and names the mapping that
    translates `body`; the same `key` is the same matter, such as a dossier code, and holds no personal data. An empty
    `key`: each message is one of its own. `original`: what was sent, to be kept beside the translation."""

    event: str
    key: str
    body: Mapping[str, Any] = field(repr=False)
    original: bytes = field(default=b"", repr=False)


class Receipt(StrEnum):
    """What the core did with an inbound message, for the acknowledgement."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    KEPT_BESIDE = "kept_beside"
    """Other content under a known key: both are kept."""
    ANSWERED = "answered"
    """A question; the answer is in `Handled.answer`."""
    ABSENT = "absent"
    """A question about something that is not here, or that cannot be answered truly."""
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an inbound message. `answer`: canonical when a handler gives it; the core translates it with the
    request side of the event's mapping, so that the connector finds it in the system's own vocabulary."""

    receipt: Receipt
    answer: Mapping[str, Any] = field(default_factory=dict, repr=False)
    reason: str = ""
    """Why it was rejected, where acknowledgements have words for it: `unknown_reference`, `amount_differs`, `other`."""


@runtime_checkable
class AcceptsInbound(Protocol):
    """National systems call us. `receive` verifies and parses (`TrustError`, `ProtocolViolation`, `NotFoundError` for
    an unknown path); `acknowledge` writes the answer that the contract wants, after the commit. When `receive` itself
    failed, `acknowledge` gets `Receipt.REJECTED`. Both are pure."""

    def receive(self, request: InboundRequest) -> Inbound: ...
    def acknowledge(self, request: InboundRequest, handled: Handled) -> WireReply: ...


def strict_object(content: bytes) -> dict[str, Any]:
    """A JSON object that everybody reads alike (I-JSON) and that can be stored: UTF-8, no field twice, no NaN, no
    number beyond 53 bits, no half of a surrogate pair, not nested without end. `ProtocolViolation` otherwise."""
    try:
        text = content.decode()
        check_size(text)
        document = json.loads(
            text,
            object_pairs_hook=_each_once,
            parse_constant=_no_constant,
            parse_int=_int,
            parse_float=_real,
        )
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as exc:
        raise ProtocolViolation("The message is not JSON in UTF-8.") from exc
    if not isinstance(document, dict):
        _broken("The message is not a JSON object.")
    _check_depth(document, DEEPEST)
    return document


def check_size(text: str) -> None:
    """Refuse JSON of too many values before they are made. `ProtocolViolation`."""
    is_long = len(text) > MOST_VALUES  # a shorter one cannot hold so many
    if is_long and text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        _broken("The message has too many values.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _broken("A field stands twice in one object.")
    return found


def _no_constant(_: str) -> NoReturn:
    _broken("NaN and Infinity are not JSON.")


def _int(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
        _broken("A number is larger than JSON readers agree on.")
    return int(text)


def _real(text: str) -> float:
    value = float(text)
    if abs(value) > LARGEST_INTEGER:
        _broken("A number is larger than JSON readers agree on.")
    return value


def _check_depth(value: Any, left: int) -> None:
    if not isinstance(value, dict | list):
        return
    if left == 0:
        _broken("The message is nested too deeply.")
    for inner in value.values() if isinstance(value, dict) else value:
        _check_depth(inner, left - 1)


def _broken(detail: str) -> NoReturn:
    raise ProtocolViolation(detail)
