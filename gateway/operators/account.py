"""A local account and its sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gateway.operators.model import Operator, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Tài khoản. `password` is an Argon2id hash; `secret` is that of the second factor, sealed where it is stored."""

    tenant: str
    login: str
    roles: frozenset[Role]
    password: str = field(repr=False)
    secret: str = field(repr=False)
    recovery: tuple[bytes, ...] = field(default=(), repr=False)
    """Keyed digests of the codes that are left."""
    title: str = field(default="", repr=False)
    enrolled_by: str = ""
    """The actor who made its second factor, and saw it."""
    created_at: datetime
    disabled_at: datetime | None = None
    last_login_at: datetime | None = None

    @property
    def operator(self) -> Operator:
        return Operator(tenant=self.tenant, login=self.login, roles=self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Phiên làm việc. Of its token only a keyed digest is stored."""

    tenant: str
    digest: bytes = field(repr=False)
    login: str
    begun_at: datetime
    seen_at: datetime
    roles: frozenset[Role] | None = None
    """What the province's identity provider vouched for at the log-in; None: what the account here has, at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What is shown once: for the authenticator app, and for the day when the telephone is lost."""

    uri: str = field(repr=False)
    """otpauth://… with the secret."""
    recovery_codes: tuple[str, ...] = field(repr=False)
