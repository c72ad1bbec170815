"""The port to stored refunds. Every method joins the transaction that is open; the bill is locked before its refunds
are read to be changed (`payments.store`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.refunds.model import Refund, RefundState, Step


class RefundStore(Protocol):
    async def add(self, refund: Refund, *, actor: str) -> None:
        """And the first step of it."""

    async def find(self, tenant: str, refund_id: str) -> Refund | None: ...

    async def save(self, refund: Refund, *, actor: str) -> None:
        """How it stands now, and the step to it. What is done never changes."""

    async def of_bill(self, tenant: str, bill_id: str) -> Sequence[Refund]:
        """Oldest first."""

    async def under_way(self, tenant: str, rail: str) -> Sequence[Refund]:
        """Those that a rail was asked for and has not confirmed, oldest first: reconciliation looks for them."""

    async def steps(self, tenant: str, refund_id: str) -> Sequence[Step]:
        """Oldest first."""

    async def latest(self, tenant: str, *, state: RefundState | None, limit: int) -> Sequence[Refund]:
        """Newest first, of one state or of all."""
