"""What stands in a certificate, and what a public key must be: read the same way for our keys and for theirs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from gateway.sdk.errors import ConfigurationError
from gateway.signing.algorithms import SMALLEST_RSA
from gateway.signing.model import PublicKey


def strong(key: object) -> PublicKey | None:
    """The key, if it is of a kind and size that TT 39/2017 leaves room for (SIG-12); else None."""
    if isinstance(key, RSAPublicKey):
        return key if key.key_size >= SMALLEST_RSA else None
    if isinstance(key, EllipticCurvePublicKey):
        return key if isinstance(key.curve, SECP256R1 | SECP384R1) else None
    return key if isinstance(key, Ed25519PublicKey) else None


def spki(key: PublicKey) -> bytes:
    """The public key as DER; equal of equal keys."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


@lru_cache(maxsize=1024)
def fingerprint(certificate: x509.Certificate) -> bytes:
    """SHA-256 of its DER, 32 bytes."""
    return hashlib.sha256(der(certificate)).digest()


def is_self_issued(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer


def name_of(certificate: x509.Certificate) -> str:
    """For people: the common name, else the whole subject."""
    common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value) if common else certificate.subject.rfc4514_string()


def thumbprint(key: PublicKey) -> str:
    """The key id of a key that was given none: base64url of SHA-256 of its JWK (RFC 7638)."""
    if isinstance(key, RSAPublicKey):
        rsa = key.public_numbers()
        jwk = {"e": _number(rsa.e), "kty": "RSA", "n": _number(rsa.n)}
    elif isinstance(key, EllipticCurvePublicKey):
        ec, size = key.public_numbers(), (key.key_size + 7) // 8
        jwk = {"crv": f"P-{key.key_size}", "kty": "EC", "x": _number(ec.x, size), "y": _number(ec.y, size)}
    else:
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}
    return _base64url(hashlib.sha256(orjson.dumps(jwk, option=orjson.OPT_SORT_KEYS)).digest())


def read_certificates(paths: Iterable[Path], *, where: str) -> tuple[x509.Certificate, ...]:
    """All certificates of these PEM files. `where`: the setting, for the `ConfigurationError`."""
    found: list[x509.Certificate] = []
    for path in paths:
        try:
            found += x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as exc:
            raise ConfigurationError(
                f"{where}: {path.name} is not readable as PEM certificates.",
                vi=f"{where}: không đọc được chứng thư số (PEM) trong tệp {path.name}.",
                what="certificate",
            ) from exc
    return tuple(found)


def _number(value: int, size: int = 0) -> str:
    return _base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
