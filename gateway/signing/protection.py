"""How messages with one partner are protected: the port that every scheme implements. Pure: time comes in, and what was
seen before is the caller's to ask (`mark`).

A reply is verified before a word of it is believed: `verify` returns None or raises `TrustError`. Whatever is read of a
message that was not verified has `unsafe` in its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from cryptography import x509


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An HTTP message, request or reply, as it travels. Header names are lower-case; `url` is absolute, empty of a
    reply; `status` is 0 of a request."""

    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = field(default=b"", repr=False)
    method: str = ""
    url: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What makes one message that one: it is accepted once, and need not be remembered after `until`, when it is too
    old to be accepted anyway. `digest`: 32 bytes, of no meaning."""

    digest: bytes
    until: datetime


class Opened(Protocol):
    """One message, taken apart once: the questions of `Protection` about it, to be asked in this order. What is read
    is what was verified, the very same nodes."""

    def unsafe_certificates(self) -> Sequence[x509.Certificate]: ...
    def verify(self, *, at: datetime, answers: Message | None = None) -> None: ...
    def mark(self) -> Mark: ...
    def reveal(self) -> Message: ...


class Protection(Protocol):
    """Bảo vệ bản tin: one scheme with the keys of one partner. `answers`: the request, as it travelled, that the
    message is a reply to; None of a request."""

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        """The message as it travels. `ConfigurationError`: no key is in force."""

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:
        """`TrustError` unless all of it holds: signer, algorithm, every byte that counts, age, and what it answers."""

    def reveal(self, message: Message) -> Message:
        """What a verified message says: decrypted or unwrapped where the scheme wraps it, else as it is."""

    def mark(self, message: Message) -> Mark:
        """Of a verified request: what must not come twice."""

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:
        """The certificates that a message brings, believed by nobody yet: their status is fetched before `verify`."""


class OpensOnce:
    """A scheme whose messages are worth taking apart once only: the questions of `Protection`, each about a message
    that is opened for it."""

    def opened(self, message: Message) -> Opened:
        """Raises nothing: `Opened.verify` says what is wrong."""
        raise NotImplementedError

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:
        self.opened(message).verify(at=at, answers=answers)

    def reveal(self, message: Message) -> Message:
        return self.opened(message).reveal()

    def mark(self, message: Message) -> Mark:
        return self.opened(message).mark()

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:
        return self.opened(message).unsafe_certificates()


@dataclass(frozen=True, slots=True)
class Plain:
    """Implements `Opened` for a scheme that reads the message for each question."""

    protection: Protection
    message: Message

    def unsafe_certificates(self) -> Sequence[x509.Certificate]:
        return self.protection.unsafe_certificates(self.message)

    def verify(self, *, at: datetime, answers: Message | None = None) -> None:
        self.protection.verify(self.message, at=at, answers=answers)

    def mark(self) -> Mark:
        return self.protection.mark(self.message)

    def reveal(self) -> Message:
        return self.protection.reveal(self.message)


def opened(protection: Protection, message: Message) -> Opened:
    return protection.opened(message) if isinstance(protection, OpensOnce) else Plain(protection, message)


def with_headers(message: Message, headers: Mapping[str, str], *, content: bytes | None = None) -> Message:
    """The message with these headers on top, and other bytes if given."""
    return replace(
        message,
        headers={**message.headers, **headers},
        content=message.content if content is None else content,
    )
