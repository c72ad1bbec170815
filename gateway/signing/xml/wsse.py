"""WS-Security with X.509 tokens (OASIS WSS 1.1.1): Timestamp and Body of a SOAP message, signed.

xmlsec proves that what a signature refers to is unchanged. That this is THE Body, of this message, by that partner,
now, and in answer to our request is proven here: a library that skips it accepts a forged Body beside the signed one.

Not proven: that no header was left out on the way (one that is absent is not missed), and to which namespace a prefix
inside a text (`xsi:type`) points. The connectors read neither.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cryptography import x509

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.explaining import Remark, of_certificate, of_replay, of_time
from gateway.signing.model import Keys, SigningKey, Trust
from gateway.signing.protection import Mark, Message, with_headers
from gateway.signing.settings import ProtectionSettings
from gateway.signing.xml import seen
from gateway.signing.xml.envelope import Envelope, Secured, is_signed, own_envelope, own_security, read_secured
from gateway.signing.xml.names import CONFIRMATION, ID_NAMES, ds, wsse, wsu
from gateway.signing.xml.options import WssOptions, expanded, read_options
from gateway.signing.xml.times import add_timestamp, check_timestamp, read_created
from gateway.signing.xml.tokens import Brought, add_token, add_token_reference, brought, own_certificate, read_token
from gateway.signing.xml.tree import Element, child, octets, parsed, refuse, text64, written
from gateway.signing.xml.writing import Part, complete, fresh_id, new_signature


class WssX509:
    """Chữ ký số trên bản tin SOAP: implements `Protection`."""

    def __init__(self, keys: Keys, trust: Trust, rule: ProtectionSettings) -> None:
        options = read_options(WssOptions, rule.options, scheme=rule.scheme)
        self._keys, self._trust, self._rule = keys, trust, rule
        self._headers = tuple(expanded(name) for name in options.headers)
        self._is_path = options.token == "X509PKIPathv1"  # noqa: S105 - a type of token

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        key = self._keys.signing(at)
        own_certificate(key)
        try:
            envelope = own_envelope(message.content)
            confirms = _value_of(answers) if answers is not None else None
            self._fill(envelope, key, at=at, confirms=confirms)
        except TrustError as exc:
            raise ConfigurationError(
                "Only a SOAP envelope can be signed by wsse-x509.",
                vi="wsse-x509 chỉ ký được phong bì SOAP.",
                what="not_signable",
            ) from exc
        return with_headers(message, {}, content=written(envelope.root))

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:
        if answers is not None and self._rule.replies == "unsafe_unsigned" and not is_signed(message.content):
            return
        found = read_secured(message.content)
        self._check_signed(found)
        self._check_binding(found, answers)
        check_timestamp(found.timestamp, at=at, fresh_s=self._rule.fresh_s)
        signer = read_token(found.token, key_info=found.signature.key_info)
        self._trust.check(signer.certificate, signer.chain, at=at)
        found.signature.prove(signer.certificate)

    def explain(self, message: Message, *, at: datetime, answers: Message | None = None) -> Iterator[Remark]:
        """Implements `Explains`."""
        secured = read_secured(message.content)
        yield seen.found(secured.signature, ("chữ ký WS-Security (X.509)", "a WS-Security signature (X.509)"))
        signer = read_token(secured.token, key_info=secured.signature.key_info)
        yield of_certificate(signer.certificate, signer.chain, trust=self._trust, at=at)
        yield from seen.digests(secured.signature)
        yield seen.proof(secured.signature, signer.certificate)
        yield of_time(read_created(secured.timestamp), at=at, fresh_s=self._rule.fresh_s)
        self._check_signed(secured)
        self._check_binding(secured, answers)
        yield of_replay(mark=False)

    def reveal(self, message: Message) -> Message:
        """The Body, and those headers that were signed. Not the Security header, which no connector understands."""
        if not is_signed(message.content):
            return message
        found = read_secured(message.content)
        for block in list(found.envelope.header):
            if not found.signature.signs(block):
                found.envelope.header.remove(block)
        return with_headers(message, {}, content=written(found.envelope.root))

    def mark(self, message: Message) -> Mark:
        found = read_secured(message.content)
        until = read_created(found.timestamp) + timedelta(seconds=self._rule.fresh_s)
        return Mark(digest=found.signature.digest, until=until)

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:
        try:
            found: Brought = brought(read_secured(message.content).token)
        except TrustError:
            return ()  # `verify` says why
        return (found.certificate, *found.chain)

    def _fill(self, envelope: Envelope, key: SigningKey, *, at: datetime, confirms: bytes | None) -> None:
        security, token = own_security(envelope), fresh_id("X509")
        add_token(security, key, path=self._is_path, id=token)
        parts = [add_timestamp(security, at=at, fresh_s=self._rule.fresh_s, id=fresh_id("TS")), envelope.body]
        if confirms is not None:
            parts.append(child(security, CONFIRMATION, Value=text64(confirms)))
        for name in self._headers:
            parts += envelope.headers(name)
        named = [Part(element=part, id=_id_of(part)) for part in parts]
        signature = new_signature()
        add_token_reference(signature, token=token, path=self._is_path)
        complete(signature, named, key=key)
        security.append(signature)

    def _check_signed(self, found: Secured) -> None:
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

    def _check_binding(self, found: Secured, answers: Message | None) -> None:
        confirmation = found.confirmation()
        if answers is None:
            if confirmation is not None:
                refuse(
                    "This is an answer, not a request.", vi="Đây là câu trả lời, không phải yêu cầu.", what="unbound"
                )
            return
        if not self._rule.bound:
            return
        expected = _value_of(answers)
        is_signed_one = confirmation is not None and found.signature.signs(confirmation)
        told = confirmation.get("Value", "") if confirmation is not None and is_signed_one else ""
        plain = "".join(told.split())  # some break base64 into lines
        if expected is None or not hmac.compare_digest(plain.encode(), text64(expected).encode()):
            refuse(
                "The answer does not name the request that was asked.",
                vi="Câu trả lời không gắn với yêu cầu đã gửi.",
                what="unbound",
            )


def _value_of(request: Message) -> bytes | None:
    """SignatureValue of a request as it travelled; None when it was not signed."""
    root = parsed(request.content)
    signature = root.find(f"*/{wsse('Security')}/{ds('Signature')}")
    return None if signature is None else octets(signature.find(ds("SignatureValue")))


def _id_of(element: Element) -> str:
    """Its Id, or a fresh one."""
    for name in ID_NAMES:
        if element.get(name):
            return element.get(name, "")
    element.set(wsu("Id"), fresh_id("ID"))
    return element.get(wsu("Id"), "")
