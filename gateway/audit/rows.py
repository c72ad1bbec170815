"""What a store holds: rows, bodies, checkpoints and one head per tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from gateway.audit.model import Prepared
from gateway.audit.tree import Frontier


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One leaf as stored. `leaf` alone is evidence; the other columns repeat it, to search by and to check against."""

    index: int
    recorded_at: datetime
    leaf: bytes
    leaf_hash: bytes
    reference: str = ""
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBody:
    """The salt and the exact bytes of one body, sealed together. Deleting it, or the key of its row, leaves the leaf's
    digest unlinkable. `wrapped`: that key as it is read with the body; empty when it was erased, and for older rows,
    whose bodies carry their key."""

    index: int
    name: str
    recorded_at: datetime
    sealed: bytes = field(repr=False)
    wrapped: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyKey:
    """The wrapped data key of one row's bodies, and what decides how long it is kept."""

    index: int
    recorded_at: datetime
    kind: str
    operation: str
    kek_id: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """That a row is about somebody, by keyed digest of the number. Evidence of nothing: it finds the row."""

    index: int
    recorded_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A signed note (see `checkpoint`), with the size that it covers for ordering. Only the note is evidence."""

    size: int
    signed_at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """What a witness said of the checkpoint of that size: the line of its signature (C2SP tlog-cosignature)."""

    size: int
    witness: str
    at: datetime
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """An RFC 3161 token over the note of that size, as we signed it. `at`: the time that it proves."""

    size: int
    at: datetime
    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows are looked for; empty: every one. From the moment `since` to before `until`."""

    reference: str = ""
    trace_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the next leaf goes. `last_hash` is the newest leaf's hash, empty before the first."""

    frontier: Frontier = field(default_factory=Frontier)
    last_hash: bytes = b""
    signed_size: int = 0
    signed_at: datetime | None = None

    @property
    def size(self) -> int:
        return self.frontier.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one transaction adds: all of it or nothing. `leaves`, their `hashes` and their `entries` are those of the
    rows from `first` on; a store that keeps them as columns makes no object of each row."""

    head: Head
    recorded_at: datetime
    first: int = 0
    leaves: tuple[bytes, ...] = ()
    hashes: tuple[bytes, ...] = ()
    entries: tuple[Prepared, ...] = ()
    checkpoint: SignedCheckpoint | None = None

    @property
    def numbered(self) -> Iterator[tuple[int, Prepared]]:
        """The entries with their places."""
        return enumerate(self.entries, self.first)

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(
            Row(
                index=index,
                recorded_at=self.recorded_at,
                leaf=leaf,
                leaf_hash=leaf_hash,
                reference=entry.reference,
                trace_id=entry.trace_id,
            )
            for (index, entry), leaf, leaf_hash in zip(self.numbered, self.leaves, self.hashes, strict=True)
        )

    @property
    def bodies(self) -> tuple[SealedBody, ...]:
        return tuple(
            SealedBody(index=index, name=name, recorded_at=self.recorded_at, sealed=sealed)
            for index, entry in self.numbered
            for name, sealed in entry.bodies.items()
        )

    @property
    def keys(self) -> tuple[BodyKey, ...]:
        """Of the rows that have bodies."""
        return tuple(
            BodyKey(
                index=index,
                recorded_at=self.recorded_at,
                kind=entry.kind,
                operation=entry.operation,
                kek_id=entry.kek_id,
                wrapped=entry.wrapped,
            )
            for index, entry in self.numbered
            if entry.wrapped
        )

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return tuple(
            Subject(index=index, recorded_at=self.recorded_at, digest=digest)
            for index, entry in self.numbered
            for digest in entry.subjects
        )


Build = Callable[[Head], Batch]
"""Makes a batch from the locked head. It is pure apart from the clock, and quick: every other writer waits."""
