"""The index of whom leaves are about, over a log in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.audit.memory import MemoryAudit
from gateway.audit.rows import Row


class MemorySubjects:
    """Implements `SubjectIndex`."""

    def __init__(self, log: MemoryAudit) -> None:
        self._log = log

    async def of_subject(
        self, tenant: str, digest: bytes, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        return await self._log.of_subject(tenant, digest, before=before, limit=limit)

    async def subjects_of(self, tenant: str, indexes: Sequence[int]) -> Mapping[int, Sequence[bytes]]:
        wanted, found = set(indexes), defaultdict[int, list[bytes]](list)
        for subject in sorted(self._log.subjects[tenant], key=lambda one: (one.index, one.digest)):
            if subject.index in wanted:
                found[subject.index].append(subject.digest)
        return found

    async def subjects_since(self, tenant: str) -> datetime | None:
        return min((subject.recorded_at for subject in self._log.subjects[tenant]), default=None)
