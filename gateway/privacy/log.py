"""What is read of the audit log here, and how a leaf reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson

from gateway.audit import checkpoint, leaf
from gateway.audit.proofs import Prover
from gateway.audit.rows import Row, SignedCheckpoint
from gateway.audit.store import AuditStore
from gateway.audit.tree import leaf_hash, verify_inclusion
from gateway.sdk.errors import IntegrityError, NotFoundError, TrustError

PAGE = 1000
SKEW = timedelta(hours=1)
"""By so much the clocks of two gateways may differ: each stamps the rows that it writes."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """That a leaf stands in the tree of a checkpoint of that size and root."""

    size: int
    root: bytes
    proof: tuple[bytes, ...]


class Proofs(Protocol):
    """Whether a row is still the leaf that was recorded."""

    async def holds(self, tenant: str, row: Row) -> bool: ...

    async def inclusion(self, tenant: str, index: int) -> Inclusion | None:
        """What an auditor checks it with; None: no checkpoint covers it yet."""


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
    after what it tells of, so that the first one that is older by any clock ends it."""
    before: int | None = None
    while page := await log.find(tenant, before=before, limit=PAGE):
        for row in page:
            if row.recorded_at < from_at - SKEW:
                return
            if from_at <= seen(row).occurred_at <= to_at:
                yield row
        before = page[-1].index


class ChainProofs:
    """The leaf hashes to what was stored for it, says its own place, and the leaf after it names its hash."""

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


class TreeProofs:
    """The leaf is intact and stands in the tree of a signed checkpoint (RFC 9162, 2.1.3). Implements `Proofs`. What is
    younger than the newest checkpoint is checked as `ChainProofs` does."""

    def __init__(self, log: AuditStore, *, public_key: bytes) -> None:
        self._log = log
        self._public_key = public_key
        self._chain = ChainProofs(log)

    async def holds(self, tenant: str, row: Row) -> bool:
        return await self._chain.holds(tenant, row) and await self._stands(tenant, row)

    async def inclusion(self, tenant: str, index: int) -> Inclusion | None:
        """None: no checkpoint covers it yet. `TrustError`: the checkpoint is not ours."""
        signed = await self._log.checkpoint(tenant, least=index + 1)
        if signed is None:
            return None
        stated = checkpoint.verify(signed.note, name=checkpoint.origin(tenant), public_key=self._public_key)
        proof = await Prover(self._log, tenant).inclusion(index, stated.size)
        return Inclusion(size=stated.size, root=stated.root, proof=tuple(proof))

    async def _stands(self, tenant: str, row: Row) -> bool:
        try:
            found = await self.inclusion(tenant, row.index)
        except (TrustError, IntegrityError, NotFoundError):
            return False
        return found is None or verify_inclusion(
            row.leaf_hash, index=row.index, size=found.size, proof=found.proof, root=found.root
        )
