"""Reading a revocation list (RFC 5280, 5): whole lists of the issuer itself, signed by it, not yet due for renewal."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from gateway.signing.trust.ocsp import SKEW
from gateway.signing.trust.signatures import DIGESTS
from gateway.signing.trust.statuses import Status

_PEM = b"-----BEGIN"
_UNDERSTOOD = (x509.CRLNumber, x509.AuthorityKeyIdentifier, x509.IssuingDistributionPoint)


def read_list(
    content: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime
) -> Status | None:
    """None: it is of another issuer, too old, not signed by it, or only a part."""
    try:
        listed = x509.load_pem_x509_crl(content) if content.startswith(_PEM) else x509.load_der_x509_crl(content)
        if not _is_whole(listed) or not _is_of(listed, issuer):
            return None
        since, until = listed.last_update_utc, listed.next_update_utc
        if until is None or not since - SKEW <= now <= until + SKEW:
            return None
        entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return None
    return Status(since=since, until=until, revoked_at=entry.revocation_date_utc if entry else None)


def _is_of(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    digest = listed.signature_hash_algorithm
    if listed.issuer != issuer.subject or not (digest is None or isinstance(digest, DIGESTS)):
        return False
    if not issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign:
        return False
    return listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # any other kind is refused there


def _is_whole(listed: x509.CertificateRevocationList) -> bool:
    """Neither a delta, nor indirect, nor for some reasons or kinds of certificates only."""
    for extension in listed.extensions:
        part = extension.value
        if extension.critical and not isinstance(part, _UNDERSTOOD):
            return False
        if isinstance(part, x509.IssuingDistributionPoint) and (
            part.indirect_crl
            or part.only_some_reasons
            or part.only_contains_user_certs
            or part.only_contains_ca_certs
            or part.only_contains_attribute_certs
        ):
            return False
    return True
