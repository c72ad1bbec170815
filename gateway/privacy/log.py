"""What is read of the audit log here, and how a leaf reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from gateway.audit import leaf
from gateway.audit.rows import Row, SignedCheckpoint
from gateway.audit.tree import leaf_hash
from gateway.sdk.errors import IntegrityError

PAGE = 1000


class Log(Protocol):
    """The part of `AuditStore` that tells leaves."""

    async def find(
        self, tenant: str, *, reference: str = "", trace_id: str = "", before: int | None = None, limit: int = 50
    ) -> Sequence[Row]: ...

    async def checkpoints(self, tenant: str) -> Sequence[SignedCheckpoint]: ...


class SubjectIndex(Protocol):
    """Which leaves are about whom, by keyed digest. It is no part of the leaves: erasing it leaves every proof."""

    async def of_subject(
        self, tenant: str, digest: bytes, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        """Newest first; only indexes below `before`, to page on."""

    async def subjects_of(self, tenant: str, indexes: Sequence[int]) -> Mapping[int, Sequence[bytes]]:
        """The digests of each leaf that is about somebody."""

    async def subjects_since(self, tenant: str) -> datetime | None:
        """The time of the first leaf that was indexed; None: none was."""


class Proofs(Protocol):
    """Whether a row is still the leaf that was recorded."""

    async def holds(self, tenant: str, row: Row) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A leaf as it reads. Whatever is in it came from the log alone."""

    index: int
    occurred_at: datetime
    kind: str
    trace_id: str
    actor: str
    system: str
    operation: str
    outcome: str
    reference: str
    purpose: Mapping[str, str]
    facts: Mapping[str, Any]

    @property
    def officer(self) -> str:
        return self.purpose.get("officer_id", "")


def seen(row: Row) -> Seen:
    """`IntegrityError` when the bytes are not a leaf."""
    try:
        said = orjson.loads(row.leaf)
        return Seen(
            index=row.index,
            occurred_at=datetime.fromisoformat(said["occurred_at"]),
            purpose=said["purpose"],
            facts=said["facts"],
            **{
                name: said[name]
                for name in ("kind", "trace_id", "actor", "system", "operation", "outcome", "reference")
            },
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise IntegrityError(
            "A row of the log is not a leaf.", vi="Một dòng nhật ký không đúng cấu trúc.", what="leaf"
        ) from exc


async def all_of(index: SubjectIndex, tenant: str, digest: bytes) -> AsyncIterator[Row]:
    """Every leaf about somebody, newest first."""
    before: int | None = None
    while page := await index.of_subject(tenant, digest, before=before, limit=PAGE):
        for row in page:
            yield row
        before = page[-1].index


async def between(log: Log, tenant: str, *, from_at: datetime, to_at: datetime) -> AsyncIterator[Row]:
    """Every leaf that was recorded since `from_at` about something until `to_at`, newest first. A leaf is recorded
    after what it tells of, so that the first older one ends it."""
    before: int | None = None
    while page := await log.find(tenant, before=before, limit=PAGE):
        for row in page:
            if row.recorded_at < from_at:
                return
            if from_at <= seen(row).occurred_at <= to_at:
                yield row
        before = page[-1].index


class ChainProofs:
    """The leaf hashes to what was stored for it, says its own place, and the leaf after it names its hash. Implements
    `Proofs` without the tree: `lienthong audit verify` proves the whole log."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def holds(self, tenant: str, row: Row) -> bool:
        try:
            read = leaf.decode(row.leaf)
            after = await self._log.find(tenant, before=row.index + 2, limit=1)
            follows = not after or after[0].index == row.index or leaf.decode(after[0].leaf).previous == row.leaf_hash
        except IntegrityError:
            return False
        return follows and leaf_hash(row.leaf) == row.leaf_hash and (read.index, read.tenant) == (row.index, tenant)
