"""Comparisons in memory, for tests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from gateway.shadow.model import Comparison, Count, How


class MemoryShadow:
    """Implements `ShadowStore`."""

    def __init__(self) -> None:
        self.comparisons: list[Comparison] = []

    async def add(self, comparison: Comparison) -> None:
        self.comparisons.append(comparison)

    async def counts(self, tenant: str, *, since: datetime) -> Sequence[Count]:
        groups: dict[tuple[str, str, str, How], list[Comparison]] = defaultdict(list)
        for found in self._since(tenant, since):
            groups[found.operation, found.used, found.tried, found.how].append(found)
        return [
            Count(
                operation=operation,
                used=used,
                tried=tried,
                how=how,
                count=len(members),
                fields=dict(Counter(name for member in members for name in member.fields)),
            )
            for (operation, used, tried, how), members in sorted(groups.items())
        ]

    async def differing(self, tenant: str, *, since: datetime, most: int) -> Sequence[Comparison]:
        found = [c for c in self._since(tenant, since) if c.how is not How.SAME]
        return sorted(found, key=lambda c: c.at, reverse=True)[:most]

    def _since(self, tenant: str, since: datetime) -> list[Comparison]:
        return [c for c in self.comparisons if c.tenant == tenant and c.at >= since]
