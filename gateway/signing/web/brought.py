"""Certificates that a JWS brings (`x5c`; RFC 7515, 4.1.6): read here, believed by the trust alone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.sdk.errors import TrustError
from gateway.signing.foreign import unsafe_certificate
from gateway.signing.model import PublicKey, SigningKey, Trust
from gateway.signing.web.raw import refused

_MOST = 5


def unsafe_chain(header: Mapping[str, Any]) -> list[x509.Certificate]:
    """The signer's first. `TrustError`: not a list of certificates."""
    listed = header.get("x5c", [])
    if not isinstance(listed, list) or len(listed) > _MOST or not all(isinstance(text, str) for text in listed):
        raise _unreadable()
    return [unsafe_certificate(_der(text)) for text in listed]


def believed_key(chain: Sequence[x509.Certificate], *, trust: Trust, at: datetime) -> PublicKey:
    """The signer's key, once the trust knows its certificate."""
    trust.check(chain[0], chain[1:], at=at)
    key = chain[0].public_key()
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
        raise refused("The certificate is of a key that signs nothing here.", vi="Loại khoá không được dùng để ký")
    return key


def chain_of(key: SigningKey) -> list[str]:
    certificates = [key.certificate] if key.certificate else []
    return [
        base64.b64encode(one.public_bytes(Encoding.DER)).decode()
        for one in (*certificates, *(key.chain if certificates else ()))
    ]


def _der(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise _unreadable() from exc


def _unreadable() -> TrustError:
    return refused("The certificates of a message are unreadable.", vi="Không đọc được chứng thư số kèm bản tin")
