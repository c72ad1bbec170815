"""What a certificate was issued for. Signing wants a holder's, with digitalSignature or contentCommitment."""

from __future__ import annotations

from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.signing.settings import Domain
from gateway.signing.trust.words import Reason, refused

_SIGNING = {
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # document signing (RFC 9336)
    x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # the same, as Microsoft wrote it first
}
_ALSO_TECHNICAL = {ExtendedKeyUsageOID.SERVER_AUTH}
"""Between systems, one certificate often does for TLS and for messages."""


def require_signs(
    certificate: x509.Certificate,
    *,
    domain: Domain = Domain.TECHNICAL,
    is_pinned: bool = False,
    stamps: bool = False,
) -> None:
    """`TrustError`. A pinned certificate was chosen by a person, and may say nothing of its use. Who gives time stamps
    gives nothing else, and nobody else gives them (RFC 3161, 2.3)."""
    try:
        said = certificate.extensions
    except (ValueError, x509.DuplicateExtension) as exc:
        raise refused(Reason.BROKEN_PATH) from exc
    basic = _value(said, x509.BasicConstraints)
    usage = _value(said, x509.KeyUsage)
    extended = _value(said, x509.ExtendedKeyUsage)
    is_holder = is_pinned or basic is None or not basic.ca
    signs = is_pinned if usage is None else usage.digital_signature or usage.content_commitment
    allowed = _SIGNING | (_ALSO_TECHNICAL if domain is Domain.TECHNICAL else set())
    if stamps:
        fits = extended is not None and list(extended) == [ExtendedKeyUsageOID.TIME_STAMPING]
    else:
        fits = extended is None or bool(allowed & set(extended))
    if not (is_holder and signs and fits):
        raise refused(Reason.WRONG_USE)


T = TypeVar("T", bound=x509.ExtensionType)


def _value(said: x509.Extensions, kind: type[T]) -> T | None:
    try:
        return said.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
