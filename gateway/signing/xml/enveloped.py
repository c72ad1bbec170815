"""Enveloped XML signatures (W3C XML Signature 1.1) of any XML message: the root, or one child of it.

The standard proves who signed and that nothing was changed. It knows no time and no request: where the contract has
places for them the options name them, else both are properties inside the signature, which the partner must write too.
A contract with neither is `unsafe_undated`, and `bound = false`: then a message may be of any age, and a reply of any
request.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from cryptography import x509

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.explaining import Remark, of_certificate, of_replay, of_time
from gateway.signing.model import Keys, SigningKey, Trust
from gateway.signing.protection import Mark, Message, OpensOnce, with_headers
from gateway.signing.settings import NEVER, ProtectionSettings
from gateway.signing.xml import seen
from gateway.signing.xml.names import ds
from gateway.signing.xml.options import XmlDsigOptions, read_options
from gateway.signing.xml.proof import prove
from gateway.signing.xml.properties import Properties, add_properties, read_properties
from gateway.signing.xml.reading import DOCUMENTS, Signature, read_signature
from gateway.signing.xml.times import check_age, check_timestamp, read_created, read_moment
from gateway.signing.xml.tokens import add_x509_data, own_certificate, read_x509_data
from gateway.signing.xml.tree import Element, indexed, octets, only, own, parsed, refuse, text64, written
from gateway.signing.xml.writing import Part, complete, fresh_id, new_signature


class XmlDsig(OpensOnce):
    """Chữ ký số XML đính kèm: implements `Protection`."""

    def __init__(self, keys: Keys, trust: Trust, rule: ProtectionSettings) -> None:
        self._options = read_options(XmlDsigOptions, rule.options, scheme=rule.scheme)
        if bool(self._options.answers) != bool(self._options.request_id):
            raise ConfigurationError(
                "The options answers and request_id go together.",
                vi="Tuỳ chọn answers và request_id phải đi cùng nhau.",
                what="protection",
            )
        self._keys, self._trust, self._rule = keys, trust, rule

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        key = self._keys.signing(at)
        own_certificate(key)
        try:
            root = own(message.content)
            confirms = _value_of(answers) if answers is not None and not self._options.answers else None
            self._fill(root, key, at=at, confirms=confirms)
        except TrustError as exc:
            raise ConfigurationError(
                "The message cannot be signed by xmldsig.", vi="xmldsig không ký được thông điệp.", what="not_signable"
            ) from exc
        return with_headers(message, {}, content=written(root))

    def _fill(self, root: Element, key: SigningKey, *, at: datetime, confirms: bytes | None) -> None:
        element = _element(root, self._options)
        if not _is_unsigned(root):
            refuse("The message is signed already.", vi="Thông điệp đã được ký từ trước.")
        signature = new_signature()
        add_x509_data(signature, key)
        dated = None if self._options.time or self._options.unsafe_undated else at
        parts = [Part(element=element, id=self._id(element, root), enveloped=True)]
        parts += add_properties(signature, at=dated, fresh_s=self._rule.fresh_s, confirms=confirms)
        complete(signature, parts, key=key)
        element.append(signature)

    def opened(self, message: Message) -> OpenedXml:
        return OpenedXml(message, trust=self._trust, rule=self._rule, options=self._options)

    def explain(self, message: Message, *, at: datetime, answers: Message | None = None) -> Iterator[Remark]:
        """Implements `Explains`."""
        opened = self.opened(message)
        signature = opened.parts.signature
        yield seen.found(signature, ("chữ ký XML đính kèm", "an enveloped XML signature"))
        signer = read_x509_data(signature.key_info)
        yield of_certificate(signer.certificate, signer.chain, trust=self._trust, at=at)
        yield from seen.digests(signature)
        yield seen.proof(signature, signer.certificate)
        created = opened.created()
        if created is not None:
            yield of_time(created, at=at, fresh_s=self._rule.fresh_s)
        opened.check_binding(answers)
        yield of_replay(mark=False)

    def _id(self, element: Element, root: Element) -> str:
        if element is root:
            return ""
        name = self._options.id_attribute
        if not element.get(name):
            element.set(name, fresh_id("ID"))
        return element.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The element that counts, and the one signature there is, which signs it and at most its own properties."""

    element: Element
    signature: Signature
    properties: Properties


class OpenedXml:
    """Implements `Opened`."""

    def __init__(self, message: Message, *, trust: Trust, rule: ProtectionSettings, options: XmlDsigOptions) -> None:
        self._message, self._trust, self._rule, self._options = message, trust, rule, options

    @cached_property
    def _root(self) -> Element:
        return parsed(self._message.content)

    @cached_property
    def parts(self) -> _Parts:
        """`TrustError` unless the message has the shape that is accepted."""
        root = self._root
        index, element = indexed(root), _element(root, self._options)
        place = only(root, ds("Signature"), inside=element, what="ds:Signature")
        signature = read_signature(place, index, root=root, forms=DOCUMENTS)
        properties = read_properties(signature)
        signed = [part.element for part in signature.references if part.enveloped]
        others = [part.element for part in signature.references if not part.enveloped]
        if signed != [element] or any(other is not properties.element for other in others):
            refuse("What was signed is not the message.", vi="Phần đã ký không phải là thông điệp.")
        return _Parts(element=element, signature=signature, properties=properties)

    def unsafe_certificates(self) -> Sequence[x509.Certificate]:
        try:
            signer = read_x509_data(self.parts.signature.key_info)
        except TrustError:
            return ()  # `verify` says why
        return (signer.certificate, *signer.chain)

    def verify(self, *, at: datetime, answers: Message | None = None) -> None:
        if answers is not None and self._rule.replies == "unsafe_unsigned" and _is_unsigned(self._root):
            return
        signature = self.parts.signature
        self._check_age(at=at)
        self.check_binding(answers)
        signer = read_x509_data(signature.key_info)
        self._trust.check(signer.certificate, signer.chain, at=at)
        prove(signature, signer.certificate)

    def mark(self) -> Mark:
        created = self.created()
        until = NEVER if created is None else created + timedelta(seconds=self._rule.fresh_s)
        return Mark(digest=self.parts.signature.digest, until=until)

    def reveal(self) -> Message:
        """What was signed, without the signature. Of a root of which one child is signed nothing else is left."""
        root = self._root
        if _is_unsigned(root):
            return self._message
        element, signature = self.parts.element, self.parts.signature
        element.remove(signature.element)
        if element is not root:
            for other in [part for part in root if part is not element]:
                root.remove(other)
            root.attrib.clear()
            root.text = element.tail = None
        return with_headers(self._message, {}, content=written(root))

    def created(self) -> datetime | None:
        if self._options.unsafe_undated:
            return None
        if self._options.time:
            return read_moment(_said(self.parts.element, self._options.time))
        timestamp = self.parts.properties.timestamp
        if timestamp is None:
            refuse("The message does not say when it was made.", vi="Thông điệp không ghi thời điểm tạo.", what="stale")
        return read_created(timestamp)

    def _check_age(self, *, at: datetime) -> None:
        created, timestamp = self.created(), self.parts.properties.timestamp
        if timestamp is not None:
            check_timestamp(timestamp, at=at, fresh_s=self._rule.fresh_s)
        if created is not None:
            check_age(created, at=at, fresh_s=self._rule.fresh_s)

    def check_binding(self, answers: Message | None) -> None:
        element, confirmation = self.parts.element, self.parts.properties.confirmation
        if answers is None:
            if confirmation is not None:
                refuse(
                    "This is an answer, not a request.", vi="Đây là câu trả lời, không phải yêu cầu.", what="unbound"
                )
            return
        if not self._rule.bound:
            return
        if self._options.answers:
            asked = _said(_element(parsed(answers.content), self._options), self._options.request_id)
            told = _said(element, self._options.answers)
        else:
            asked = text64(_value_of(answers) or b"")
            told = "".join(confirmation.get("Value", "").split()) if confirmation is not None else ""
        if not asked or not hmac.compare_digest(asked.encode(), told.encode()):
            refuse(
                "The answer does not name the request that was asked.",
                vi="Câu trả lời không gắn với yêu cầu đã gửi.",
                what="unbound",
            )


def _element(root: Element, options: XmlDsigOptions) -> Element:
    return only(root, options.element, inside=root, what="signed element") if options.element else root


def _is_unsigned(root: Element) -> bool:
    return next(root.iter(ds("Signature")), None) is None


def _value_of(message: Message) -> bytes | None:
    found = list(parsed(message.content).iter(ds("SignatureValue")))
    return octets(found[0]) if len(found) == 1 else None


def _said(element: Element, place: str) -> str:
    """The text at a place of the signed element; empty when it is not there. Never of the signature inside it, which
    does not sign itself."""
    if place.startswith("@"):
        return element.get(place[1:], "").strip()
    found = [part for part in element.iter(place) if next(part.iterancestors(ds("Signature")), None) is None]
    if len(found) > 1 or any(len(part) for part in found):
        refuse("A part of the message that counts stands twice.", vi="Một thành phần quan trọng xuất hiện hai lần.")
    return (found[0].text or "").strip() if found else ""
