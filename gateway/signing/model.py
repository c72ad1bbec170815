"""What others may ask of the keys. `Keyring` does all three; each caller takes only the port that it needs.

`purpose` names the use, for example `outbox/tinh-a`. It is bound into the result: what was sealed or digested for one
purpose is worth nothing under another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from gateway.signing.algorithms import Algorithm
from gateway.signing.record import RecordKey
from gateway.signing.settings import Domain


class Sealer(Protocol):
    """Encrypts what is stored about people."""

    def seal(self, plaintext: bytes, *, purpose: str) -> bytes: ...

    def seal_each(self, plaintexts: Sequence[bytes], *, purpose: str) -> list[bytes]:
        """`seal` of each, which costs less together."""

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """The plaintext; `IntegrityError` when it was altered, sealed for another purpose or by an unknown key."""


class RecordSealer(Sealer, Protocol):
    """Encrypts records of many parts, each with a key of its own (`gateway.signing.record`)."""

    def new_record(self, *, purpose: str) -> RecordKey: ...

    def open_record(self, wrapped: bytes, *, purpose: str) -> RecordKey:
        """The data key that was wrapped so; `IntegrityError` as of `unseal`."""

    def rewrap(self, wrapped: bytes, *, purpose: str) -> bytes:
        """The same data key under the newest KEK; `IntegrityError` as of `unseal`."""

    @property
    def kek_id(self) -> bytes:
        """Names the newest KEK."""


class Signer(Protocol):
    """Signs with Ed25519 (RFC 8032). Anyone who holds `public_key` can check."""

    @property
    def public_key(self) -> bytes:
        """32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""


class Digester(Protocol):
    """Recognises a secret without storing it."""

    def digest(self, secret: bytes, *, purpose: str) -> bytes:
        """32 bytes, HMAC-SHA-256. Compare with `hmac.compare_digest`."""


PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


class SigningKey(Protocol):
    """One private key, in memory or in an HSM, with the certificate that names its holder. It shows no secret."""

    @property
    def kid(self) -> str: ...

    @property
    def certificate(self) -> x509.Certificate | None: ...

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        """Intermediates, without the certificate itself and without the root."""

    @property
    def public_key(self) -> PublicKey: ...

    @property
    def algorithms(self) -> frozenset[Algorithm]:
        """What it can sign with."""

    def sign(self, message: bytes, *, algorithm: Algorithm) -> bytes:
        """The raw signature of `message` (hashed here); of ECDSA r ‖ s, as JOSE and XML want it."""


@runtime_checkable
class DecryptionKey(Protocol):
    """A `SigningKey` that also opens what was encrypted to its public key. Those of an HSM may or may not."""

    @property
    def kid(self) -> str: ...

    @property
    def public_key(self) -> PublicKey: ...

    def decrypt(self, ciphertext: bytes) -> bytes:
        """RSA-OAEP with SHA-256 and MGF1-SHA-256 (RFC 8017, 7.1.2). `TrustError`: it does not open."""

    def agree(self, theirs: EllipticCurvePublicKey) -> bytes:
        """The shared secret of ECDH, not yet a key. `TrustError`: a key of another curve."""


class Keys(Protocol):
    """All keys of one name in the settings: a rotation with an overlap window."""

    def signing(self, at: datetime) -> SigningKey:
        """The youngest in force; `ConfigurationError` when there is none."""

    def accepted(self, at: datetime) -> Sequence[SigningKey]:
        """Those that partners may still encrypt to, or verify with, youngest first."""


class Trust(Protocol):
    """Whose signatures are believed in one place: the partner's, never ours. Raises `TrustError`, in words."""

    @property
    def domain(self) -> Domain: ...

    def check(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime, stamps: bool = False
    ) -> None:
        """Pinned, or of a path to a root of this domain with an allowed name, valid at `at`, and not revoked as far
        as `learn` knows. Issued for signing; with `stamps` for time stamps and nothing else. Asks no network."""

    def public_key(self, kid: str, *, at: datetime) -> PublicKey:
        """The partner's key of that id, checked as above where it has a certificate."""

    def secret(self, kid: str = "", *, at: datetime) -> SharedSecret:
        """The shared secret; `TrustError` when this trust has none: a public key is never one."""

    async def learn(self, certificates: Sequence[x509.Certificate], *, at: datetime) -> None:
        """Fetch what is not yet known of their revocation (OCSP, else CRL); of none: of those pinned, which a message
        may name by its key id. Never raises: `check` tells."""


@runtime_checkable
class SharedSecret(Protocol):
    """Computes an HMAC and shows nothing."""

    @property
    def kid(self) -> str: ...

    def digest(self, message: bytes) -> bytes:
        """HMAC-SHA-256, 32 bytes."""
