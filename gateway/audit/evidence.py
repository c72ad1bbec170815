"""What auditors, and clients for their own rows, are shown of the log: checkpoints, leaves, proofs, tiles, and whether
some bytes are what was recorded."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from gateway.audit import checkpoint, exhibits, inclusion, leaf, tiles, tree
from gateway.audit.exhibits import Content, Source, row_of
from gateway.audit.inclusion import Explained, Signature, Standing
from gateway.audit.leaf import SALT_SIZE
from gateway.audit.package import Package
from gateway.audit.proofs import Prover
from gateway.audit.rows import Cosignature, Filter, Row, Stamp
from gateway.audit.store import AuditStore
from gateway.audit.tiles import WIDTH, TileId
from gateway.sdk.errors import ConflictError, IntegrityError, NotFoundError

MOST_READ = 2000
"""Rows that one page of a search looks at."""


class Match(StrEnum):
    """Kết quả đối chiếu."""

    RECORDED = "recorded"
    """These very bytes."""
    DIFFERENT = "different"
    """None of the contents that still exist is these bytes."""
    ERASED = "erased"
    """Its contents were erased: nobody can tell any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was said of some bytes. `names`: the contents of the row that they are."""

    match: Match
    recorded_at: str
    names: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A path, with the root that it leads to."""

    size: int
    hashes: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is searched for; empty: everything."""

    wanted: Filter = field(default_factory=Filter)
    actor: str = ""
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the log is. `signed`: rows that the newest checkpoint covers; `cosigned`: who else signed that one."""

    size: int
    signed: int
    signed_at: datetime | None
    cosigned: tuple[Cosignature, ...]
    stamp: Stamp | None


class Evidence:
    """The log of one tenant, read."""

    def __init__(self, store: AuditStore, source: Source) -> None:
        self._store = store
        self._source = source
        self._prover = Prover(store, source.tenant)

    async def checkpoint(self, size: int | None = None) -> str:
        """The newest note, or the one of exactly that size, with its cosignatures. `NotFoundError`."""
        tenant = self._source.tenant
        note = await self._store.checkpoint(tenant, least=size)
        if note is None or size not in {None, note.size}:
            raise NotFoundError("There is no such checkpoint.", vi="Không có điểm kiểm chứng này.")
        return note.note + "".join(said.line for said in await self._store.cosignatures(tenant, note.size))

    async def state(self) -> State:
        tenant = self._source.tenant
        head, note = await self._store.head(tenant), await self._store.checkpoint(tenant)
        return State(
            size=head.size,
            signed=note.size if note else 0,
            signed_at=note.signed_at if note else None,
            cosigned=tuple(await self._store.cosignatures(tenant, note.size)) if note else (),
            stamp=await self._store.stamp(tenant),
        )

    async def leaf(self, index: int) -> Row:
        """`NotFoundError`."""
        return await row_of(self._store, self._source.tenant, index)

    async def inclusion(self, index: int, size: int | None = None) -> Proof:
        """Without a size, in the newest checkpoint."""
        size = await self._signed() if size is None else size
        hashes = await self._prover.inclusion(index, size)
        return Proof(size=size, hashes=tuple(hashes), root=await self._prover.root(size))

    async def explain(self, index: int) -> Explained:
        """Whether row `index` stands in the tree of the newest checkpoint, with every step. `NotFoundError`."""
        row, note = await self.leaf(index), await self._store.checkpoint(self._source.tenant)
        own = tree.leaf_hash(row.leaf)
        if note is None or note.size <= index:
            return Explained(index=index, standing=Standing.UNSIGNED, leaf_hash=own)
        name = checkpoint.origin(self._source.tenant)
        try:
            hashes = await self._prover.inclusion(index, note.size)
        except (IntegrityError, NotFoundError):
            return Explained(index=index, standing=Standing.BROKEN, leaf_hash=own, size=note.size, note=note.note)
        return inclusion.explain(row, hashes, Signature(note=note.note, name=name, public_key=self._source.public_key))

    async def contents(self, index: int) -> Mapping[str, Content]:
        """What became of the bodies that a leaf names; none is shown. `NotFoundError`, `IntegrityError`."""
        return await exhibits.contents_of(self._source, index, leaf.decode((await self.leaf(index)).leaf))

    async def consistency(self, old: int, new: int | None = None) -> Proof:
        new = await self._signed() if new is None else new
        hashes = await self._prover.consistency(old, new)
        return Proof(size=new, hashes=tuple(hashes), root=await self._prover.root(new))

    async def root(self, size: int) -> bytes:
        return await self._prover.root(size)

    async def tile(self, tile: TileId) -> bytes:
        """Its hashes; a full one, or as wide a part as is asked for. Only what a checkpoint covers."""
        if tiles.width_at(await self._signed(), tile) < tile.width:
            raise tiles.absent()
        found = await self._store.tiles(self._source.tenant, [tile])
        if tile not in found:  # a checkpoint covers it, and rows are gone
            raise IntegrityError("The log lacks hashes.", vi="Nhật ký thiếu mã băm.", what="audit_tile")
        return found[tile]

    async def bundle(self, tile: TileId) -> bytes:
        """The leaves of a tile of level 0, each behind its length in two bytes."""
        if tile.level or tiles.width_at(await self._signed(), tile) < tile.width:
            raise tiles.absent()
        rows = await self._store.span(
            self._source.tenant, first=tile.first, last=tile.first + tile.width - 1, limit=WIDTH
        )
        if any(len(row.leaf) >> 16 for row in rows):  # left out, the others would be taken for their neighbours
            raise ConflictError(
                "A leaf of this tile is too long for a bundle.", vi="Có dòng quá dài.", what="leaf_too_long"
            )
        return b"".join(len(row.leaf).to_bytes(2, "big") + row.leaf for row in rows)

    async def search(self, query: Query) -> tuple[Sequence[Row], int | None]:
        """A page, newest first, and below which index to go on; None: there is no more. With an actor a page may be
        short, or empty, and yet not the last: it reads so many rows and no more."""
        found, before, read = list[Row](), query.before, 0
        while len(found) < query.limit and read < MOST_READ:
            step = 500 if query.actor else query.limit - len(found)
            rows = await self._store.search(self._source.tenant, query.wanted, before=before, limit=step)
            for row in rows:
                before = row.index
                if query.actor in {"", _actor_of(row)} or not _actor_of(row):
                    found.append(row)
                if len(found) == query.limit:
                    return found, before
            if len(rows) < step:
                return found, None
            read += len(rows)
        return found, before

    async def check(self, index: int, content: bytes, *, actor: str = "") -> Checked:
        """Whether `content` is what row `index` speaks of. Of another actor's row it says what it says of none
        (`NotFoundError`)."""
        row = await self.leaf(index)
        if actor not in {"", fields_of(row)["actor"]}:
            raise NotFoundError("The log has no such row.", vi="Nhật ký không có dòng này.")
        said = leaf.decode(row.leaf)
        kept = await exhibits.open_bodies(self._source, index, said)
        names = tuple(name for name, salted in kept.items() if hmac.compare_digest(salted[SALT_SIZE:], content))
        erased = tuple(sorted(said.bodies.keys() - kept.keys()))
        match = Match.RECORDED if names else Match.ERASED if erased and not kept else Match.DIFFERENT
        return Checked(match=match, recorded_at=said.recorded_at, names=names, erased=erased)

    async def package(self, indexes: Sequence[int], *, include: bool = False) -> Package:
        return await exhibits.collect(self._source, indexes, include=include)

    async def _signed(self) -> int:
        note = await self._store.checkpoint(self._source.tenant)
        return checkpoint.parse(checkpoint.split(note.note)[0]).size if note else 0


def _actor_of(row: Row) -> str:
    """Empty: the row is no leaf any more. Such a row is never left out."""
    try:
        return str(fields_of(row)["actor"])
    except IntegrityError:
        return ""


def fields_of(row: Row) -> Mapping[str, Any]:
    """What a leaf says, as it was recorded. `IntegrityError`."""
    leaf.decode(row.leaf)
    document = orjson.loads(row.leaf)
    if not isinstance(document.get("actor"), str):
        raise IntegrityError("A row of the log is not a leaf.", vi="Một dòng nhật ký không đúng cấu trúc.", what="leaf")
    fields: Mapping[str, Any] = document
    return fields
