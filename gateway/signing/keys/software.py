"""A private key in memory, and a shared secret. Both do their work and show nothing of themselves."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.algorithms import SMALLEST_SECRET, Algorithm
from gateway.signing.certificates import strong, thumbprint
from gateway.signing.model import PublicKey

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
DIGESTS: dict[Algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    Algorithm.RS256: hashes.SHA256(),
    Algorithm.RS384: hashes.SHA384(),
    Algorithm.RS512: hashes.SHA512(),
    Algorithm.PS256: hashes.SHA256(),
    Algorithm.ES256: hashes.SHA256(),
    Algorithm.ES384: hashes.SHA384(),
}
RSA = frozenset({Algorithm.RS256, Algorithm.RS384, Algorithm.RS512, Algorithm.PS256})
_OAEP = OAEP(mgf=MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


class NotShown:
    """Is neither copied nor pickled: both would carry the key elsewhere."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise ConfigurationError("A key is not copied.", vi="Không sao chép khoá.", what="key")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        self.__reduce__()


class NamedKey(NotShown):
    """The part of `SigningKey` that is no secret, wherever the key itself is."""

    __slots__ = ("_certificate", "_chain", "_kid", "_public")

    def __init__(
        self,
        public: PublicKey,
        *,
        certificate: x509.Certificate | None = None,
        chain: Sequence[x509.Certificate] = (),
        kid: str = "",
    ) -> None:
        self._public = public
        self._certificate = certificate
        self._chain: Sequence[x509.Certificate] = tuple(chain)
        self._kid = kid or thumbprint(public)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kid={self._kid!r})"

    @property
    def kid(self) -> str:
        return self._kid

    @property
    def certificate(self) -> x509.Certificate | None:
        return self._certificate

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        return self._chain

    @property
    def public_key(self) -> PublicKey:
        return self._public

    @property
    def algorithms(self) -> frozenset[Algorithm]:
        return algorithms_of(self._public)


class SoftwareKey(NamedKey):
    """Implements `SigningKey` and `DecryptionKey`."""

    __slots__ = ("_key",)

    def __init__(
        self,
        key: PrivateKey,
        *,
        certificate: x509.Certificate | None = None,
        chain: Sequence[x509.Certificate] = (),
        kid: str = "",
    ) -> None:
        """`ConfigurationError`: the key is too weak, or of a kind that is not used."""
        super().__init__(require_strong(key.public_key()), certificate=certificate, chain=chain, kid=kid)
        self._key = key

    def sign(self, message: bytes, *, algorithm: Algorithm) -> bytes:
        require_fit(algorithm, self.algorithms)
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(message)
        digest = DIGESTS[algorithm]
        if isinstance(self._key, RSAPrivateKey):
            padding = PSS(MGF1(digest), digest.digest_size) if algorithm is Algorithm.PS256 else PKCS1v15()
            return self._key.sign(message, padding, digest)
        r, s = decode_dss_signature(self._key.sign(message, ECDSA(digest)))
        size = (self._key.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def authenticate(self, context: ssl.SSLContext) -> None:
        """Show this certificate to TLS servers that ask for one. ssl reads files alone: the key passes through memory
        that has no name, encrypted with a password that nobody else has seen, and the file is gone at once."""
        assert self._certificate is not None
        passing = secrets.token_hex(32).encode()
        hidden = serialization.BestAvailableEncryption(passing)
        content = self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)
        certificates = (self._certificate, *self._chain)
        content += b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)
        descriptor = os.memfd_create("tls", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, content)
            context.load_cert_chain(Path(f"/proc/self/fd/{descriptor}"), password=passing)
        finally:
            os.close(descriptor)

    def decrypt(self, ciphertext: bytes) -> bytes:
        try:
            if isinstance(self._key, RSAPrivateKey):
                return self._key.decrypt(ciphertext, _OAEP)
        except ValueError:
            # `from None`: one text for every failure, or it would be an oracle.
            raise does_not_open() from None
        raise does_not_open()

    def agree(self, theirs: EllipticCurvePublicKey) -> bytes:
        try:
            if isinstance(self._key, EllipticCurvePrivateKey) and theirs.curve.name == self._key.curve.name:
                return self._key.exchange(ECDH(), theirs)
        except ValueError:
            raise does_not_open() from None
        raise does_not_open()


class Secret(NotShown):
    """Implements `SharedSecret`, and `SigningKey` as far as a secret can: it has no public key."""

    __slots__ = ("_kid", "_secret")

    def __init__(self, secret: bytes, *, kid: str) -> None:
        """`ConfigurationError`: it is too short."""
        if len(secret) < SMALLEST_SECRET:
            raise ConfigurationError(
                f"A shared secret has {SMALLEST_SECRET} bytes at least.",
                vi=f"Khoá bí mật dùng chung phải có ít nhất {SMALLEST_SECRET} byte.",
                what="weak_key",
            )
        self._secret = secret
        self._kid = kid

    def __repr__(self) -> str:
        return f"Secret(kid={self._kid!r})"

    @property
    def kid(self) -> str:
        return self._kid

    @property
    def certificate(self) -> None:
        return None

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        return ()

    @property
    def public_key(self) -> PublicKey:
        """`ConfigurationError`, always."""
        raise ConfigurationError(
            "A shared secret has no public key.", vi="Khoá bí mật dùng chung không có khoá công khai.", what="key"
        )

    @property
    def algorithms(self) -> frozenset[Algorithm]:
        return frozenset({Algorithm.HS256})

    def sign(self, message: bytes, *, algorithm: Algorithm) -> bytes:
        require_fit(algorithm, self.algorithms)
        return self.digest(message)

    def digest(self, message: bytes) -> bytes:
        return hmac.digest(self._secret, message, hashlib.sha256)


def algorithms_of(key: PublicKey) -> frozenset[Algorithm]:
    if isinstance(key, EllipticCurvePublicKey):
        return frozenset({Algorithm.ES256 if key.key_size == 256 else Algorithm.ES384})
    return RSA if hasattr(key, "key_size") else frozenset({Algorithm.EDDSA})


def require_fit(algorithm: Algorithm, own: frozenset[Algorithm]) -> None:
    if algorithm not in own:
        raise ConfigurationError(
            f"This key does not sign with {algorithm}; it can {', '.join(sorted(own))}.",
            vi=f"Khoá này không ký bằng {algorithm}; chỉ dùng được {', '.join(sorted(own))}.",
            what="algorithm",
        )


def require_strong(key: object) -> PublicKey:
    good = strong(key)
    if good is None:
        raise ConfigurationError(
            "The key is too weak or of another kind: RSA from 2048 bits, P-256, P-384 or Ed25519.",
            vi="Khoá quá yếu hoặc không thuộc loại được dùng: RSA từ 2048 bit, P-256, P-384 hoặc Ed25519.",
            what="weak_key",
        )
    return good


def does_not_open() -> TrustError:
    return TrustError("The message does not open.", vi="Không giải mã được bản tin.", what="signature")
