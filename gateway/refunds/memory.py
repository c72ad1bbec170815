"""Refunds in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.refunds.model import ON_ITS_WAY, Refund, RefundState, Step


class MemoryRefunds:
    def __init__(self) -> None:
        self._refunds: dict[tuple[str, str], Refund] = {}
        self._steps: dict[tuple[str, str], list[Step]] = {}

    async def add(self, refund: Refund, *, actor: str) -> None:
        self._refunds[_name(refund)] = refund
        self._step(refund, actor)

    async def find(self, tenant: str, refund_id: str) -> Refund | None:
        return self._refunds.get((tenant, refund_id))

    async def save(self, refund: Refund, *, actor: str) -> None:
        self._refunds[_name(refund)] = refund
        self._step(refund, actor)

    async def of_bill(self, tenant: str, bill_id: str) -> Sequence[Refund]:
        return [refund for refund in self._of(tenant) if refund.bill_id == bill_id]

    async def under_way(self, tenant: str, rail: str) -> Sequence[Refund]:
        return [refund for refund in self._of(tenant) if refund.rail == rail and refund.state in ON_ITS_WAY]

    async def steps(self, tenant: str, refund_id: str) -> Sequence[Step]:
        return list(self._steps.get((tenant, refund_id), ()))

    async def latest(self, tenant: str, *, state: RefundState | None, limit: int) -> Sequence[Refund]:
        found = [refund for refund in reversed(self._of(tenant)) if state is None or refund.state is state]
        return found[:limit]

    def _of(self, tenant: str) -> list[Refund]:
        found = [refund for refund in self._refunds.values() if refund.tenant == tenant]
        return sorted(found, key=lambda refund: (refund.created_at, refund.refund_id))

    def _step(self, refund: Refund, actor: str) -> None:
        step = Step(state=refund.state, at=refund.updated_at, actor=actor)
        self._steps.setdefault(_name(refund), []).append(step)


def _name(refund: Refund) -> tuple[str, str]:
    return refund.tenant, refund.refund_id
