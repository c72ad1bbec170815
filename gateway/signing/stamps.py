"""Time stamps (dấu thời gian; RFC 3161, RFC 5816): asked of an authority, and verified offline years after.

A token holds its own certificates. It is checked at the time that it names, so a certificate that has expired since
does no harm (SIG-06); whether the authority is believed is told by a trust of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import HashAlgorithm, PKIStatus, TimestampRequestBuilder, decode_timestamp_response

from gateway.sdk.errors import TransientRemoteError, TrustError
from gateway.sdk.wire import WireReply, WireRequest
from gateway.signing.model import Trust
from gateway.signing.stamp_token import Opened, opened, refused, unreadable

_AHEAD = timedelta(seconds=300)
"""By so much two clocks may differ (SEC-05)."""
_ASKED, _ANSWERED = "application/timestamp-query", "application/timestamp-reply"


class StampTransport(Protocol):
    """The way to the authority, as `gateway.exchange.transport` has it."""

    async def send(self, request: WireRequest) -> WireReply:
        """`TransientRemoteError` or `Unsettled`: there is no answer."""


class StampReader:
    """Verifies tokens of one trust."""

    def __init__(self, trust: Trust, *, clock: Callable[[], datetime]) -> None:
        self._trust = trust
        self._clock = clock

    def verify(self, token: bytes, message: bytes) -> datetime:
        """The time that it proves of `message`. `TrustError`. Asks nobody."""
        return verify_stamp(token, message=message, trust=self._trust, at=self._clock())


class Stamper(StampReader):
    """Asks one authority."""

    def __init__(self, transport: StampTransport, *, url: str, trust: Trust, clock: Callable[[], datetime]) -> None:
        super().__init__(trust, clock=clock)
        self._transport = transport
        self._url = url

    async def stamp(self, message: bytes) -> bytes:
        """A token over `message` (DER of a TimeStampToken), verified. The authority sees a digest, and nothing else.

        `TransientRemoteError`: it does not answer; a stamp may be asked for again at any time. `TrustError`: what it
        answered is no stamp of this message, now, by somebody who may give one.
        """
        asked = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
        token = granted_token(await self._answer(asked.as_bytes()))
        now = self._clock()
        await self._trust.learn(unsafe_certificates(token), at=now)
        made = verify_stamp(token, message=message, trust=self._trust, at=now, nonce=asked.nonce)
        if made < now - _AHEAD:
            raise refused("The stamp is older than the request for it.", vi="Dấu thời gian có trước khi được yêu cầu")
        return token

    async def _answer(self, asked: bytes) -> bytes:
        headers = {"Content-Type": _ASKED, "Accept": _ANSWERED}
        reply = await self._transport.send(WireRequest(method="POST", url=self._url, headers=headers, content=asked))
        if reply.status != 200:
            raise TransientRemoteError(
                "The time-stamping authority did not answer.", vi="Dịch vụ dấu thời gian chưa trả lời."
            )
        return reply.content


def granted_token(reply: bytes) -> bytes:
    """The TimeStampToken of a TimeStampResp. `TrustError`: the authority did not grant it."""
    try:
        response = decode_timestamp_response(reply)
        token = response.time_stamp_token() if response.status == PKIStatus.GRANTED else b""
    except ValueError as exc:
        raise unreadable() from exc
    if not token:
        raise refused("The authority did not grant a stamp.", vi="Dịch vụ dấu thời gian từ chối cấp dấu")
    return token


def verify_stamp(token: bytes, *, message: bytes, trust: Trust, at: datetime, nonce: int | None = None) -> datetime:
    """When `message` existed at the latest. `TrustError` unless it is this message (SHA-256), signed by a certificate
    that is for time stamps alone, believed by `trust` at that time, and not of the future of `at`."""
    found = opened(token)
    if found.imprint != hashlib.sha256(message).digest():
        raise refused("The stamp is of something else.", vi="Dấu thời gian thuộc về nội dung khác")
    if nonce is not None and found.nonce != nonce:
        raise refused("The stamp answers another request.", vi="Dấu thời gian trả lời một yêu cầu khác")
    if found.made > at + _AHEAD:
        raise refused("The stamp is of the future.", vi="Dấu thời gian nằm ở tương lai")
    _require_authority(found)
    trust.check(found.certificate, found.chain, at=found.made, stamps=True)
    return found.made


def unsafe_certificates(token: bytes) -> Sequence[x509.Certificate]:
    """The signer's first; believed by nobody yet."""
    found = opened(token)
    return [found.certificate, *found.chain]


def _require_authority(found: Opened) -> None:
    """RFC 3161, 2.3: the key is for time stamps and nothing else, and says so in a way that nobody may overlook."""
    try:
        usage = found.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as exc:
        raise _not_for_stamps() from exc
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise _not_for_stamps()


def _not_for_stamps() -> TrustError:
    return refused("The signer may not give time stamps.", vi="Chứng thư số này không dùng để cấp dấu thời gian")
