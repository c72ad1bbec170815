"""A TimeStampToken taken apart: CMS (RFC 5652) with one signer around a TSTInfo (RFC 3161, 2.4.2), and its signature.

The verifier of rfc3161-client is not used for this: it asks the machine's clock and holds its own roots, so it can
neither verify an old stamp nor ask our trust. It is the second opinion of the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import SMALLEST_RSA
from gateway.signing.foreign import unsafe_certificate

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_CURVES = {"secp256r1", "secp384r1", "secp521r1"}
_ATTRIBUTES = ("content_type", "message_digest", "signing_certificate_v2")
_LARGEST = 65_536
"""Bytes of a token with a long chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What an intact token says. Who signed it is known, and not yet believed."""

    made: datetime
    imprint: bytes
    nonce: int | None
    certificate: x509.Certificate
    chain: Sequence[x509.Certificate]


def opened(token: bytes) -> Opened:
    """`TrustError` unless it is one token, intact, of SHA-256, with the certificate that signed it."""
    if len(token) > _LARGEST:
        raise unreadable()
    try:
        return _opened(token)
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm) as exc:
        # asn1crypto parses when it is asked; whatever it stumbles over is no token.
        raise unreadable() from exc


def _opened(token: bytes) -> Opened:
    envelope = cms.ContentInfo.load(token, strict=True)
    if envelope["content_type"].native != "signed_data":
        raise unreadable()
    signed = envelope["content"]
    inner = signed["encap_content_info"]
    if inner["content_type"].native != "tst_info" or len(signed["signer_infos"]) != 1:
        raise unreadable()
    content = bytes(inner["content"])
    signer = signed["signer_infos"][0]
    certificate, chain = _certificates(signed, signer)
    _require_signature(signer, content, certificate)
    told = tsp.TSTInfo.load(content, strict=True)
    imprint = told["message_imprint"]
    if told["version"].native != "v1" or imprint["hash_algorithm"]["algorithm"].native != "sha256":
        raise refused("The stamp is of another kind.", vi="Dấu thời gian thuộc loại khác")
    if any(extension["critical"].native for extension in told["extensions"]):
        raise refused("The stamp is of another kind.", vi="Dấu thời gian thuộc loại khác")
    return Opened(
        made=told["gen_time"].native,
        imprint=imprint["hashed_message"].native,
        nonce=told["nonce"].native,
        certificate=certificate,
        chain=chain,
    )


def _certificates(signed: Any, signer: Any) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """The one that the signer names, and the others."""
    brought = [unsafe_certificate(one.chosen.dump()) for one in signed["certificates"] if one.name == "certificate"]
    sid = signer["sid"]
    if sid.name != "issuer_and_serial_number":
        raise unreadable()
    issuer, serial = sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
    named = [one for one in brought if one.serial_number == serial and one.issuer.public_bytes() == issuer]
    if len(named) != 1:
        raise refused("The stamp does not bring its certificate.", vi="Dấu thời gian không kèm chứng thư số")
    return named[0], [one for one in brought if one is not named[0]]


def _require_signature(signer: Any, content: bytes, certificate: x509.Certificate) -> None:
    """RFC 5652, 5.4: the signed attributes, each once, are of this content and this certificate; and signed."""
    name = signer["digest_algorithm"]["algorithm"].native
    if name not in _HASHES:
        raise _weak()
    attributes = [(one["type"].native, one["values"]) for one in signer["signed_attrs"]]
    said = {kind: values[0] for kind, values in attributes if len(values) == 1}
    if len(said) != len(attributes) or not said.keys() >= set(_ATTRIBUTES):
        raise unreadable()
    if said["content_type"].native != "tst_info":
        raise unreadable()
    if not hmac.compare_digest(said["message_digest"].native, hashlib.new(name, content).digest()):
        raise refused("The stamp was changed.", vi="Dấu thời gian đã bị thay đổi")
    _require_named(said["signing_certificate_v2"], certificate)
    # The attributes are signed as a SET, and travel under the tag [0].
    attributes_as_signed = b"\x31" + signer["signed_attrs"].dump()[1:]
    _verify(certificate.public_key(), signer, attributes_as_signed, digest=_HASHES[name]())


def _require_named(named: Any, certificate: x509.Certificate) -> None:
    """ESSCertIDv2 (RFC 5816): else the same key in another certificate would do."""
    first = named["certs"][0]
    name = first["hash_algorithm"]["algorithm"].native
    if name not in _HASHES:
        raise _weak()
    if not hmac.compare_digest(first["cert_hash"].native, certificate.fingerprint(_HASHES[name]())):
        raise refused("The stamp names another certificate.", vi="Dấu thời gian nêu chứng thư số khác")


def _verify(key: object, signer: Any, signed: bytes, *, digest: hashes.HashAlgorithm) -> None:
    signature, scheme = signer["signature"].native, signer["signature_algorithm"]
    kind, name = scheme.signature_algo, scheme["algorithm"].native
    # The plain names (rsaEncryption) leave the hash to the digest algorithm; the others must agree with it.
    if name not in {"rsassa_pkcs1v15", "ecdsa"} and scheme.hash_algo != digest.name:
        raise _weak()
    try:
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA and kind == "rsassa_pkcs1v15":
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES and kind == "ecdsa":
            key.verify(signature, signed, ec.ECDSA(digest))
        else:
            raise _weak()
    except InvalidSignature as exc:
        raise refused("The stamp was changed, or is not the authority's.", vi="Chữ ký của dấu thời gian sai") from exc


def unreadable() -> TrustError:
    return refused("There is no readable time stamp.", vi="Không đọc được dấu thời gian")


def refused(detail: str, *, vi: str) -> TrustError:
    return TrustError(detail, vi=f"{vi}.", what="time_stamp")


def _weak() -> TrustError:
    return refused("The stamp uses a weak algorithm or key.", vi="Dấu thời gian dùng thuật toán hoặc khoá yếu")
