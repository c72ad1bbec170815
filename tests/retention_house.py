"""What tests of retention share: a log on either store, filled, and four eyes that were opened by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services import NOW

from gateway.approvals.model import Approval
from gateway.audit.log import AuditLog
from gateway.audit.model import Entry, EntryKind
from gateway.operators.model import Operator, Role
from gateway.sdk.errors import NotAllowedError
from gateway.signing import Keyring

PERSON = "099185000001"


def operator(tenant: str, login: str = "dpo.mau") -> Operator:
    return Operator(tenant=tenant, login=login, roles=frozenset({Role.PROTECTION_OFFICER}))


@dataclass
class Eyes:
    """Approvals that a test allowed: spent once, for exactly these parameters."""

    allowed: list[tuple[str, Mapping[str, str | int]]] = field(default_factory=list)

    async def ask(self, act: str, parameters: Mapping[str, str | int], *, reason: str, by: Operator) -> Approval:
        return self._approval(act, parameters, by)

    async def decide(self, approval_id: str, *, allow: bool, by: Operator) -> Approval:
        return self._approval("", {}, by)

    async def use(self, act: str, parameters: Mapping[str, str | int], *, by: Operator) -> Approval:
        if (act, dict(parameters)) not in self.allowed:
            raise NotAllowedError("Nobody allowed it.", what="needs_approval")
        self.allowed.remove((act, dict(parameters)))
        return self._approval(act, parameters, by)

    async def waiting(self, tenant: str) -> Sequence[Approval]:
        return []

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Approval]:
        return []

    def _approval(self, act: str, parameters: Mapping[str, str | int], by: Operator) -> Approval:
        return Approval(
            id="A1",
            tenant=by.tenant,
            act=act,
            parameters=parameters,
            reason="",
            asked_by=by.login,
            asked_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )


async def record(
    store: Any, keyring: Keyring, tenant: str, *, at: datetime, entries: Sequence[Mapping[str, Any]]
) -> None:
    """Leaves that were recorded at that time; each entry may change what is usual."""
    async with AuditLog(store, keyring, clock=lambda: at) as log:
        for changes in entries:
            usual: dict[str, Any] = {
                "kind": EntryKind.EXCHANGE,
                "tenant": tenant,
                "actor": "motcua",
                "operation": "verify_citizen",
                "outcome": "answered",
                "occurred_at": at,
                "trace_id": "0" * 32,
                "bodies": {"request_sent": b"one", "reply_received": b"two"},
            }
            await log.record(Entry(**{**usual, **changes}))
