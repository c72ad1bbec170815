"""Verifications of the log in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.audit.checks import Begun, Check, Ended


class MemoryChecks:
    """Implements `CheckStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], Check] = {}

    async def begin(self, tenant: str, begun: Begun) -> Check | None:
        if any(owner == tenant and check.is_running(begun.at) for (owner, _), check in self.kept.items()):
            return None
        check = Check(id=len(self.kept) + 1, begun=begun, moved_at=begun.at)
        self.kept[tenant, check.id] = check
        return check

    async def move(self, tenant: str, check: Check) -> None:
        if self.kept[tenant, check.id].ended is None:
            self.kept[tenant, check.id] = check

    async def end(self, tenant: str, check_id: int, ended: Ended) -> None:
        held = self.kept[tenant, check_id]
        if held.ended is None:
            moved = replace(held, moved_at=ended.at, first_row=ended.first_row, done=ended.done)
            self.kept[tenant, check_id] = replace(moved, ended=ended)

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Check]:
        found = [check for (owner, _), check in self.kept.items() if owner == tenant]
        return sorted(found, key=lambda check: -check.id)[:limit]
