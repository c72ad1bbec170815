"""The search for a path, by certvalidator: basic constraints, key usage, path length, names, policies, times.

cryptography's verifier is made for TLS: it wants a host name or an e-mail address in each certificate, and tells no
reasons apart.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from asn1crypto import algos, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    PathValidationError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import AlgorithmUsageConstraint, AlgorithmUsagePolicy

from gateway.signing.algorithms import SMALLEST_RSA
from gateway.signing.certificates import der
from gateway.signing.trust.path import may_issue
from gateway.signing.trust.words import Reason, refused

_DIGESTS = {"sha256", "sha384", "sha512"}
_SIGNATURES = {"rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "ed25519"}
_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (ExpiredError, Reason.EXPIRED),
    (NotYetValidError, Reason.NOT_YET_VALID),
    (DisallowedAlgorithmError, Reason.WEAK),
    (PathBuildingError, Reason.UNKNOWN_ISSUER),
    (InvalidCertificateError, Reason.UNKNOWN_ISSUER),  # self-signed
)


def search(
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    *,
    roots: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate],
    at: datetime,
) -> tuple[x509.Certificate, ...]:
    """From the certificate up to a root, both in it; `TrustError`."""
    context = ValidationContext(
        trust_roots=[_kept(one) for one in roots],
        other_certs=[_kept(one) for one in intermediates],
        moment=at,
        revocation_mode="soft-fail",  # asked for by `statuses`; nothing is fetched
        allow_fetching=False,
        time_tolerance=timedelta(0),
        algorithm_usage_policy=_Allowed(),
    )
    try:
        validator = CertificateValidator(_asn1(certificate), [_asn1(one) for one in chain], context)
        whole = _run(validator.async_validate_path())
    except (ValidationError, PathBuildingError) as exc:
        raise refused(_reason(exc, chain)) from exc
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm) as exc:  # a malformed one
        raise refused(Reason.BROKEN_PATH) from exc
    found = reversed(list(whole.iter_certs(include_root=True)))
    return tuple(x509.load_der_x509_certificate(one.dump()) for one in found)


def _reason(exc: Exception, chain: Sequence[x509.Certificate]) -> Reason:
    for kind, reason in _REASONS:
        if isinstance(exc, kind):
            return reason
    if isinstance(exc, PathValidationError) and any(not may_issue(one) for one in chain):
        return Reason.WRONG_USE
    return Reason.BROKEN_PATH


class _Allowed(AlgorithmUsagePolicy):
    """A list of what may be used, not of what may not."""

    def digest_algorithm_allowed(
        self,
        algo: algos.DigestAlgorithm,
        moment: datetime | None,  # noqa: ARG002 - the signature is theirs
    ) -> AlgorithmUsageConstraint:
        return AlgorithmUsageConstraint(algo["algorithm"].native in _DIGESTS)

    def signature_algorithm_allowed(
        self,
        algo: algos.SignedDigestAlgorithm,
        moment: datetime | None,  # noqa: ARG002 - as above
        public_key: keys.PublicKeyInfo | None,
    ) -> AlgorithmUsageConstraint:
        try:
            name = algo.signature_algo
            is_digest = name == "ed25519" or algo.hash_algo in _DIGESTS
        except ValueError:
            return AlgorithmUsageConstraint(False)
        is_large = public_key is None or public_key.algorithm != "rsa" or public_key.bit_size >= SMALLEST_RSA
        return AlgorithmUsageConstraint(name in _SIGNATURES and is_digest and is_large)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Without the network theirs never waits, so it runs in one step, inside an event loop or not."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    raise refused(Reason.BROKEN_PATH)


@lru_cache(maxsize=256)
def _kept(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """Of the settings: the same few each time."""
    return _asn1(certificate)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(der(certificate))
