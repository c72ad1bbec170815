"""What the pages of administration call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.agreements.acts import AgreementActs
from gateway.callbacks.store import ReceiverStore
from gateway.clients.acts import ClientActs
from gateway.clients.store import Clients
from gateway.clients.usage import UsageStore
from gateway.operators.browser import CodeFlow
from gateway.operators.parts import Staffing
from gateway.operators.policy import Policy
from gateway.signing.keys.rotation import Rotation
from gateway.signing.trust.partner import Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsDesk:
    """Hệ thống gọi. `per_minute`, `per_day`: what holds for whoever has no quota of their own."""

    store: Clients
    usage: UsageStore
    receivers: ReceiverStore
    acts: ClientActs
    per_minute: int
    per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """Our keys and whom we believe; nothing of it is secret. `kek`: names the key that seals. `elsewhere`: counts the
    keys of bodies that an older one still wraps, which takes as long as the log is."""

    keys: Mapping[str, Rotation]
    trust: Mapping[str, Partner]
    kek: str
    in_hsm: bool
    elsewhere: Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminDesk:
    """Bàn quản trị."""

    staffing: Staffing
    policy: Policy
    provider: CodeFlow | None
    """The province's identity provider, where browsers may log in there."""
    clients: ClientsDesk
    agreements: AgreementActs
    operations: Mapping[str, Sequence[str]]
    """Of each configured system."""
    vault: Vault
    unused: timedelta
    """A review names accounts that were not used for so long."""
