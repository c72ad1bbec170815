"""How a batch follows from a head: numbers, hashes, and a checkpoint when one is due. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.audit import checkpoint, leaf, tree
from gateway.audit.keys import Signer
from gateway.audit.leaf import Prepared
from gateway.audit.rows import Batch, BodyKey, Head, Row, SealedBody, SignedCheckpoint, Subject
from gateway.sdk.errors import IntegrityError


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How much may be unsigned, wait, and go into one transaction. A rewrite of the unsigned tail by somebody who also
    rewrites the head cannot be proven, so the two `checkpoint_` limits bound what can be lost to it."""

    checkpoint_every_leaves: int = 1000
    checkpoint_every_s: float = 60.0
    max_batch: int = 256
    max_waiting: int = 4096

    def due(self, head: Head, now: datetime) -> bool:
        if head.size == head.signed_size:
            return False
        if head.signed_at is None or head.size - head.signed_size >= self.checkpoint_every_leaves:
            return True
        return now - head.signed_at >= timedelta(seconds=self.checkpoint_every_s)


def extend(head: Head, entries: Sequence[Prepared], *, now: datetime) -> Batch:
    """Append `entries` in order. `IntegrityError` when the stored head cannot be one: nothing is built on sand."""
    if not head.frontier.sound:
        raise IntegrityError("The head of the audit log is damaged.", vi="Đầu nhật ký đã bị hỏng.", what="audit_head")
    rows, bodies, subjects = list[Row](), list[SealedBody](), list[Subject]()
    keys, frontier, last_hash = list[BodyKey](), head.frontier, head.last_hash
    for entry in entries:
        row = _row(entry, index=frontier.size, now=now, previous=last_hash)
        rows.append(row)
        bodies += _bodies(entry, row)
        keys += _keys(entry, row)
        subjects += [Subject(index=row.index, recorded_at=now, digest=digest) for digest in entry.subjects]
        frontier, last_hash = frontier.append(row.leaf_hash), row.leaf_hash
    return Batch(
        head=replace(head, frontier=frontier, last_hash=last_hash),
        rows=tuple(rows),
        bodies=tuple(bodies),
        keys=tuple(keys),
        subjects=tuple(subjects),
    )


def signed(batch: Batch, *, tenant: str, signer: Signer, now: datetime) -> Batch:
    """The batch with a checkpoint of its head."""
    head = batch.head
    stated = checkpoint.Checkpoint(origin=checkpoint.origin(tenant), size=head.size, root=head.frontier.root())
    return replace(
        batch,
        head=replace(head, signed_size=head.size, signed_at=now),
        checkpoint=SignedCheckpoint(size=head.size, signed_at=now, note=checkpoint.sign(stated, signer)),
    )


def _row(entry: Prepared, *, index: int, now: datetime, previous: bytes) -> Row:
    encoded = leaf.encode(entry, index=index, recorded_at=now, previous=previous)
    return Row(
        index=index,
        recorded_at=now,
        leaf=encoded,
        leaf_hash=tree.leaf_hash(encoded),
        reference=entry.reference,
        trace_id=entry.trace_id,
    )


def _bodies(entry: Prepared, row: Row) -> list[SealedBody]:
    return [
        SealedBody(index=row.index, name=name, recorded_at=row.recorded_at, sealed=sealed)
        for name, sealed in entry.bodies.items()
    ]


def _keys(entry: Prepared, row: Row) -> list[BodyKey]:
    if not entry.wrapped:
        return []
    key = BodyKey(
        index=row.index,
        recorded_at=row.recorded_at,
        kind=entry.fields["kind"],
        operation=entry.fields["operation"],
        kek_id=entry.kek_id,
        wrapped=entry.wrapped,
    )
    return [key]
