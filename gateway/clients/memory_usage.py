"""Counts in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from gateway.clients.usage import RightUsed, Window


class MemoryUsage:
    def __init__(self) -> None:
        self.counts: dict[Window, int] = {}
        self.used: dict[tuple[str, str, str], date] = {}

    async def add(self, counts: Mapping[Window, int], rights: Sequence[RightUsed]) -> Mapping[Window, int]:
        for window, n in counts.items():
            self.counts[window] = self.counts.get(window, 0) + n
        for right in rights:
            key = right.tenant, right.client_id, right.scope
            self.used[key] = max(right.on, self.used.get(key, right.on))
        return {window: self.counts[window] for window in counts}

    async def now(self, tenant: str, began: Mapping[str, datetime]) -> Mapping[tuple[str, str], int]:
        return {
            (window.client_id, window.span): n
            for window, n in self.counts.items()
            if window.tenant == tenant and began.get(window.span) == window.began_at
        }

    async def last_days(self, tenant: str) -> Mapping[str, datetime]:
        days = sorted(window for window in self.counts if (window.tenant, window.span) == (tenant, "day"))
        return {window.client_id: window.began_at for window in days}

    async def rights(self, tenant: str) -> Mapping[tuple[str, str], date]:
        return {(client, scope): on for (owner, client, scope), on in self.used.items() if owner == tenant}

    async def expire(self, *, minutes_before: datetime, days_before: datetime) -> None:
        before = {"minute": minutes_before, "day": days_before}
        self.counts = {window: n for window, n in self.counts.items() if window.began_at >= before[window.span]}
