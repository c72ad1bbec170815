"""Asking about revocation: the responder, else the issuer's list, else the lists that somebody fetched for us."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextvars import Context
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import AuthorityInformationAccessOID

from gateway.sdk.errors import GatewayError
from gateway.signing.certificates import fingerprint
from gateway.signing.trust.crl import read_list
from gateway.signing.trust.fetching import MOST_BYTES, Alarm, Fetch, may_be_fetched
from gateway.signing.trust.ocsp import MEDIA_TYPE, question, read_answer
from gateway.signing.trust.statuses import MOST, Status, Statuses

AGAIN = timedelta(seconds=30)
"""After a question that got no answer: a responder that is down must not slow every message."""
_ADDRESSES = 3
"""Of one certificate that are tried."""

log = structlog.get_logger()


class Asking:
    """Fills `Statuses`. One question about one certificate at a time, which goes on for the others when somebody who
    waits for it has no more time."""

    def __init__(
        self,
        name: str,
        statuses: Statuses,
        *,
        fetch: Fetch,
        clock: Callable[[], datetime],
        alarm: Alarm,
        responder: str = "",
        lists: Sequence[Path] = (),
    ) -> None:
        self._name = name
        self._statuses = statuses
        self._fetch = fetch
        self._clock = clock
        self._alarm = alarm
        self._responder = responder
        self._lists = tuple(lists)
        self._under_way: dict[bytes, asyncio.Task[None]] = {}
        self._unanswered: dict[bytes, datetime] = {}

    async def ask(self, certificate: x509.Certificate, issuers: Sequence[x509.Certificate], *, at: datetime) -> None:
        """Never raises; what came of it is in `statuses`."""
        key = fingerprint(certificate)
        if self._statuses.is_fresh(key, at=at):
            return
        issuer = next((one for one in issuers if _issued(one, certificate)), None)
        if issuer is not None and not self._is_settled(key, at):
            if (asked := self._under_way.get(key)) is None:
                asked = asyncio.create_task(self._ask(certificate, issuer, key), context=Context())
                self._under_way[key] = asked
                asked.add_done_callback(lambda _: self._under_way.pop(key, None))
            await asyncio.shield(asked)
        if self._statuses.is_in_grace(key, at=at):
            await self._alarm("revocation_unknown", f"trust:{self._name}")

    def _is_settled(self, key: bytes, at: datetime) -> bool:
        unanswered = self._unanswered.get(key)
        is_waiting = unanswered is not None and self._clock() < unanswered + AGAIN
        return is_waiting or self._statuses.is_fresh(key, at=at)

    async def _ask(self, certificate: x509.Certificate, issuer: x509.Certificate, key: bytes) -> None:
        status = (
            await self._of_responder(certificate, issuer)
            or await self._of_list(certificate, issuer)
            or self._of_files(certificate, issuer)
        )
        if status is not None:
            self._statuses.keep(key, status)
            self._unanswered.pop(key, None)
            return
        if len(self._unanswered) >= MOST:
            self._unanswered.clear()
        self._unanswered[key] = self._clock()
        log.warning("revocation_unanswered", trust=self._name)

    async def _of_responder(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Status | None:
        asked = question(certificate, issuer)
        for url in [self._responder] if self._responder else list(responders(certificate))[:_ADDRESSES]:
            content = await self._fetched(url, content=asked.content, media_type=MEDIA_TYPE)
            status = read_answer(content, asked, now=self._clock()) if content else None
            if status is not None:
                return status
        return None

    async def _of_list(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Status | None:
        for url in list(lists(certificate))[:_ADDRESSES]:
            content = await self._fetched(url)
            status = read_list(content, certificate, issuer, now=self._clock()) if content else None
            if status is not None:
                return status
        return None

    def _of_files(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Status | None:
        """Read anew each time: whoever fetches them does so while we run."""
        for path in self._lists:
            try:
                content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
            except OSError:
                log.warning("revocation_list_unreadable", trust=self._name)
                continue
            status = read_list(content, certificate, issuer, now=self._clock())
            if status is not None:
                return status
        return None

    async def _fetched(self, url: str, *, content: bytes | None = None, media_type: str = "") -> bytes:
        """Empty when nothing came."""
        if not may_be_fetched(url):
            return b""
        try:
            return await self._fetch(url, content=content, media_type=media_type)
        except GatewayError as exc:
            log.warning("revocation_not_fetched", trust=self._name, code=exc.error_code)
            return b""


def responders(certificate: x509.Certificate) -> Iterator[str]:
    try:
        said = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return
    for one in said:
        is_responder = one.access_method == AuthorityInformationAccessOID.OCSP
        if is_responder and isinstance(one.access_location, x509.UniformResourceIdentifier):
            yield one.access_location.value


def lists(certificate: x509.Certificate) -> Iterator[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return
    for point in points:
        for name in point.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier):
                yield name.value


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
