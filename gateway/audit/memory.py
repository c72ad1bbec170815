"""The log in dictionaries: for tests, and for a copy that is verified away from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from gateway.audit import tiles
from gateway.audit.rows import (
    Batch,
    BodyKey,
    Build,
    Cosignature,
    Filter,
    Head,
    Row,
    SealedBody,
    SignedCheckpoint,
    Stamp,
    Subject,
)
from gateway.audit.tiles import WIDTH, TileId


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
        self.witnessed: dict[str, list[Cosignature]] = defaultdict(list)
        self.stamps: dict[str, list[Stamp]] = defaultdict(list)

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

    async def checkpoint(self, tenant: str, *, least: int | None = None) -> SignedCheckpoint | None:
        if least is None:
            return self.notes[tenant][-1] if self.notes[tenant] else None
        return next((note for note in self.notes[tenant] if note.size >= least), None)

    async def span(self, tenant: str, *, first: int, last: int, limit: int = WIDTH) -> Sequence[Row]:
        return [row for row in self.leaves[tenant] if first <= row.index <= last][:limit]

    async def tiles(self, tenant: str, wanted: Sequence[TileId]) -> Mapping[TileId, bytes]:
        found = {tile: self._hashes(tenant, tile) for tile in wanted}
        return {tile: b"".join(hashes) for tile, hashes in found.items() if len(hashes) == tile.width}

    def _hashes(self, tenant: str, tile: TileId) -> list[bytes]:
        """Made anew each time."""
        level = [row.leaf_hash for row in self.leaves[tenant]]
        for _ in range(tile.level):
            level = [tiles.fold(level[at : at + WIDTH]) for at in range(0, len(level) - WIDTH + 1, WIDTH)]
        return level[tile.first : tile.first + tile.width]

    async def add_cosignature(self, tenant: str, said: Cosignature) -> None:
        if not any((one.witness, one.size) == (said.witness, said.size) for one in self.witnessed[tenant]):
            self.witnessed[tenant].append(said)

    async def cosignatures(self, tenant: str, size: int) -> Sequence[Cosignature]:
        return sorted((one for one in self.witnessed[tenant] if one.size == size), key=lambda one: one.witness)

    async def cosigned(self, tenant: str, witness: str) -> Cosignature | None:
        own = [one for one in self.witnessed[tenant] if one.witness == witness]
        return max(own, key=lambda one: one.size, default=None)

    async def add_stamp(self, tenant: str, stamp: Stamp) -> None:
        if all(one.size != stamp.size for one in self.stamps[tenant]):
            self.stamps[tenant].append(stamp)

    async def stamp(self, tenant: str, *, least: int | None = None) -> Stamp | None:
        kept = sorted(self.stamps[tenant], key=lambda one: one.size)
        if least is None:
            return kept[-1] if kept else None
        return next((one for one in kept if one.size >= least), None)

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
        wanted = Filter(reference=reference, trace_id=trace_id)
        return await self.search(tenant, wanted, before=before, limit=limit)

    async def search(self, tenant: str, wanted: Filter, *, before: int | None = None, limit: int = 50) -> Sequence[Row]:
        found = [
            row
            for row in reversed(self.leaves[tenant])
            if wanted.reference in {"", row.reference}
            and wanted.trace_id in {"", row.trace_id}
            and (before is None or row.index < before)
            and (wanted.since is None or row.recorded_at >= wanted.since)
            and (wanted.until is None or row.recorded_at < wanted.until)
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
