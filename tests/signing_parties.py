"""Two parties who sign for each other: keys in memory and what each believes, of the shapes of `gateway.signing.model`.
Keys are made when the tests run; none is in any file."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.model import Keys, PublicKey, SharedSecret, SigningKey, Trust
from gateway.signing.protection import Mark, Message, Protection
from gateway.signing.settings import Domain, ProtectionSettings
from gateway.signing.web import build

AT = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
OURS, THEIRS = "tinh", "c06"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
HASHES: Mapping[Algorithm, HashAlgorithm] = {
    Algorithm.RS256: SHA256(),
    Algorithm.RS384: SHA384(),
    Algorithm.RS512: SHA512(),
    Algorithm.PS256: SHA256(),
    Algorithm.ES256: SHA256(),
    Algorithm.ES384: SHA384(),
}


@cache
def private_key(kind: str, name: str) -> Private:
    """One of each kind for each name: RSA keys are slow to make."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key({"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[kind])


@dataclass(frozen=True)
class MemoryKey:
    """Implements `SigningKey` and `DecryptionKey`."""

    kid: str
    private: Private = field(repr=False)
    certificate: x509.Certificate | None = None
    chain: Sequence[x509.Certificate] = ()
    signed: list[bytes] = field(default_factory=list, repr=False)

    @property
    def public_key(self) -> PublicKey:
        return self.private.public_key()

    @property
    def algorithms(self) -> frozenset[Algorithm]:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return frozenset({Algorithm.RS256, Algorithm.RS384, Algorithm.RS512, Algorithm.PS256})
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return frozenset({Algorithm.EDDSA})
        return frozenset({Algorithm.ES256 if self.private.curve.name == "secp256r1" else Algorithm.ES384})

    def sign(self, message: bytes, *, algorithm: Algorithm) -> bytes:
        self.signed.append(message)
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(HASHES[algorithm])))
            size = (self.private.key_size + 7) // 8
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        scheme: Any = padding.PKCS1v15()
        if algorithm is Algorithm.PS256:
            scheme = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=32)
        return self.private.sign(message, scheme, HASHES[algorithm])

    def decrypt(self, ciphertext: bytes) -> bytes:
        assert isinstance(self.private, rsa.RSAPrivateKey)
        try:
            return self.private.decrypt(ciphertext, padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
        except ValueError as exc:
            raise TrustError("It does not open.", vi="Không giải mã được.") from exc

    def agree(self, theirs: ec.EllipticCurvePublicKey) -> bytes:
        assert isinstance(self.private, ec.EllipticCurvePrivateKey)
        try:
            return self.private.exchange(ec.ECDH(), theirs)
        except ValueError as exc:
            raise TrustError("Another curve.", vi="Khác đường cong.") from exc


@dataclass(frozen=True)
class MemoryKeys:
    """Implements `Keys`: the first one signs, all of them open."""

    keys: Sequence[SigningKey]

    def signing(self, at: datetime) -> SigningKey:
        if not self.keys:
            raise ConfigurationError("No key is in force.", vi="Không có khoá nào đang hiệu lực.")
        return self.keys[0]

    def accepted(self, at: datetime) -> Sequence[SigningKey]:
        return self.keys


@dataclass(frozen=True)
class Secret:
    """Implements `SharedSecret`."""

    kid: str
    value: bytes = field(repr=False)

    def digest(self, message: bytes) -> bytes:
        return hmac.digest(self.value, message, hashlib.sha256)


@dataclass
class Believing:
    """Implements `Trust` with keys by name."""

    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    secrets: Mapping[str, SharedSecret] = field(default_factory=dict)
    pinned: Sequence[x509.Certificate] = ()
    domain: Domain = Domain.OFFICIAL
    learned: list[x509.Certificate] = field(default_factory=list)

    def check(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime, stamps: bool = False
    ) -> None:
        if certificate not in self.pinned:
            raise TrustError("A certificate that nobody pinned.", vi="Chứng thư số lạ.", what="certificate")
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise TrustError("A certificate out of its time.", vi="Chứng thư số hết hạn.", what="certificate")

    def public_key(self, kid: str, *, at: datetime) -> PublicKey:
        if kid not in self.keys:
            raise TrustError("An unknown key.", vi="Khoá lạ.", what="unknown_key")
        return self.keys[kid]

    def secret(self, kid: str = "", *, at: datetime) -> SharedSecret:
        if not self.secrets:
            raise TrustError("There is no secret here.", vi="Không có khoá bí mật.", what="unknown_key")
        if kid and kid not in self.secrets:
            raise TrustError("An unknown secret.", vi="Khoá bí mật lạ.", what="unknown_key")
        return self.secrets[kid] if kid else next(iter(self.secrets.values()))

    async def learn(self, certificates: Sequence[x509.Certificate], *, at: datetime) -> None:
        self.learned.extend(certificates)


def rule(scheme: str, **rest: Any) -> ProtectionSettings:
    return ProtectionSettings.model_validate({"scheme": scheme, "key": OURS, "trust": THEIRS, **rest})


def protection(settings: ProtectionSettings, *, keys: Sequence[SigningKey] = (), trust: Trust) -> Protection:
    held: Keys = MemoryKeys(keys)
    return build(settings, keys={OURS: held}, trust={THEIRS: trust})


@dataclass(frozen=True)
class Pair:
    """We and a partner, who hold one rule: what one signs, the other verifies."""

    us: Protection
    them: Protection
    our_key: MemoryKey
    their_key: MemoryKey
    trust_in_us: Believing
    trust_in_them: Believing


def pair(scheme: str, *, kind: str = "p256", **rest: Any) -> Pair:
    ours, theirs = MemoryKey("us-1", private_key(kind, "us")), MemoryKey("them-1", private_key(kind, "them"))
    in_us, in_them = Believing({ours.kid: ours.public_key}), Believing({theirs.kid: theirs.public_key})
    settings = rule(scheme, **rest)
    if scheme == "hmac":
        both = {"secret-1": Secret("secret-1", b"a made-up secret of thirty-two b")}
        in_us, in_them = Believing(secrets=both), Believing(secrets=both)
    us = protection(settings, keys=[ours], trust=in_them)
    them = protection(settings, keys=[theirs], trust=in_us)
    return Pair(us, them, ours, theirs, in_us, in_them)


def request(content: bytes = b'{"soDinhDanh":"099000000001"}', **rest: Any) -> Message:
    given: dict[str, Any] = {
        "headers": {"content-type": "application/json", "x-request": "1"},
        "method": "POST",
        "url": "https://partner.example/v1/citizens?lang=vi",
    }
    return Message(content=content, **(given | rest))


def reply(content: bytes = b'{"hoTen":"Nguyen Van A"}', *, status: int = 200, **rest: Any) -> Message:
    return Message(content=content, status=status, **({"headers": {"content-type": "application/json"}} | rest))


def changed(message: Message, **headers: str | None) -> Message:
    """With other headers, or without those that are None; `_` stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in message.headers.items() if name not in named}
    return replace(message, headers=kept | {name: value for name, value in named.items() if value is not None})


class Stack:
    """Several schemes, the first one innermost, as `exchange.safeguards.Safeguard` puts them around a message."""

    def __init__(self, layers: Sequence[Protection]) -> None:
        self._layers = tuple(layers)

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        for layer in self._layers:
            message = layer.sign(message, at=at, answers=answers)
        return message

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:
        for layer in reversed(self._layers):
            layer.verify(message, at=at, answers=answers)
            message = layer.reveal(message)

    def reveal(self, message: Message) -> Message:
        for layer in reversed(self._layers):
            message = layer.reveal(message)
        return message

    def mark(self, message: Message) -> Mark:
        """Of the innermost: an outer one may be made anew around the same message."""
        for layer in reversed(self._layers[1:]):
            message = layer.reveal(message)
        return self._layers[0].mark(message)

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:
        """Of the outermost; what stands inside is not readable before it is verified."""
        return self._layers[-1].unsafe_certificates(message)
