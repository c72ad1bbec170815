"""A SOAP 1.1 or 1.2 envelope of which every part stands exactly once and in its place, and its wsse:Security header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from gateway.sdk.errors import ConfigurationError
from gateway.signing.xml.names import CONFIRMATION, SOAP_11, SOAP_12, WSSE, WSU, ds, wsse, wsu
from gateway.signing.xml.reading import Signature, read_signature
from gateway.signing.xml.tree import Element, Index, indexed, is_bare, only, own, refuse, written
from gateway.signing.xml.writing import fresh_id

# New elements get these prefixes instead of ns0, ns1: for people who read a log.
etree.register_namespace("wsse", WSSE)
etree.register_namespace("wsu", WSU)

_PARTS = {f"{{{space}}}Envelope": (f"{{{space}}}Header", f"{{{space}}}Body") for space in (SOAP_11, SOAP_12)}
_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
_START = re.compile(
    rb"(?:<\?xml [^?]*\?>)?[ \t\r\n]*"
    rb'(<([A-Za-z_][A-Za-z0-9_.-]*):Envelope(?:[ \t\r\n]+xmlns:[A-Za-z_][A-Za-z0-9_.-]*="[^"<>&]*")*[ \t\r\n]*>)'
)
_SECURITY = f'<wsse:Security xmlns:wsse="{WSSE}" %b:mustUnderstand="1">%b</wsse:Security>'.encode()
_ONCE = [name for envelope, parts in _PARTS.items() for name in (envelope, *parts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`header`: an empty one, outside of the document, where there is none."""

    root: Element
    header: Element
    body: Element

    @property
    def namespace(self) -> str:
        return etree.QName(self.root).namespace or ""

    def headers(self, name: str) -> Sequence[Element]:
        return self.header.findall(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """An envelope with its one Security header, and what that holds. Of sound shape; nothing is proven yet."""

    envelope: Envelope
    security: Element
    token: Element
    timestamp: Element
    signature: Signature

    def confirmation(self) -> Element | None:
        """The SignatureConfirmation; `TrustError` when there are several, or one elsewhere."""
        if next(self.envelope.root.iter(CONFIRMATION), None) is None:
            return None
        return only(self.envelope.root, CONFIRMATION, inside=self.security, what="SignatureConfirmation")


def read_envelope(root: Element) -> Envelope:
    """`TrustError` unless it is one Envelope with a Header, perhaps, and a Body, and no second of any of them."""
    header, body = _PARTS.get(str(root.tag), ("", ""))
    tags = [str(part.tag) for part in root]
    if not body or tags not in ([body], [header, body]):
        refuse("The message is not a SOAP envelope with one body.", vi="Thông điệp không phải phong bì SOAP hợp lệ.")
    if sum(1 for _ in root.iter(*_ONCE)) != 1 + len(tags):
        refuse(
            "The message holds a second envelope, header or body.", vi="Thông điệp có hai phong bì hoặc hai nội dung."
        )
    return Envelope(root=root, header=root[0] if len(tags) == 2 else etree.Element(header), body=root[-1])


def read_secured(envelope: Envelope) -> Secured:
    """`TrustError` unless it has the shape that WssX509 accepts."""
    root = envelope.root
    index = indexed(root)
    security = only(root, wsse("Security"), inside=envelope.header, what="wsse:Security")
    return Secured(
        envelope=envelope,
        security=security,
        token=only(root, wsse("BinarySecurityToken"), inside=security, what="wsse:BinarySecurityToken"),
        timestamp=only(root, wsu("Timestamp"), inside=security, what="wsu:Timestamp"),
        signature=_signature(envelope, security, index),
    )


def _signature(envelope: Envelope, security: Element, index: Index) -> Signature:
    """The only one outside of the Body: a signed document in there is what the message says, not what proves it."""
    found = list(envelope.header.iter(ds("Signature")))
    if len(found) != 1 or found[0].getparent() is not security:
        refuse("The message must hold exactly one signature.", vi="Thông điệp phải có đúng một chữ ký.")
    return read_signature(found[0], index, root=envelope.root)


def is_signed(envelope: Envelope) -> bool:
    """Whether any signature stands outside of the Body."""
    return next(envelope.header.iter(ds("Signature")), None) is not None


def own_envelope(content: bytes) -> Envelope:
    """One that we wrote and are about to sign."""
    envelope = read_envelope(own(content))
    if envelope.header.getparent() is None:
        envelope.root.insert(0, envelope.header)
    if next(envelope.header.iter(ds("Signature")), None) is not None:
        raise ConfigurationError(
            "The message is signed already.", vi="Thông điệp đã được ký từ trước.", what="already_signed"
        )
    return envelope


def own_security(envelope: Envelope) -> Element:
    """The Security header to be filled: the one that is there (a UsernameToken of the contract), or a new last one."""
    found = envelope.header.find(wsse("Security"))
    if found is None:
        found = etree.SubElement(envelope.header, wsse("Security"), nsmap={"wsse": WSSE})
        found.set(f"{{{envelope.namespace}}}mustUnderstand", "1")
    return found


def filled(envelope: Envelope, content: bytes, *, original: bytes, body: bytes) -> bytes:
    """The whole message, with `content` at the end of its Security header. `body`: the canonical form of its Body."""
    frame = frame_of(original, envelope.namespace) if has_empty_header(envelope) else None
    if frame is not None:
        return around(frame, content, body)
    security, place = own_security(envelope), fresh_id("PLACE")
    if len(security):
        security[-1].tail = (security[-1].tail or "") + place
    else:
        security.text = (security.text or "") + place
    before, _, after = written(envelope.root).partition(place.encode())
    return before + content + after


def has_empty_header(envelope: Envelope) -> bool:
    header = envelope.header
    return not len(header) and not header.attrib and not (header.text or "").strip()


@dataclass(frozen=True, slots=True)
class Frame:
    """The start tag of an Envelope as it travelled, to stand around canonical bytes. It declares prefixes and nothing
    else: each is declared again where those bytes use it, so what they mean does not depend on it. A default
    namespace would be another matter."""

    start: bytes
    prefix: bytes
    namespace: bytes

    def around(self, header: bytes, body: bytes) -> bytes:
        # An idle declaration could be changed on the way, and nobody would notice: that of the Body goes.
        before, _, after = body.partition(b' xmlns:%b="%b"' % (self.prefix, self.namespace))
        if b">" not in before:
            body = before + after
        return b"%b%b<%b:Header>%b</%b:Header>%b</%b:Envelope>" % (
            _DECLARATION, self.start, self.prefix, header, self.prefix, body, self.prefix,
        )  # fmt: skip


def around(frame: Frame, content: bytes, body: bytes) -> bytes:
    """The whole message, with `content` in a Security header that is the only one."""
    return frame.around(_SECURITY % (frame.prefix, content), body)


def frame_of(content: bytes, namespace: str) -> Frame | None:
    """None: its start tag says more, or is not found without a parser."""
    if not is_bare(content):
        return None
    found = _START.match(content)
    return Frame(found[1], found[2], namespace.encode()) if found else None
