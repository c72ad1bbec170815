"""The port to the stored log. PostgreSQL implements it (`postgres`), and a dictionary for tests and copies (`memory`).

Nothing here can change a row: the port has no such verb, and a trigger of the database refuses it (DOS-16, SEC-09).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from gateway.audit.rows import (
    Batch,
    Build,
    Cosignature,
    Filter,
    Head,
    Row,
    SealedBody,
    SignedCheckpoint,
    Stamp,
)
from gateway.audit.tiles import WIDTH, TileId


class AuditReader(Protocol):
    """What it takes to verify or copy a log."""

    async def head(self, tenant: str) -> Head:
        """The head, empty for a tenant that has no log yet."""

    def rows(self, tenant: str) -> AsyncIterator[Row]:
        """Every row as stored, by index; reads in pages, so that a log of any length fits."""

    async def bodies(self, tenant: str, *, first: int, last: int) -> Sequence[SealedBody]:
        """The bodies that still exist of the rows `first` to `last`, both included."""

    async def checkpoints(self, tenant: str) -> Sequence[SignedCheckpoint]:
        """All checkpoints, smallest first."""

    async def checkpoint(self, tenant: str, *, least: int | None = None) -> SignedCheckpoint | None:
        """The smallest that covers at least so many rows, or the newest."""

    async def span(self, tenant: str, *, first: int, last: int, limit: int = WIDTH) -> Sequence[Row]:
        """The rows `first` to `last`, both included, by index."""

    async def tiles(self, tenant: str, wanted: Sequence[TileId]) -> Mapping[TileId, bytes]:
        """Their hashes, `width` of 32 bytes each; without those that the log does not reach. A log from before tiles
        gets them now."""

    async def cosignatures(self, tenant: str, size: int) -> Sequence[Cosignature]:
        """Of the checkpoint of that size."""

    async def cosigned(self, tenant: str, witness: str) -> Cosignature | None:
        """The newest of a witness."""

    async def stamp(self, tenant: str, *, least: int | None = None) -> Stamp | None:
        """The one of the smallest checkpoint over so many rows that has one, or the newest."""


class AuditStore(AuditReader, Protocol):
    """The log of every tenant. Raises `AuditUnavailableError` when the storage does."""

    async def append(self, tenant: str, build: Build) -> Batch:
        """Lock the tenant's head, build on it, write, commit. The batch is durable when this returns.

        Never part of the caller's transaction: evidence of an act stays when the act is rolled back.
        """

    async def unsigned(self) -> Sequence[str]:
        """Tenants with leaves that no checkpoint covers."""

    async def find(
        self, tenant: str, *, reference: str = "", trace_id: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        """Newest first; those of a reference or trace when given; only indexes below `before`, to page on."""

    async def search(self, tenant: str, wanted: Filter, *, before: int | None = None, limit: int = 50) -> Sequence[Row]:
        """The same, by time too."""

    async def add_cosignature(self, tenant: str, said: Cosignature) -> None:
        """Keep it for good; a second one of the same witness and size is dropped."""

    async def add_stamp(self, tenant: str, stamp: Stamp) -> None:
        """The same."""

    async def of_subject(
        self, tenant: str, digest: bytes, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        """The rows about the person of that digest (`subject_digest`), newest first; `before` as in `find`."""

    async def erase_bodies(self, tenant: str, index: int) -> int:
        """Delete the bodies of one row, and their key, for good; how many there were (none while a
        hold covers it). The proof stays valid."""
