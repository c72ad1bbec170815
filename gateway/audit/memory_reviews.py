"""Reviews of the log in dictionaries, for tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

import orjson

from gateway.audit.memory import MemoryAudit
from gateway.audit.reviews import Counted, Period, Review
from gateway.audit.tree import leaf_hash

TOLD = ("kind", "actor", "operation", "outcome")


class MemoryReviews:
    """Implements `ReviewStore`."""

    def __init__(self, log: MemoryAudit) -> None:
        self._log = log
        self.kept: dict[tuple[str, Period], Review] = {}

    async def begins(self, tenant: str) -> datetime | None:
        rows = self._log.leaves[tenant]
        return rows[0].recorded_at if rows else None

    async def tally(self, tenant: str, *, since: datetime, until: datetime, limit: int) -> Sequence[Counted]:
        rows = [row for row in self._log.leaves[tenant] if since <= row.recorded_at < until]
        counts = Counter(_told(row.leaf, row.leaf_hash) for row in rows)
        lines = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        return [Counted(**dict(zip(TOLD, told, strict=True)), count=count) for told, count in lines[:limit]]

    async def sign(self, tenant: str, review: Review) -> Review | None:
        if (tenant, review.period) in self.kept:
            return None
        self.kept[tenant, review.period] = review
        return review

    async def find(self, tenant: str, period: Period) -> Review | None:
        return self.kept.get((tenant, period))

    async def reviewed(self, tenant: str) -> Collection[Period]:
        return {period for owner, period in self.kept if owner == tenant}

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Review]:
        found = [review for (owner, _), review in self.kept.items() if owner == tenant]
        return sorted(found, key=lambda one: (-one.period.first.toordinal(), one.period.pace))[:limit]


def _told(leaf: bytes, stored: bytes) -> tuple[str, ...]:
    if leaf_hash(leaf) != stored:
        return ("altered", "", "", "")
    said = orjson.loads(leaf)
    return tuple(str(said[name]) for name in TOLD)
