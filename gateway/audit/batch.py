"""How a batch follows from a head: numbers, hashes, and a checkpoint when one is due. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.audit import checkpoint, leaf, tree
from gateway.audit.keys import Signer
from gateway.audit.model import Prepared
from gateway.audit.rows import Batch, Head, SignedCheckpoint
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
    first, previous = head.size, head.last_hash
    leaves, hashes = list[bytes](), list[bytes]()
    for index, entry in enumerate(entries, first):
        encoded = leaf.encode(entry, index=index, recorded_at=now, previous=previous)
        previous = tree.leaf_hash(encoded)
        leaves.append(encoded)
        hashes.append(previous)
    return Batch(
        head=replace(head, frontier=head.frontier.extend(hashes), last_hash=previous),
        recorded_at=now,
        first=first,
        leaves=tuple(leaves),
        hashes=tuple(hashes),
        entries=tuple(entries),
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
