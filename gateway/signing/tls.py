"""TLS with one system or platform: TLS 1.2 or newer, its certificate always verified, its host name always compared.
There is no switch that turns any of it off."""

from __future__ import annotations

import hashlib
import hmac
import ssl
from collections.abc import Mapping
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from gateway.sdk.errors import ConfigurationError
from gateway.signing.keys.software import SoftwareKey
from gateway.signing.model import Keys
from gateway.signing.settings import TlsSettings


def client_context(
    tls: TlsSettings | None, keys: Mapping[str, Keys], *, at: datetime, name: str = "tls"
) -> ssl.SSLContext:
    """For connections that we open. `ConfigurationError`: a file or key that cannot be used; `name` says whose."""
    own = tls or TlsSettings()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which verifies, and compares host names
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    _take_roots(context, own, name=name)
    if own.key:
        take_key(context, own.key, keys, at=at, name=name)
    if own.pinned:
        _pin(context, frozenset(own.pinned))
    return context


def _take_roots(context: ssl.SSLContext, own: TlsSettings, *, name: str) -> None:
    if not own.ca:
        context.load_default_certs()
    for path in own.ca:
        try:
            context.load_verify_locations(path)
        except (OSError, ssl.SSLError) as exc:
            raise ConfigurationError(
                f"{name}.ca: {path.name} is not readable as PEM certificates.",
                vi=f"{name}.ca: không đọc được chứng thư số (PEM) trong tệp {path.name}.",
                what="certificate",
            ) from exc


def take_key(context: ssl.SSLContext, wanted: str, keys: Mapping[str, Keys], *, at: datetime, name: str) -> None:
    """Show our certificate; `name` says whose setting it is. `ConfigurationError`: there is no such key, or none that
    TLS can use."""
    if wanted not in keys:
        raise ConfigurationError(
            f"{name}.key: there is no [[keys.{wanted}]].", vi=f"{name}.key: không có [[keys.{wanted}]].", what="key"
        )
    key = keys[wanted].signing(at)
    if not isinstance(key, SoftwareKey) or key.certificate is None:
        raise ConfigurationError(
            f"{name}.key: TLS wants a key in a file (pkcs12 or pem) that has a certificate; one in an HSM cannot.",
            vi=f"{name}.key: TLS cần khoá trong tệp (pkcs12 hoặc pem) kèm chứng thư số; khoá trong HSM thì không.",
            what="key",
        )
    key.authenticate(context)


def _pin(context: ssl.SSLContext, pins: frozenset[str]) -> None:
    """Beside all the rest, in the handshake itself: nothing is sent to another key."""

    class Pinned(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            _require_pinned(self.getpeercert(binary_form=True), pins)

    class PinnedSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            _require_pinned(self.getpeercert(binary_form=True), pins)

    context.sslobject_class = Pinned
    context.sslsocket_class = PinnedSocket


def _require_pinned(certificate: bytes | None, pins: frozenset[str]) -> None:
    if certificate is None or not any(hmac.compare_digest(key_digest(certificate), pin) for pin in pins):
        # ssl's own error, since this runs inside its handshake; `exchange.transport` translates it like the others.
        failed = ssl.SSLCertVerificationError("the peer's key is not pinned")
        raise failed


def key_digest(certificate: bytes) -> str:
    """What `pinned` holds: SHA-256 of the public key (SPKI) of a certificate in DER, in hex."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return ""
    whole = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(whole).hexdigest()
