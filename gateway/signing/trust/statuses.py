"""What is known of revocations: one answer per certificate, until it is too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.signing.trust.words import Reason, refused

MOST = 10_000
"""Certificates of which something is remembered; the one learnt first is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One answer of a responder or list. `until`: its next update."""

    since: datetime
    until: datetime
    revoked_at: datetime | None = None


class Statuses:
    """The answers of one trust, in memory: after a restart everything is asked again. A certificate is named by its
    `fingerprint`."""

    def __init__(self, *, grace: timedelta) -> None:
        """`grace`: how long an answer holds after its next update was due."""
        self._grace = grace
        self._known: dict[bytes, Status] = {}

    def keep(self, key: bytes, status: Status) -> None:
        """Newer answers win; an old list does not take a revocation back."""
        before = self._known.pop(key, None)
        self._known[key] = before if before and before.since > status.since else status
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def is_fresh(self, key: bytes, *, at: datetime) -> bool:
        status = self._known.get(key)
        return status is not None and at <= status.until

    def is_in_grace(self, key: bytes, *, at: datetime) -> bool:
        status = self._known.get(key)
        return status is not None and status.until < at <= status.until + self._grace

    def require_unrevoked(self, key: bytes, *, at: datetime) -> None:
        """`TrustError`. One revoked after `at` was good then: what a time stamp proves to be older stays valid
        (SIG-06)."""
        status = self._known.get(key)
        if status is not None and status.revoked_at is not None and status.revoked_at <= at:
            raise refused(Reason.REVOKED)
        if status is None or at > status.until + self._grace:
            raise refused(Reason.REVOCATION_UNKNOWN)
