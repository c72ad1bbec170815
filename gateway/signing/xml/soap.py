"""One signed SOAP message, parsed once: what is proven of it, and what it then says.

The library proves that what a signature refers to is unchanged. That this is THE Body, of this message, by that
partner, now, and in answer to our request is proven here: who skips it accepts a forged Body beside the signed one.

Not proven: that no header was left out on the way (one that is absent is not missed), and to which namespace a prefix
inside a text (`xsi:type`) points. The connectors read neither.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
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
from gateway.signing.xml.template import Written
from gateway.signing.xml.times import check_timestamp, read_created
from gateway.signing.xml.tokens import Brought, brought, read_token
from gateway.signing.xml.tree import Element, canonical, is_bare, octets, parsed, refuse, text64, written

_VALUE = b"<ds:SignatureValue>"
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


class OpenedSoap:
    """Implements `Opened`."""

    def __init__(self, message: Message, *, trust: Trust, rule: ProtectionSettings, headers: Sequence[str]) -> None:
        """`headers`: those that are signed wherever they stand."""
        self._message, self._trust, self._rule, self._headers = message, trust, rule, headers
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
            found: Brought = brought(self.secured.token)
        except TrustError:
            return ()  # `verify` says why
        return (found.certificate, *found.chain)

    def verify(self, *, at: datetime, answers: Message | None = None) -> None:
        if answers is not None and self._rule.replies == "unsafe_unsigned" and not is_signed(self._envelope):
            return
        found = self.secured
        self.check_signed()
        self.check_binding(answers)
        check_timestamp(found.timestamp, at=at, fresh_s=self._rule.fresh_s)
        signer = read_token(found.token, key_info=found.signature.key_info)
        self._trust.check(signer.certificate, signer.chain, at=at)
        self._proven = prove(found.signature, signer.certificate)

    def mark(self) -> Mark:
        until = read_created(self.secured.timestamp) + timedelta(seconds=self._rule.fresh_s)
        return Mark(digest=self.secured.signature.digest, until=until)

    def reveal(self) -> Message:
        """The Body, and those headers that were signed. Not the Security header, which no connector understands. Where
        it can be told from the bytes, what is read is the very bytes that were hashed."""
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
        for name in self._headers:
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
        if answers is None:
            if confirmation is not None:
                refuse(
                    "This is an answer, not a request.", vi="Đây là câu trả lời, không phải yêu cầu.", what="unbound"
                )
            return
        if not self._rule.bound:
            return
        expected = value_of(answers)
        is_signed_one = confirmation is not None and found.signature.signs(confirmation)
        told = confirmation.get("Value", "") if confirmation is not None and is_signed_one else ""
        plain = "".join(told.split())  # some break base64 into lines
        if expected is None or not hmac.compare_digest(plain.encode(), expected.encode()):
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
