"""Paths to a root (RFC 5280, 6.1), and what is asked of each certificate on them.

Revocation is not asked here (`statuses`), and nothing here touches the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from gateway.signing.certificates import strong
from gateway.signing.trust.words import Reason, refused

LONGEST_CHAIN = 8
"""Certificates that a message may bring; searching a path among more is work for an attacker's benefit."""


class Paths:
    """The roots of one trust, and what helps to reach them."""

    def __init__(self, roots: Sequence[x509.Certificate], intermediates: Sequence[x509.Certificate] = ()) -> None:
        self._roots = tuple(roots)
        self._intermediates = tuple(intermediates)

    def found(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime
    ) -> tuple[x509.Certificate, ...]:
        """From the certificate up to the root, both in it; `TrustError`."""
        if len(chain) > LONGEST_CHAIN:
            raise refused(Reason.BROKEN_PATH)
        from gateway.signing.trust.search import (
            search,  # certvalidator takes long to load, and most processes ask nobody
        )

        path = search(certificate, chain, roots=self._roots, intermediates=self._intermediates, at=at)
        _require_sound(path, at=at)
        return path


def may_issue(certificate: x509.Certificate) -> bool:
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return basic.ca and usage.key_cert_sign


def require_strong(certificate: x509.Certificate) -> None:
    """`TrustError`: a key that is not used any more."""
    try:
        key = strong(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if key is None:
        raise refused(Reason.WEAK)


def require_time(certificate: x509.Certificate, *, at: datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise refused(Reason.NOT_YET_VALID)
    if at > certificate.not_valid_after_utc:
        raise refused(Reason.EXPIRED)


def _require_sound(path: Sequence[x509.Certificate], *, at: datetime) -> None:
    """What RFC 5280 leaves open: the root has an end, too, and every key a size."""
    for one in path:
        require_strong(one)
    require_time(path[-1], at=at)
