"""Opens a JWE with a key of ours, wherever it lives. Whatever is wrong, a stranger is told the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from gateway.sdk.errors import TrustError
from gateway.signing.model import DecryptionKey
from gateway.signing.web import tokens
from gateway.signing.web.raw import from_base64url, refused

CURVES = {"P-256": "secp256r1", "P-384": "secp384r1"}
_BY_NAME: dict[str, type[ec.EllipticCurve]] = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1}
_KNOWN = {"alg", "enc", "kid", "cty", "typ", "epk", "apu", "apv", "iat"}
"""`zip` is none of them: what a small message grows to is known to nobody (RFC 8725, 3.6). Nor is `crit`."""
_KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 12, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The five parts. `header` was authenticated when `opened` has returned."""

    header: dict[str, Any]
    associated: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)

    @property
    def kid(self) -> str:
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else ""

    @property
    def content_type(self) -> object:
        return self.header.get("cty")

    def opened(self, key: DecryptionKey) -> bytes:
        """The plaintext; `TrustError` unless every bit is as it was encrypted to this key."""
        content_key = _content_key(self, key)
        if len(content_key) != _KEY_BYTES:
            raise _does_not_open()
        try:
            return AESGCM(content_key).decrypt(self.nonce, self.ciphertext, self.associated)
        except InvalidTag as exc:
            raise _does_not_open() from exc


def from_compact(content: bytes) -> Sealed:
    """RFC 7516, 7.1."""
    try:
        parts = content.decode("ascii").split(".")
    except UnicodeDecodeError as exc:
        raise _does_not_open() from exc
    if len(parts) != 5 or len(parts[0]) > tokens.LONGEST_HEADER:
        raise _does_not_open()
    header = tokens.strict(from_base64url(parts[0]))
    wrapped_key, nonce, ciphertext, tag = (from_base64url(part) for part in parts[1:])
    # A short tag is a weak one, and AES-GCM of this library would take the ciphertext's end for it.
    if not header.keys() <= _KNOWN or header.get("enc") != "A256GCM" or len(nonce) != _NONCE_BYTES:
        raise _does_not_open()
    if len(tag) != _TAG_BYTES:
        raise _does_not_open()
    return Sealed(
        header=header, associated=parts[0].encode(), wrapped_key=wrapped_key, nonce=nonce, ciphertext=ciphertext + tag
    )


def _content_key(sealed: Sealed, key: DecryptionKey) -> bytes:
    """By the algorithm that fits our key; the message does not choose."""
    algorithm, ours = sealed.header.get("alg"), key.public_key
    if isinstance(ours, RSAPublicKey) and algorithm == "RSA-OAEP-256":
        return key.decrypt(sealed.wrapped_key)
    if isinstance(ours, ec.EllipticCurvePublicKey) and algorithm == "ECDH-ES" and not sealed.wrapped_key:
        return agreed_key(sealed.header, key, name="A256GCM")
    if isinstance(ours, ec.EllipticCurvePublicKey) and algorithm == "ECDH-ES+A256KW":
        try:
            return aes_key_unwrap(agreed_key(sealed.header, key, name=algorithm), sealed.wrapped_key)
        except (InvalidUnwrap, ValueError) as exc:
            raise _does_not_open() from exc
    raise _does_not_open()


def agreed_key(header: dict[str, Any], key: DecryptionKey, *, name: str) -> bytes:
    """Concat KDF (RFC 7518, 4.6.2): 256 bits, bound to what they are for and to both parties."""
    shared = key.agree(_ephemeral(header.get("epk")))
    parts = [name.encode(), *(_party(header.get(party)) for party in ("apu", "apv"))]
    told = b"".join(len(part).to_bytes(4, "big") + part for part in parts) + (8 * _KEY_BYTES).to_bytes(4, "big")
    return ConcatKDFHash(algorithm=SHA256(), length=_KEY_BYTES, otherinfo=told).derive(shared)


def _ephemeral(epk: object) -> ec.EllipticCurvePublicKey:
    """A point on the curve: another one would tell our key, bit by bit (the library checks it)."""
    if not isinstance(epk, dict) or epk.get("kty") != "EC" or epk.get("crv") not in _BY_NAME:
        raise _does_not_open()
    x, y = epk.get("x"), epk.get("y")
    if not isinstance(x, str) or not isinstance(y, str):
        raise _does_not_open()
    at_x, at_y = (int.from_bytes(from_base64url(part), "big") for part in (x, y))
    try:
        return ec.EllipticCurvePublicNumbers(at_x, at_y, _BY_NAME[epk["crv"]]()).public_key()
    except ValueError as exc:
        raise _does_not_open() from exc


def _party(text: object) -> bytes:
    if text is None:
        return b""
    if not isinstance(text, str):
        raise _does_not_open()
    return from_base64url(text)


def _does_not_open() -> TrustError:
    return refused("The message does not open.", vi="Không giải mã được bản tin")
