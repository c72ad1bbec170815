"""Signatures under the answers of responders, by the algorithms that are believed."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from gateway.signing.certificates import strong

DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def require_signed(message: bytes, signature: bytes, *, key: object, digest: hashes.HashAlgorithm | None) -> None:
    """`InvalidSignature`, also for algorithms and keys that are too weak."""
    good = strong(key)
    if isinstance(good, RSAPublicKey) and isinstance(digest, DIGESTS):
        _require_rsa(good, signature, message, digest=digest)
    elif isinstance(good, EllipticCurvePublicKey) and isinstance(digest, DIGESTS):
        good.verify(signature, message, ECDSA(digest))
    elif good is not None and digest is None:  # Ed25519
        good.verify(signature, message)  # type: ignore[call-arg]  # the other kinds came with a digest
    else:
        raise InvalidSignature


def _require_rsa(key: RSAPublicKey, signature: bytes, message: bytes, *, digest: hashes.HashAlgorithm) -> None:
    try:
        key.verify(signature, message, PKCS1v15(), digest)
    except InvalidSignature:
        key.verify(signature, message, PSS(MGF1(digest), PSS.AUTO), digest)
