"""Signatures over bytes with public keys. What no scheme may ever take is refused here: a key that does not fit the
algorithm, a weak one, another encoding of the same bytes. joserfc is the witness of the tests: it would read a key anew
for each message, which costs more than to verify."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.algorithms import SMALLEST_RSA, Algorithm
from gateway.signing.model import PublicKey, SigningKey

_CURVES = {Algorithm.ES256: "secp256r1", Algorithm.ES384: "secp384r1"}
_RSA = {Algorithm.RS256, Algorithm.RS384, Algorithm.RS512, Algorithm.PS256}
_BEST = (
    Algorithm.EDDSA,
    Algorithm.ES256,
    Algorithm.ES384,
    Algorithm.PS256,
    Algorithm.RS256,
    Algorithm.RS384,
    Algorithm.RS512,
)
_DIGESTS = {
    Algorithm.RS256: hashes.SHA256(),
    Algorithm.RS384: hashes.SHA384(),
    Algorithm.RS512: hashes.SHA512(),
    Algorithm.PS256: hashes.SHA256(),
    Algorithm.ES256: hashes.SHA256(),
    Algorithm.ES384: hashes.SHA384(),
    Algorithm.EDDSA: hashes.SHA512(),
}
"""That of Ed25519 is its own affair."""
_TICK = timedelta(seconds=1)


def verify_bytes(signature: bytes, message: bytes, *, key: PublicKey, algorithm: Algorithm) -> None:
    """`TrustError` unless `key` made `signature` of `message`; of ECDSA r ‖ s."""
    require_fit(key, algorithm)
    digest = _DIGESTS[algorithm]
    try:
        if isinstance(key, RSAPublicKey):
            is_pss = algorithm is Algorithm.PS256
            key.verify(signature, message, PSS(MGF1(digest), digest.digest_size) if is_pss else PKCS1v15(), digest)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(_pair(signature, (key.key_size + 7) // 8), message, ECDSA(digest))
        else:
            key.verify(signature, message)
    except InvalidSignature as exc:
        raise refused("The signature does not hold.", vi="Chữ ký số không khớp với nội dung") from exc


def _pair(signature: bytes, size: int) -> bytes:
    """r ‖ s, each as long as the curve's order (RFC 7518, 3.4), as ASN.1."""
    if len(signature) != 2 * size:
        raise refused("The signature is malformed.", vi="Chữ ký số sai định dạng")
    return encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))


def require_fit(key: PublicKey, algorithm: Algorithm) -> None:
    """An algorithm belongs to a kind of key; a message does not choose what its key is used for."""
    if not fits(key, algorithm):
        raise refused("The algorithm does not fit the key.", vi="Thuật toán không hợp với khoá", what="algorithm")
    if isinstance(key, RSAPublicKey) and key.key_size < SMALLEST_RSA:
        raise refused("The key is too weak.", vi="Khoá quá yếu", what="algorithm")


def fits(key: PublicKey, algorithm: Algorithm) -> bool:
    if isinstance(key, RSAPublicKey):
        return algorithm in _RSA
    if isinstance(key, EllipticCurvePublicKey):
        return _CURVES.get(algorithm) == key.curve.name
    return isinstance(key, Ed25519PublicKey) and algorithm is Algorithm.EDDSA


def chosen(
    key: SigningKey, wanted: Algorithm | None, *, allowed: Collection[Algorithm] = tuple(Algorithm)
) -> Algorithm:
    """What we sign with. `ConfigurationError`: the key cannot."""
    candidates = (wanted,) if wanted else _BEST
    for algorithm in candidates:
        if algorithm in key.algorithms and algorithm in allowed and fits(key.public_key, algorithm):
            return algorithm
    raise ConfigurationError(
        "Our key cannot sign with an algorithm of this scheme.",
        vi="Khoá của cổng không ký được bằng thuật toán của cơ chế này",
        what="protection",
    )


def require_fresh(made: datetime, *, at: datetime, fresh_s: float) -> None:
    """Old or ahead by `fresh_s` seconds at most."""
    if abs((at - made).total_seconds()) > fresh_s:
        raise refused("The message is too old, or of the future.", vi="Bản tin đã quá hạn hoặc sai giờ", what="stale")


def forgotten_at(made: datetime, fresh_s: float) -> datetime:
    """From then on a message is too old to be accepted anyway."""
    return made + timedelta(seconds=fresh_s) + _TICK


def instant(seconds: object) -> datetime:
    """NumericDate (RFC 7519, 2). `TrustError` when it is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise refused("The message does not say when it was signed.", vi="Bản tin không ghi thời điểm ký", what="stale")
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, ValueError, OSError) as exc:
        raise refused("The time of signing is none.", vi="Thời điểm ký không hợp lệ", what="stale") from exc


def to_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """RFC 7515, 2: no padding, no other alphabet, no bits left over. `TrustError` otherwise."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise refused("A part is not base64url.", vi="Thành phần không phải base64url") from exc
    if to_base64url(content) != text:
        raise refused("A part is not base64url.", vi="Thành phần không phải base64url")
    return content


def refused(detail: str, *, vi: str, what: str = "signature") -> TrustError:
    return TrustError(detail, vi=f"{vi}.", what=what)
