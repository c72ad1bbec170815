"""Sending many messages at a stroke takes a second person (PDP-13)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import orjson

from gateway.approvals.model import Approval, Approvals
from gateway.operators.model import Operator

ACT = "release_many"
NEWEST = 200


class Many:
    """`alone`: how many one person may send by themselves; None: any number."""

    def __init__(self, approvals: Approvals, *, alone: int | None) -> None:
        self._approvals = approvals
        self.alone = alone

    def needs(self, count: int) -> bool:
        return self.alone is not None and count > self.alone

    async def newest(self, tenant: str, exact: Mapping[str, str | int]) -> Approval | None:
        """What became of the last request for exactly this, among the newest of all."""
        listed = await self._approvals.listed(tenant, limit=NEWEST)
        return next((each for each in listed if each.act == ACT and each.parameters == exact), None)

    async def ask(self, exact: Mapping[str, str | int], *, reason: str, by: Operator) -> Approval:
        return await self._approvals.ask(ACT, exact, reason=reason, by=by)

    async def use(self, exact: Mapping[str, str | int], *, by: Operator) -> None:
        """Spend the approval for exactly this; `NotAllowedError` (`caller.needs_approval`): there is none."""
        await self._approvals.use(ACT, exact, by=by)


def exact(parameters: Mapping[str, str | int], chosen: Sequence[object]) -> dict[str, str | int]:
    """What is asked for: how many, and which, without naming one."""
    return {**parameters, "count": len(chosen), "selection": selection(chosen)}


def selection(chosen: Sequence[object]) -> str:
    """The same messages give the same text; it names none of them."""
    return hashlib.sha256(orjson.dumps(sorted(map(str, chosen)))).hexdigest()
