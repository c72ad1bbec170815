"""A client is a provincial system with a key and scopes. Keys read `lt_<tenant>_<client id>_<secret>`; only a keyed
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
    """One provincial system. `agencies`: agency ids it may act for; empty means every agency of the tenant."""

    tenant: str
    client_id: str
    title: str
    scopes: frozenset[Scope]
    agencies: tuple[str, ...]
    secret_digest: bytes
    created_at: datetime
    revoked_at: datetime | None = None
