"""Whether a ds:Signature holds. Twice: `prove` for messages, with lxml's exclusive form, hashlib and `cryptography`;
and `prove_by_library` with xmlsec, for documents and for whatever `prove` does not do itself. The tests hold one
against the other.

Nothing is looked for here: what is hashed is the very node that the reading found, and that the message is read from.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from functools import lru_cache

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import SMALLEST_RSA
from gateway.signing.xml.names import EXC_C14N, ID_NAMES
from gateway.signing.xml.reading import Reference, Signature
from gateway.signing.xml.tree import Element, canonical, refuse

_CURVES = {"secp256r1", "secp384r1"}
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
DIGESTS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
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


def prove(signature: Signature, certificate: x509.Certificate) -> Sequence[tuple[Element, bytes]]:
    """`TrustError` unless the holder of this certificate signed every referenced node as it is. The bytes that were
    hashed, beside each node; none where the library hashed them."""
    if not _is_simple(signature):
        prove_by_library(signature, certificate)
        return ()
    _check_key(certificate, signature.method)
    prefixes = signature.form.prefixes
    info = canonical(signature.info, prefixes=prefixes) if prefixes else signature.plain
    check_value(signature.value, info, key=certificate.public_key(), method=signature.method)
    forms: list[tuple[Element, bytes]] = []
    for reference in signature.references:
        form = _form_of(reference, signature.element)
        forms.append((reference.element, form))
        if not hmac.compare_digest(DIGESTS[reference.digest](form).digest(), reference.said):
            raise _does_not_hold()
    return forms


def prove_by_library(signature: Signature, certificate: x509.Certificate) -> None:
    """As `prove`, by xmlsec."""
    _check_key(certificate, signature.method)
    context = xmlsec.SignatureContext()
    for transform in _METHODS:
        context.enable_signature_transform(transform)
    for transform in _TRANSFORMS:
        context.enable_reference_transform(transform)
    try:
        for reference in signature.references:
            _register(context, reference.element)
        # With a key of ours in place xmlsec never looks at KeyInfo.
        context.key = _key(certificate.public_bytes(Encoding.PEM))
        context.verify(signature.element)
    except xmlsec.Error as exc:
        raise _does_not_hold() from exc


def _is_simple(signature: Signature) -> bool:
    """All forms are exclusive, with prefixes as they stand in the message (`#default` is a word that lxml does not
    know), and nothing but the signature goes when the signature is taken out."""
    forms = (signature.form, *(part.form for part in signature.references))
    is_exclusive = all(form.algorithm == EXC_C14N and all(map(_PREFIX.fullmatch, form.prefixes)) for form in forms)
    return is_exclusive and not signature.element.tail


def _form_of(reference: Reference, signature: Element) -> bytes:
    """What was hashed. Of an enveloped signature without the signature, which is put back where it was."""
    parent, prefixes = signature.getparent(), reference.form.prefixes
    if not reference.enveloped or parent is None or reference.element not in signature.iterancestors():
        return canonical(reference.element, prefixes=prefixes)
    place = parent.index(signature)
    parent.remove(signature)
    try:
        return canonical(reference.element, prefixes=prefixes)
    finally:
        parent.insert(place, signature)


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


def check_value(value: bytes, info: bytes, *, key: object, method: str) -> None:
    """`TrustError` unless `value` is the key's signature of `info`. `prove` said that method and key fit."""
    digest = _HASHES[method.rpartition("-")[2]]
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(value, info, PKCS1v15(), digest)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(_pair(value, (key.key_size + 7) // 8), info, ECDSA(digest))
        else:
            raise _does_not_hold()
    except InvalidSignature as exc:
        raise _does_not_hold() from exc


def _pair(value: bytes, size: int) -> bytes:
    """r ‖ s, each as long as the curve's order, as ASN.1."""
    if len(value) != 2 * size:
        raise _does_not_hold()
    return encode_dss_signature(int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big"))


def _does_not_hold() -> TrustError:
    return TrustError(
        "The signature does not hold: what was signed is not what stands here, or another key signed it.",
        vi="Chữ ký không đúng: nội dung đã bị thay đổi hoặc được ký bằng khoá khác.",
    )


@lru_cache(maxsize=64)
def _key(certificate: bytes) -> xmlsec.Key:
    return xmlsec.Key.from_memory(certificate, _K.KeyDataFormatCertPem)


def _register(context: xmlsec.SignatureContext, element: Element) -> None:
    for name in ID_NAMES[:3]:  # xml:id is registered by the parser
        if element.get(name) is not None:
            label = etree.QName(name)
            context.register_id(element, label.localname, label.namespace)
