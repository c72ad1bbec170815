"""Asking a responder about one certificate (RFC 6960), and believing the answer only if it is signed by the issuer or
by whom the issuer delegated, fresh, about this certificate and, where it says so, to our question."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.signing.certificates import strong
from gateway.signing.trust.signatures import require_signed
from gateway.signing.trust.statuses import Status

MEDIA_TYPE = "application/ocsp-request"
SKEW = timedelta(minutes=5)
UNSAID = timedelta(hours=1)
"""For how long an answer without a next update holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """About `certificate`, which `issuer` issued."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    nonce: bytes
    content: bytes
    """The request as it travels."""


def question(certificate: x509.Certificate, issuer: x509.Certificate) -> Question:
    """The certificate is named by SHA-1: it hides and proves nothing there, and many responders know no other."""
    nonce = secrets.token_bytes(16)
    built = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303 - see above
        .add_extension(x509.OCSPNonce(nonce), critical=False)
        .build()
    )
    content = built.public_bytes(serialization.Encoding.DER)
    return Question(certificate=certificate, issuer=issuer, nonce=nonce, content=content)


def read_answer(content: bytes, asked: Question, *, now: datetime) -> Status | None:
    """None: it tells nothing that could be believed, or that the responder does not know."""
    try:
        answer = ocsp.load_der_ocsp_response(content)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        _require_responder(answer, asked.issuer, now=now)
        single = next((one for one in answer.responses if _is_about(one, asked)), None)
        if single is None or not _is_answer_to(answer, asked.nonce):
            return None
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return None
    return _status(single, now=now)


def _status(single: ocsp.OCSPSingleResponse, *, now: datetime) -> Status | None:
    since, until = single.this_update_utc, single.next_update_utc or single.this_update_utc + UNSAID
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN or not since - SKEW <= now <= until + SKEW:
        return None
    return Status(since=since, until=until, revoked_at=single.revocation_time_utc)


def _is_about(single: ocsp.OCSPSingleResponse, asked: Question) -> bool:
    """The id of the certificate: serial number, and the hashes of the issuer's name and key."""
    algorithm = single.hash_algorithm.name
    if algorithm not in {"sha1", "sha256", "sha384", "sha512"}:
        return False
    key = x509.SubjectKeyIdentifier.from_public_key(asked.issuer.public_key()).digest
    if algorithm != "sha1":
        key = hashlib.new(algorithm, _bare_key(asked.issuer)).digest()
    name = hashlib.new(algorithm, asked.issuer.subject.public_bytes()).digest()
    same = (single.serial_number, single.issuer_name_hash, single.issuer_key_hash)
    return same == (asked.certificate.serial_number, name, key)


def _bare_key(issuer: x509.Certificate) -> bytes:
    from asn1crypto import keys  # only for responders that name by SHA-256

    whole = issuer.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return bytes(keys.PublicKeyInfo.load(whole)["public_key"].contents[1:])


def _is_answer_to(answer: ocsp.OCSPResponse, nonce: bytes) -> bool:
    """Many responders sign ahead and leave the nonce out; its times bound such an answer."""
    try:
        return answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    except x509.ExtensionNotFound:
        return True


def _require_responder(answer: ocsp.OCSPResponse, issuer: x509.Certificate, *, now: datetime) -> None:
    """`InvalidSignature`: neither the issuer nor a delegate of it signed this."""
    for one in (issuer, *_delegates(answer.certificates, issuer, now=now)):
        try:
            digest = answer.signature_hash_algorithm
            require_signed(answer.tbs_response_bytes, answer.signature, key=one.public_key(), digest=digest)
        except InvalidSignature:
            continue
        return
    raise InvalidSignature


def _delegates(
    given: Iterable[x509.Certificate], issuer: x509.Certificate, *, now: datetime
) -> Iterable[x509.Certificate]:
    """RFC 6960, 4.2.2.2: issued by the issuer itself, for signing such answers."""
    for one in list(given)[:4]:
        try:
            one.verify_directly_issued_by(issuer)
            uses = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
            continue
        in_time = one.not_valid_before_utc <= now <= one.not_valid_after_utc
        if in_time and ExtendedKeyUsageOID.OCSP_SIGNING in uses and strong(one.public_key()):
            yield one
