"""Certificates that a stranger's message brings, read at one edge: what can go wrong in reading, goes wrong here."""

from __future__ import annotations

import warnings
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from gateway.sdk.errors import TrustError

# RFC 5280, 4.1.2.2: no serial number is to be written so, and whoever reads one should cope. Whether such a certificate
# is believed is not decided by its number, and a stranger's message writes no line of ours.
warnings.filterwarnings("ignore", message="Parsed a serial number which wasn't positive")

LARGEST = 16_384
"""Bytes of a certificate that is kept; a larger one is read anew each time."""


def unsafe_certificate(der: bytes) -> x509.Certificate:
    """Believed by nobody yet, and the same object for the same bytes. `TrustError`: it cannot be read."""
    return _kept(der) if len(der) <= LARGEST else _read(der)


@lru_cache(maxsize=256)
def _kept(der: bytes) -> x509.Certificate:
    return _read(der)


def _read(der: bytes) -> x509.Certificate:
    """`TrustError`: it cannot be read, wholly: the library reads some parts when they are asked
    for, and each part has errors of its own."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.subject, certificate.issuer, certificate.extensions, certificate.public_key()
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc, certificate.signature_algorithm_oid
        _ = certificate.serial_number
    except (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as exc:
        raise TrustError(
            "A certificate is unreadable.", vi="Không đọc được chứng thư số.", what="certificate_unreadable"
        ) from exc
    return certificate
