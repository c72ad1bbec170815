"""Makes a ds:Signature (XML Signature 1.1). The digests are made here and the value by `SigningKey.sign`: one way for a
key in memory and for one in an HSM, and no key ever meets an XML library."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from gateway.sdk.errors import ConfigurationError
from gateway.signing.algorithms import Algorithm
from gateway.signing.model import SigningKey
from gateway.signing.xml.names import DS, ENVELOPED, EXC_C14N, SHA256, SIGNATURES, ds
from gateway.signing.xml.tree import Element, canonical, child, text64


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One element to be signed. `id` empty: the root, as URI=''."""

    element: Element
    id: str
    enveloped: bool = False
    type: str = ""
    reference: str = ""
    """Id of the Reference itself."""


def new_signature() -> Element:
    """Outside of any document, so that an enveloped digest is made before it is in."""
    return etree.Element(ds("Signature"), {"Id": fresh_id("SIG")}, nsmap={"ds": DS})


def complete(signature: Element, parts: Sequence[Part], *, key: SigningKey) -> None:
    """Put SignedInfo and SignatureValue in front of what the signature already holds (KeyInfo, Objects)."""
    algorithm = algorithm_of(key)
    info = etree.Element(ds("SignedInfo"), nsmap={"ds": DS})
    child(info, ds("CanonicalizationMethod"), Algorithm=EXC_C14N)
    child(info, ds("SignatureMethod"), Algorithm=SIGNATURES[algorithm])
    for part in parts:
        _refer(info, part)
    value = etree.Element(ds("SignatureValue"), nsmap={"ds": DS})
    value.text = text64(key.sign(canonical(info), algorithm=algorithm))
    signature.insert(0, info)
    signature.insert(1, value)


def algorithm_of(key: SigningKey) -> Algorithm:
    for algorithm in SIGNATURES:
        if algorithm in key.algorithms:
            return algorithm
    raise ConfigurationError(
        "The key cannot sign XML: RSA or an elliptic curve of NIST is needed.",
        vi="Khoá này không ký được XML: cần khoá RSA hoặc đường cong NIST.",
        what="key",
    )


def fresh_id(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(8)}"


def _refer(info: Element, part: Part) -> None:
    reference = child(info, ds("Reference"), URI=f"#{part.id}" if part.id else "")
    if part.type:
        reference.set("Type", part.type)
    if part.reference:
        reference.set("Id", part.reference)
    transforms = child(reference, ds("Transforms"))
    if part.enveloped:
        child(transforms, ds("Transform"), Algorithm=ENVELOPED)
    child(transforms, ds("Transform"), Algorithm=EXC_C14N)
    child(reference, ds("DigestMethod"), Algorithm=SHA256)
    child(reference, ds("DigestValue"), text64(hashlib.sha256(canonical(part.element)).digest()))
