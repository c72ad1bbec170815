"""Reads a ds:Signature and believes nothing of it: which elements it signs, and whether it does. What may stand in one
is listed; all else is refused before xmlsec sees it. Whose signature it is, is the caller's question."""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import SMALLEST_RSA
from gateway.signing.xml.names import C14N, C14N_11, DIGESTS, ENVELOPED, EXC_C14N, ID_NAMES, SIGNATURES, ds
from gateway.signing.xml.tree import Element, Index, canonical, octets, refuse

STRICT = frozenset({EXC_C14N})
"""Canonical forms of messages: an envelope is taken out of its surroundings and put into others."""
DOCUMENTS = frozenset({EXC_C14N, C14N, C14N_11})
"""Those of documents, which signers' tools made as they liked; a document stands alone."""
_CURVES = {"secp256r1", "secp384r1"}
_K = xmlsec.constants
_METHODS = (
    _K.TransformRsaSha256,
    _K.TransformRsaSha384,
    _K.TransformRsaSha512,
    _K.TransformEcdsaSha256,
    _K.TransformEcdsaSha384,
    _K.TransformInclC14N,
    _K.TransformInclC14N11,
    _K.TransformExclC14N,
)
_TRANSFORMS = (
    _K.TransformEnveloped,
    _K.TransformInclC14N,
    _K.TransformInclC14N11,
    _K.TransformExclC14N,
    _K.TransformSha256,
    _K.TransformSha384,
    _K.TransformSha512,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What one Reference of a sound SignedInfo means."""

    element: Element
    enveloped: bool
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One whose shape is sound. Nothing is proven before `prove`."""

    element: Element
    references: tuple[Reference, ...]
    method: str
    value: bytes = field(repr=False)

    @property
    def key_info(self) -> Element:
        return self.element[2]

    @property
    def digest(self) -> bytes:
        """Of what was signed. Not of the value: of an ECDSA signature anybody makes a second one."""
        return hashlib.sha256(canonical(self.element[0])).digest()

    def signs(self, element: Element) -> bool:
        """Whether this very node is signed as it stands."""
        return any(part.element is element and not part.enveloped for part in self.references)

    def prove(self, certificate: x509.Certificate) -> None:
        """`TrustError` unless the holder of this certificate signed every referenced node as it is."""
        _check_key(certificate, self.method)
        context = xmlsec.SignatureContext()
        for transform in _METHODS:
            context.enable_signature_transform(transform)
        for transform in _TRANSFORMS:
            context.enable_reference_transform(transform)
        try:
            for reference in self.references:
                _register(context, reference.element)
            # With a key of ours in place xmlsec never looks at KeyInfo.
            context.key = _key(certificate.public_bytes(Encoding.PEM))
            context.verify(self.element)
        except xmlsec.Error as exc:
            raise TrustError(
                "The signature does not hold: what was signed is not what stands here, or another key signed it.",
                vi="Chữ ký không đúng: nội dung đã bị thay đổi hoặc được ký bằng khoá khác.",
            ) from exc


def read_signature(element: Element, index: Index, *, root: Element, forms: Set[str] = STRICT) -> Signature:
    """`TrustError` unless its shape, its algorithms and its references are among those that are listed."""
    names = [str(part.tag) for part in element]
    required = [ds("SignedInfo"), ds("SignatureValue"), ds("KeyInfo")]
    if names[:3] != required or set(names[3:]) - {ds("Object")}:
        refuse("The signature is malformed.", vi="Chữ ký sai cấu trúc.")
    info = list(element[0])
    if [part.tag for part in info[:2]] != [ds("CanonicalizationMethod"), ds("SignatureMethod")] or len(info) < 3:
        refuse("The signature is malformed.", vi="Chữ ký sai cấu trúc.")
    _check_form(info[0], forms)
    method = info[1].get("Algorithm", "")
    if method not in SIGNATURES.values() or len(info[1]):
        _unlisted()
    references = tuple(_reference(part, index, root=root, forms=forms) for part in info[2:])
    if len({id(reference.element) for reference in references}) != len(references):
        refuse("The signature names one element twice.", vi="Chữ ký tham chiếu hai lần một phần tử.")
    return Signature(element=element, references=references, method=method, value=octets(element[1]))


def _reference(element: Element, index: Index, *, root: Element, forms: Set[str]) -> Reference:
    parts = {str(part.tag): part for part in element}
    sound = list(parts) in ([ds("Transforms"), ds("DigestMethod"), ds("DigestValue")], [*map(ds, _BARE)])
    if element.tag != ds("Reference") or not sound or len(parts) != len(element):
        refuse("A reference of the signature is malformed.", vi="Tham chiếu của chữ ký sai cấu trúc.")
    if parts[ds("DigestMethod")].get("Algorithm") not in DIGESTS or len(parts[ds("DigestMethod")]):
        _unlisted()
    return Reference(
        element=_target(element.get("URI"), index, root=root),
        enveloped=_transformed(parts.get(ds("Transforms")), forms),
        type=element.get("Type", ""),
    )


_BARE = ("DigestMethod", "DigestValue")


def _target(uri: str | None, index: Index, *, root: Element) -> Element:
    """The node that xmlsec will find too: only the nodes found here are registered with it."""
    if uri == "":
        return root
    found = index.get(uri[1:]) if uri and uri.startswith("#") else None
    if found is None:
        refuse("The signature refers to something that is not here.", vi="Chữ ký tham chiếu ra ngoài thông điệp.")
    return found


def _transformed(transforms: Element | None, forms: Set[str]) -> bool:
    """Whether the signature itself is taken out before. No Transforms: plain c14n, as the standard says."""
    steps = [] if transforms is None else list(transforms)
    enveloped = bool(steps) and steps[0].get("Algorithm") == ENVELOPED and not len(steps[0])
    forms_of = steps[1:] if enveloped else steps
    if any(step.tag != ds("Transform") for step in steps) or len(forms_of) > 1:
        _unlisted()
    if not forms_of and C14N not in forms:
        _unlisted()
    for step in forms_of:
        _check_form(step, forms)
    return enveloped


def _check_form(element: Element, forms: Set[str]) -> None:
    inside = [str(part.tag) for part in element]
    if element.get("Algorithm") not in forms or inside not in ([], [f"{{{EXC_C14N}}}InclusiveNamespaces"]):
        _unlisted()


def _unlisted() -> None:
    refuse(
        "The signature uses an algorithm or a transform that is not accepted.",
        vi="Chữ ký dùng thuật toán hoặc phép biến đổi không được chấp nhận.",
        what="algorithm",
    )


def _check_key(certificate: x509.Certificate, method: str) -> None:
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey) and "#rsa-" in method:
        if key.key_size < SMALLEST_RSA:
            refuse("The signer's RSA key is too short.", vi="Khoá RSA của bên ký quá ngắn.", what="algorithm")
    elif not (isinstance(key, EllipticCurvePublicKey) and "#ecdsa-" in method and key.curve.name in _CURVES):
        refuse(
            "The signature's algorithm does not fit the signer's key.",
            vi="Thuật toán ký không khớp khoá của bên ký.",
            what="algorithm",
        )


@lru_cache(maxsize=64)
def _key(certificate: bytes) -> xmlsec.Key:
    return xmlsec.Key.from_memory(certificate, _K.KeyDataFormatCertPem)


def _register(context: xmlsec.SignatureContext, element: Element) -> None:
    for name in ID_NAMES[:3]:  # xml:id is registered by the parser
        if element.get(name) is not None:
            label = etree.QName(name)
            context.register_id(element, label.localname, label.namespace)
