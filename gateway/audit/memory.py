"""The log in dictionaries: for tests, and for a copy that is verified away from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from gateway.audit.rows import Batch, BodyKey, Build, Head, Row, SealedBody, SignedCheckpoint, Subject


class MemoryAudit:
    """Implements `AuditStore`. The lists may be altered by tests; that is what a verifier is for."""

    def __init__(self) -> None:
        self.heads: dict[str, Head] = defaultdict(Head)
        self.leaves: dict[str, list[Row]] = defaultdict(list)
        self.sealed: dict[str, list[SealedBody]] = defaultdict(list)
        self.keys: dict[str, dict[int, BodyKey]] = defaultdict(dict)
        self.subjects: dict[str, list[Subject]] = defaultdict(list)
        self.is_held: Callable[[str, int], bool] = lambda _tenant, _index: False
        self.notes: dict[str, list[SignedCheckpoint]] = defaultdict(list)

    async def head(self, tenant: str) -> Head:
        return self.heads[tenant]

    async def rows(self, tenant: str) -> AsyncIterator[Row]:
        for row in self.leaves[tenant]:
            yield row

    async def bodies(self, tenant: str, *, first: int, last: int) -> Sequence[SealedBody]:
        keys, found = self.keys[tenant], [body for body in self.sealed[tenant] if first <= body.index <= last]
        return [replace(body, wrapped=keys[body.index].wrapped) if body.index in keys else body for body in found]

    async def checkpoints(self, tenant: str) -> Sequence[SignedCheckpoint]:
        return self.notes[tenant]

    async def append(self, tenant: str, build: Build) -> Batch:
        batch = build(self.heads[tenant])
        self.heads[tenant] = batch.head
        self.leaves[tenant].extend(batch.rows)
        self.sealed[tenant].extend(batch.bodies)
        self.keys[tenant].update({key.index: key for key in batch.keys})
        self.subjects[tenant].extend(batch.subjects)
        if batch.checkpoint:
            self.notes[tenant].append(batch.checkpoint)
        return batch

    async def unsigned(self) -> Sequence[str]:
        return sorted(tenant for tenant, head in self.heads.items() if head.size > head.signed_size)

    async def find(
        self, tenant: str, *, reference: str = "", trace_id: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        found = [
            row
            for row in reversed(self.leaves[tenant])
            if reference in {"", row.reference}
            and trace_id in {"", row.trace_id}
            and (before is None or row.index < before)
        ]
        return found[:limit]

    async def of_subject(
        self, tenant: str, digest: bytes, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        about = {subject.index for subject in self.subjects[tenant] if subject.digest == digest}
        found = [row for row in reversed(self.leaves[tenant]) if row.index in about]
        return [row for row in found if before is None or row.index < before][:limit]

    async def erase_bodies(self, tenant: str, index: int) -> int:
        if self.is_held(tenant, index):
            return 0
        kept = [body for body in self.sealed[tenant] if body.index != index]
        erased = len(self.sealed[tenant]) - len(kept)
        self.sealed[tenant] = kept
        self.keys[tenant].pop(index, None)
        return erased
