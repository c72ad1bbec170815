"""Approvals in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.approvals.model import Approval, ApprovalState
from gateway.approvals.store import Decision


class MemoryApprovals:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Approval, bytes]] = {}

    async def add(self, approval: Approval, *, digest: bytes) -> None:
        self._kept[approval.tenant, approval.id] = (approval, digest)

    async def find(self, tenant: str, approval_id: str) -> Approval | None:
        found = self._kept.get((tenant, approval_id))
        return found[0] if found else None

    async def decide(self, tenant: str, approval_id: str, decision: Decision) -> Approval | None:
        found = await self.find(tenant, approval_id)
        if found is None or found.asked_by == decision.by:
            return None
        if found.state is not ApprovalState.ASKED or found.expires_at <= decision.at:
            return None
        return self._put(replace(found, state=decision.state, decided_by=decision.by, decided_at=decision.at))

    async def use(self, tenant: str, digest: bytes, *, by: str, now: datetime) -> Approval | None:
        for approval, of in list(self._kept.values()):
            ours = (approval.tenant, approval.asked_by, of) == (tenant, by, digest)
            if ours and approval.state is ApprovalState.ALLOWED and approval.expires_at > now:
                return self._put(replace(approval, state=ApprovalState.USED, used_at=now))
        return None

    async def waiting(self, tenant: str, *, now: datetime) -> Sequence[Approval]:
        found = [approval for approval, _ in self._kept.values() if approval.tenant == tenant]
        asked = [each for each in found if each.state is ApprovalState.ASKED and each.expires_at > now]
        return sorted(asked, key=lambda each: (each.asked_at, each.id))

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Approval]:
        found = [approval for approval, _ in self._kept.values() if approval.tenant == tenant]
        return sorted(found, key=lambda each: (each.asked_at, each.id), reverse=True)[:limit]

    def _put(self, approval: Approval) -> Approval:
        self._kept[approval.tenant, approval.id] = (approval, self._kept[approval.tenant, approval.id][1])
        return approval
