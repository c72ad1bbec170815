"""A made-up authority's OCSP responder and revocation list, which can be right, silent, late or false: an ASGI program.

`POST /ocsp` answers a request, `GET /crl` is the list.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from mocks._kit.pki import NOW, Authority, Holder

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class State(StrEnum):
    """What the responder does today."""

    RIGHT = "right"
    DOWN = "down"
    """Answers 503; of a fake network: nothing."""
    STALE = "stale"
    """Answers of last week."""
    WRONG_SIGNER = "wrong_signer"
    UNKNOWN = "unknown"
    """Knows no certificate."""
    OTHER = "other"
    """Answers about another certificate."""
    OTHER_NONCE = "other_nonce"


@dataclass(slots=True, kw_only=True)
class Responder:
    """`authority` issued what it is asked about. `delegate` signs answers in its place; `stranger` when it is false."""

    authority: Authority
    stranger: Authority
    delegate: Holder | None = None
    state: State = State.RIGHT
    crl_state: State = State.RIGHT
    now: datetime = NOW
    holds: timedelta = timedelta(hours=1)
    named_by: hashes.SHA1 | hashes.SHA256 = field(default_factory=hashes.SHA1)
    """Digest in the ids of certificates; RFC 5019 wants SHA-1, newer responders write SHA-256."""
    revoked: dict[int, datetime] = field(default_factory=dict)
    """Serial number to the time of revocation."""
    asked: int = 0

    def revoke(self, certificate: x509.Certificate, *, at: datetime) -> None:
        self.revoked[certificate.serial_number] = at

    def answer(self, content: bytes, certificate: x509.Certificate) -> bytes:
        """DER. `certificate`: the one that is asked about."""
        self.asked += 1
        request = ocsp.load_der_ocsp_request(content)
        about = self.authority.certificate if self.state is State.OTHER else certificate
        if self.state is State.UNKNOWN or request.serial_number != certificate.serial_number:
            refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
            return refused.public_bytes(serialization.Encoding.DER)
        since = self.now - timedelta(days=7) if self.state is State.STALE else self.now
        revoked_at = self.revoked.get(certificate.serial_number)
        signer = self._signer
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                about,
                self.authority.certificate,
                self.named_by,
                ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
                since,
                since + self.holds,
                revoked_at,
                x509.ReasonFlags.key_compromise if revoked_at else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
            .certificates([signer.certificate])
            .add_extension(self._nonce(request), critical=False)
        )
        return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def listed(self) -> bytes:
        """The revocation list, DER."""
        since = self.now - timedelta(days=7) if self.crl_state is State.STALE else self.now
        signer = self.stranger if self.crl_state is State.WRONG_SIGNER else self.authority
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.authority.certificate.subject)
            .last_update(since)
            .next_update(since + self.holds)
        )
        for serial, at in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    @property
    def _signer(self) -> Holder:
        if self.state is State.WRONG_SIGNER:
            return self.stranger
        return self.delegate or self.authority

    def _nonce(self, request: ocsp.OCSPRequest) -> x509.OCSPNonce:
        if self.state is State.OTHER_NONCE:
            return x509.OCSPNonce(b"another question")
        return request.extensions.get_extension_for_class(x509.OCSPNonce).value


class ResponderApp:
    """The responder over HTTP, for the certificates that it is told of."""

    def __init__(self, responder: Responder, certificates: list[x509.Certificate]) -> None:
        self._responder = responder
        self._known = certificates

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        status, content = self._reply(scope["path"], await _body(receive)) if scope["type"] == "http" else (404, b"")
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})

    def _reply(self, path: str, content: bytes) -> tuple[int, bytes]:
        own = self._responder
        state = own.crl_state if path == "/crl" else own.state
        if state is State.DOWN:
            return 503, b""
        if path == "/crl":
            return 200, own.listed()
        serial = ocsp.load_der_ocsp_request(content).serial_number
        about = next((one for one in self._known if one.serial_number == serial), own.stranger.certificate)
        return 200, own.answer(content, about)


async def _body(receive: Receive) -> bytes:
    content, more = b"", True
    while more:
        part = await receive()
        content += part.get("body", b"")
        more = part.get("more_body", False)
    return content
