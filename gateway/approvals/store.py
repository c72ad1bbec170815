"""Where approvals are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.approvals.model import Approval, ApprovalState


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one person said of what another one asked for."""

    state: ApprovalState
    by: str
    at: datetime


class ApprovalStore(Protocol):
    """Each change is one statement, durable by itself, also inside a transaction that is rolled back later."""

    async def add(self, approval: Approval, *, digest: bytes) -> None:
        """`digest`: of act and parameters; by it the approval is found when it is used."""

    async def find(self, tenant: str, approval_id: str) -> Approval | None: ...

    async def decide(self, tenant: str, approval_id: str, decision: Decision) -> Approval | None:
        """None unless it is asked, not over, and asked by somebody else."""

    async def use(self, tenant: str, digest: bytes, *, by: str, now: datetime) -> Approval | None:
        """Spend one that was allowed; of many at once one gets it. None: there is none."""

    async def waiting(self, tenant: str, *, now: datetime) -> Sequence[Approval]:
        """Asked and not over, oldest first."""

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Approval]:
        """All, newest first."""
