"""One signed SOAP message, parsed once or not at all: what is proven of it, and what it then says.

The library proves that what a signature refers to is unchanged. That this is THE Body, of this message, by that
partner, now, and in answer to our request is proven here: who skips it accepts a forged Body beside the signed one.

Not proven: that no header was left out on the way (one that is absent is not missed), and to which namespace a prefix
inside a text (`xsi:type`) points. The connectors read neither.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from cryptography import x509

from gateway.sdk.errors import TrustError
from gateway.signing.model import Trust
from gateway.signing.protection import Mark, Message, with_headers
from gateway.signing.settings import ProtectionSettings
from gateway.signing.xml.envelope import Envelope, Frame, Secured, frame_of, is_signed, read_envelope, read_secured
from gateway.signing.xml.names import ds, wsse
from gateway.signing.xml.proof import prove, prove_by_library
from gateway.signing.xml.shapes import Proven, Shapes, Told
from gateway.signing.xml.template import Written
from gateway.signing.xml.times import check_moments, check_timestamp, read_created, read_moment
from gateway.signing.xml.tokens import Brought, brought, read_token
from gateway.signing.xml.tree import Element, canonical, is_bare, octets, parsed, refuse, text64, written

_VALUE = b"<ds:SignatureValue>"
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the messages of one rule are read with. `headers`: those that are signed wherever they stand."""

    trust: Trust
    rule: ProtectionSettings
    headers: Sequence[str]
    shapes: Shapes


class OpenedSoap:
    """Implements `Opened`."""

    def __init__(self, message: Message, reading: Reading) -> None:
        self._message, self._reading = message, reading
        self._told = reading.shapes.told(message.content)
        self._held: Told | None = None
        self._proven: Sequence[tuple[Element, bytes]] = ()

    @cached_property
    def _envelope(self) -> Envelope:
        return read_envelope(parsed(self._message.content))

    @cached_property
    def secured(self) -> Secured:
        """`TrustError` unless it has the shape that is accepted."""
        return read_secured(self._envelope)

    def unsafe_certificates(self) -> Sequence[x509.Certificate]:
        try:
            found: Brought = self._told.shape.brought if self._told else brought(self.secured.token)
        except TrustError:
            return ()  # `verify` says why
        return (found.certificate, *found.chain)

    def verify(self, *, at: datetime, answers: Message | None = None) -> None:
        if self._told and self._holds(self._told, at=at, answers=answers):
            self._held = self._told
            return
        rule = self._reading.rule
        if answers is not None and rule.replies == "unsafe_unsigned" and not is_signed(self._envelope):
            return
        found = self.secured
        self.check_signed()
        self.check_binding(answers)
        check_timestamp(found.timestamp, at=at, fresh_s=rule.fresh_s)
        signer = read_token(found.token, key_info=found.signature.key_info)
        self._reading.trust.check(signer.certificate, signer.chain, at=at)
        self._proven = prove(found.signature, signer.certificate)
        if self._proven:
            self._reading.shapes.learn(Proven(self._message.content, found, signer, self._proven))

    def _holds(self, told: Told, *, at: datetime, answers: Message | None) -> bool:
        """The same questions of a message of a known shape. False: only its nodes can tell."""
        self._check_bound(told.text("confirms"), answers)
        ends = told.text("expires")
        moments = read_moment(told.text("created")), None if ends is None else read_moment(ends)
        check_moments(*moments, at=at, fresh_s=self._reading.rule.fresh_s)
        signer = told.shape.brought
        self._reading.trust.check(signer.certificate, signer.chain, at=at)
        return told.holds()

    def mark(self) -> Mark:
        told = self._held
        created = read_moment(told.text("created")) if told else read_created(self.secured.timestamp)
        digest = hashlib.sha256(told.info).digest() if told else self.secured.signature.digest
        return Mark(digest=digest, until=created + timedelta(seconds=self._reading.rule.fresh_s))

    def reveal(self) -> Message:
        """The Body, and those headers that were signed. Not the Security header, which no connector understands. Where
        it can be told from the bytes, what is read is the very bytes that were hashed."""
        if self._held:
            return with_headers(self._message, {}, content=self._held.revealed())
        frame = frame_of(self._message.content, self._envelope.namespace) if self._proven else None
        if frame is not None:
            return with_headers(self._message, {}, content=self._framed(frame))
        if not is_signed(self._envelope):
            return self._message
        found = self.secured
        for block in list(found.envelope.header):
            if not found.signature.signs(block):
                found.envelope.header.remove(block)
        return with_headers(self._message, {}, content=written(found.envelope.root))

    def _framed(self, frame: Frame) -> bytes:
        envelope = self._envelope
        header = b"".join(form for block in envelope.header for element, form in self._proven if element is block)
        return frame.around(header, next(form for element, form in self._proven if element is envelope.body))

    def check_signed(self) -> None:
        found = self.secured
        must = [found.envelope.body, found.timestamp]
        for name in self._reading.headers:
            headers = found.envelope.headers(name)
            if len(headers) > 1:
                refuse("A signed header stands twice.", vi="Tiêu đề cần ký xuất hiện hai lần.")
            must += headers
        if not all(found.signature.signs(element) for element in must):
            refuse(
                "The body, the timestamp or a header is not what was signed.",
                vi="Nội dung, thời điểm hoặc tiêu đề không phải phần đã ký.",
            )

    def check_binding(self, answers: Message | None) -> None:
        found = self.secured
        confirmation = found.confirmation()
        is_signed_one = confirmation is not None and found.signature.signs(confirmation)
        told = confirmation.get("Value", "") if confirmation is not None and is_signed_one else ""
        plain = "".join(told.split())  # some break base64 into lines
        self._check_bound(None if confirmation is None else plain, answers)

    def _check_bound(self, confirms: str | None, answers: Message | None) -> None:
        """`confirms`: what is confirmed under the signature; empty: not under it; None: nothing is."""
        if answers is None:
            if confirms is not None:
                refuse(
                    "This is an answer, not a request.", vi="Đây là câu trả lời, không phải yêu cầu.", what="unbound"
                )
            return
        if not self._reading.rule.bound:
            return
        expected = value_of(answers)
        if expected is None or not hmac.compare_digest((confirms or "").encode(), expected.encode()):
            refuse(
                "The answer does not name the request that was asked.",
                vi="Câu trả lời không gắn với yêu cầu đã gửi.",
                what="unbound",
            )


def is_sound(content: bytes, made: Written, certificate: x509.Certificate) -> bool:
    """Whether a message of ours is, for libxml2 and libxmlsec, what its template takes it to be."""
    try:
        found = read_secured(read_envelope(parsed(content)))
        confirmation = found.confirmation()
        parts = [found.signature.info, found.timestamp, *([] if confirmation is None else [confirmation])]
        prove_by_library(found.signature, certificate)
        return tuple(canonical(part) for part in parts) == made.signed
    except TrustError:
        return False


def value_of(request: Message) -> str | None:
    """SignatureValue, in base64, of a request as it travelled; None when it was not signed."""
    mine = _own_value(request.content)
    if mine:
        return mine
    root = parsed(request.content)
    signature = root.find(f"*/{wsse('Security')}/{ds('Signature')}")
    return None if signature is None else text64(octets(signature.find(ds("SignatureValue"))))


def _own_value(content: bytes) -> str:
    """Of a message as `template` writes it; empty of another one. With one SignatureValue in all, and no comment,
    section or instruction that a tag could hide in, the tag in the bytes is the element in the tree."""
    start = content.find(_VALUE) + len(_VALUE)
    text = content[start : content.find(b"<", start)]
    is_mine = start >= len(_VALUE) and content.count(b"SignatureValue") == 2 and _BASE64.fullmatch(text)
    return text.decode() if is_mine and is_bare(content) else ""
