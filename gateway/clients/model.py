"""A client is a provincial system with ways in and scopes. Keys read `lt_<tenant>_<client id>_<secret>`; only a keyed
digest of the secret is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a client may do."""

    CITIZENS = "citizens:verify"
    CITIZENS_READ = "citizens:read"
    ENTERPRISES = "enterprises:read"
    PAYMENTS = "payments:write"
    PAYMENTS_READ = "payments:read"
    DOSSIERS = "dossiers:write"
    DOSSIERS_READ = "dossiers:read"
    ARRIVALS = "arrivals:write"
    ARRIVALS_READ = "arrivals:read"
    FILES_READ = "files:read"
    PROCEDURES = "procedures:read"
    FEEDBACK = "feedback:write"
    FEEDBACK_READ = "feedback:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Hệ thống gọi: one provincial system. Empty tuples limit nothing: every agency of the tenant, every procedure of
    its purposes, every operation of its scopes, every network.

    `ways`: how it may come beside its key (`gateway.clients.ways`). `per_minute`, `per_day`: calls of `/v1`; None: as
    the settings say. `secret_until`: when its key ends; `earlier_digest`: the key before it, until `earlier_until`.
    """

    tenant: str
    client_id: str
    title: str
    scopes: frozenset[Scope]
    agencies: tuple[str, ...]
    secret_digest: bytes
    """Empty: it has no key."""
    created_at: datetime
    revoked_at: datetime | None = None
    procedures: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    per_minute: int | None = None
    per_day: int | None = None
    secret_until: datetime | None = None
    earlier_digest: bytes = b""
    earlier_until: datetime | None = None

    def digests(self, at: datetime) -> tuple[bytes, ...]:
        """Of the keys in force at `at`."""
        found = []
        if self.secret_digest and (self.secret_until is None or at < self.secret_until):
            found.append(self.secret_digest)
        if self.earlier_digest and self.earlier_until is not None and at < self.earlier_until:
            found.append(self.earlier_digest)
        return tuple(found)
