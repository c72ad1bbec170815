"""Cases in a list, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from gateway.cases.model import Case, Opening
from gateway.cases.store import Resolved


class MemoryCases:
    def __init__(self) -> None:
        self.kept: list[tuple[str, Case]] = []

    async def open(self, tenant: str, opening: Opening, *, now: datetime, due_at: datetime) -> tuple[Case, bool]:
        for owner, held in reversed(self.kept):
            same = owner == tenant and _name(held.opening) == _name(opening)
            if same and (held.resolved_at is None or dict(held.opening.facts) == dict(opening.facts)):
                return held, False
        case = Case(id=len(self.kept) + 1, opening=opening, opened_at=now, due_at=due_at)
        self.kept.append((tenant, case))
        return case, True

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, day: date | None, rail: str = ""
    ) -> Sequence[Case]:
        found = [
            case
            for owner, case in self.kept
            if owner == tenant
            and (everything or case.resolved_at is None)
            and day in {None, case.opening.day}
            and rail in {"", case.opening.rail}
        ]
        return sorted(found, key=lambda case: (case.due_at, case.id))[:limit]

    async def find(self, tenant: str, case_id: int) -> Case | None:
        return next((case for owner, case in self.kept if (owner, case.id) == (tenant, case_id)), None)

    async def resolve(self, tenant: str, case_id: int, resolved: Resolved) -> Case | None:
        case = await self.find(tenant, case_id)
        if case is None or case.resolved_at is not None:
            return None
        done = replace(
            case,
            resolved_at=resolved.at,
            resolved_by=resolved.by,
            resolution=resolved.resolution,
            evidence=resolved.evidence,
        )
        self.kept[self.kept.index((tenant, case))] = (tenant, done)
        return done


def _name(opening: Opening) -> tuple[str, str, str]:
    return opening.kind.value, opening.rail, opening.about
