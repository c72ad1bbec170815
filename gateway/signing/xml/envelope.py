"""A SOAP 1.1 or 1.2 envelope of which every part stands exactly once and in its place, and its wsse:Security header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from gateway.sdk.errors import ConfigurationError
from gateway.signing.xml.names import CONFIRMATION, SOAP_11, SOAP_12, WSSE, WSU, ds, wsse, wsu
from gateway.signing.xml.reading import Signature, read_signature
from gateway.signing.xml.tree import Element, Index, indexed, only, parsed, refuse

# New elements get these prefixes instead of ns0, ns1: for people who read a log.
etree.register_namespace("wsse", WSSE)
etree.register_namespace("wsu", WSU)


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
    namespace = etree.QName(root).namespace
    parts = [etree.QName(part).localname for part in root if etree.QName(part).namespace == namespace]
    if namespace not in {SOAP_11, SOAP_12} or parts not in (["Body"], ["Header", "Body"]) or len(parts) != len(root):
        refuse("The message is not a SOAP envelope with one body.", vi="Thông điệp không phải phong bì SOAP hợp lệ.")
    names = [f"{{{space}}}{name}" for space in (SOAP_11, SOAP_12) for name in ("Envelope", "Header", "Body")]
    if len(list(root.iter(*names))) != 1 + len(parts):
        refuse(
            "The message holds a second envelope, header or body.", vi="Thông điệp có hai phong bì hoặc hai nội dung."
        )
    header = root[0] if len(parts) == 2 else etree.Element(f"{{{namespace}}}Header")
    return Envelope(root=root, header=header, body=root[-1])


def read_secured(content: bytes) -> Secured:
    """`TrustError` unless the message has the shape that WssX509 accepts."""
    root = parsed(content)
    index = indexed(root)
    envelope = read_envelope(root)
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
    inside = set(envelope.body.iter(ds("Signature")))
    found = [element for element in envelope.root.iter(ds("Signature")) if element not in inside]
    if len(found) != 1 or found[0].getparent() is not security:
        refuse("The message must hold exactly one signature.", vi="Thông điệp phải có đúng một chữ ký.")
    return read_signature(found[0], index, root=envelope.root)


def is_signed(content: bytes) -> bool:
    """Whether any signature stands outside of the Body."""
    envelope = read_envelope(parsed(content))
    return next(envelope.header.iter(ds("Signature")), None) is not None


def own_envelope(content: bytes) -> Envelope:
    """One that we wrote and are about to sign."""
    envelope = read_envelope(parsed(content))
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
        found = etree.SubElement(envelope.header, wsse("Security"), nsmap={"wsse": WSSE, "wsu": WSU})
        found.set(f"{{{envelope.namespace}}}mustUnderstand", "1")
    return found
