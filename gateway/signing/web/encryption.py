"""JWE around a body (RFC 7516, compact): A256GCM under a key that RSA-OAEP-256, ECDH-ES or ECDH-ES+A256KW carries.

It hides, and proves no sender: anybody may encrypt to us. So it is a layer around a scheme that signs, and alone it
marks nothing. joserfc encrypts; what opens is `opening`, since our private keys may live in an HSM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.algorithms import SMALLEST_RSA
from gateway.signing.explaining import Remark
from gateway.signing.model import DecryptionKey, Keys, PublicKey, Trust
from gateway.signing.protection import Mark, Message
from gateway.signing.settings import ProtectionSettings
from gateway.signing.web import seen
from gateway.signing.web.opening import CURVES, from_compact
from gateway.signing.web.options import JweOptions, read
from gateway.signing.web.raw import refused
from gateway.signing.web.wrapping import unwrapped, wrapped

_TYPE = "application/jose"


class JweProtection:
    """Mã hoá bản tin JSON. Implements `Protection`. A message without a body stays as it is."""

    def __init__(self, keys: Keys, trust: Trust, rule: ProtectionSettings) -> None:
        self._keys = keys
        self._trust = trust
        self._options = read(rule, JweOptions)
        self._verified_with: dict[str, DecryptionKey] = {}
        """By kid. A message is revealed with the key that it was verified with: `reveal` is told no time."""
        if not self._options.recipient:
            raise _configured("recipient: the partner's kid is missing")

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:  # noqa: ARG002 - what a reply answers is signed by the layer beneath
        if not message.content:
            return message
        key = self._recipient(at)
        header = {"alg": self._algorithm(key), "enc": "A256GCM", "kid": self._options.recipient}
        if kind := message.headers.get("content-type", ""):
            header["cty"] = kind
        return wrapped(message, _encrypted(header, message.content, key), kind=_TYPE)

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:  # noqa: ARG002 - as above
        """That it is whole and for us. Who sent it is told by the layer beneath."""
        if not message.content:
            return
        sealed = from_compact(message.content)
        key = self._ours(sealed.kid, at=at)
        sealed.opened(key)
        self._verified_with[key.kid] = key

    def explain(self, message: Message, *, at: datetime, answers: Message | None = None) -> Iterator[Remark]:  # noqa: ARG002 - as above
        """Implements `Explains`, without a key."""
        yield seen.encrypted(from_compact(message.content).header, [key.kid for key in self._keys.accepted(at)])

    def reveal(self, message: Message) -> Message:
        if not message.content:
            return message
        sealed = from_compact(message.content)
        key = self._verified_with.get(sealed.kid)
        if key is None:
            raise _for_another()
        return unwrapped(message, sealed.opened(key), kind=sealed.content_type)

    def mark(self, message: Message) -> Mark:  # noqa: ARG002 - nothing that it says would do
        raise _configured("it proves no sender, a rule that signs must stand beneath it")

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:  # noqa: ARG002 - it brings none
        return ()

    def _ours(self, kid: str, *, at: datetime) -> DecryptionKey:
        key = next((key for key in self._keys.accepted(at) if key.kid == kid), None)
        if key is None:
            raise _for_another()
        if not isinstance(key, DecryptionKey):
            raise _configured("our key cannot decrypt where it lives")
        return key

    def _recipient(self, at: datetime) -> RSAPublicKey | EllipticCurvePublicKey:
        key: PublicKey = self._trust.public_key(self._options.recipient, at=at)
        if isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_RSA:
            return key
        if isinstance(key, EllipticCurvePublicKey) and key.curve.name in CURVES.values():
            return key
        raise _configured("recipient: nothing can be encrypted to the partner's key")

    def _algorithm(self, key: PublicKey) -> str:
        return "RSA-OAEP-256" if isinstance(key, RSAPublicKey) else self._options.agreement


def _encrypted(header: dict[str, Any], content: bytes, key: RSAPublicKey | EllipticCurvePublicKey) -> bytes:
    jwk = RSAKey.import_key(key) if isinstance(key, RSAPublicKey) else ECKey.import_key(key)
    try:
        return jwe.encrypt_compact(header, content, jwk, algorithms=[header["alg"], header["enc"]]).encode()
    except (JoseError, ValueError) as exc:
        raise _configured("the partner's key was refused") from exc


def _configured(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The scheme jwe cannot be used: {why}.", vi=f"Chưa dùng được cơ chế jwe: {why}.", what="protection"
    )


def _for_another() -> TrustError:
    return refused("The message is encrypted to a key that is not ours.", vi="Bản tin được mã hoá cho khoá khác")
