"""Whether one row stands in the log, step by step, as people can follow it. Pure.

Everything is worked out again from the bytes of the row, the path and the signed checkpoint; no stored column is
believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.audit import checkpoint, tree
from gateway.audit.rows import Row
from gateway.audit.tree import Step
from gateway.sdk.errors import TrustError


class Standing(StrEnum):
    """Kết luận."""

    STANDS = "stands"
    """The row leads to the root that was signed."""
    UNSIGNED = "unsigned"
    """No checkpoint covers it yet: nothing can be proven or refuted."""
    OTHER_ROOT = "other_root"
    """It leads to another root than was signed: the row, or the path to it, is not as it was."""
    UNTRUSTED = "untrusted"
    """The checkpoint is not signed by the key of this log."""
    BROKEN = "broken"
    """The log lacks hashes that the path needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`root`: where the steps lead; `signed_root`: what the checkpoint `note` of `size` rows says; empty: nothing."""

    index: int
    standing: Standing
    leaf_hash: bytes
    size: int = 0
    steps: Sequence[Step] = ()
    root: bytes = b""
    signed_root: bytes = b""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A note, and with which key it has to be signed."""

    note: str
    name: str
    public_key: bytes


def explain(row: Row, hashes: Sequence[bytes], signature: Signature) -> Explained:
    """`hashes`: the path, nearest sibling first."""
    own = tree.leaf_hash(row.leaf)
    try:
        stated = checkpoint.verify(signature.note, name=signature.name, public_key=signature.public_key)
    except TrustError:
        return Explained(index=row.index, standing=Standing.UNTRUSTED, leaf_hash=own, note=signature.note)
    steps = tree.inclusion_steps(own, index=row.index, size=stated.size, proof=hashes)
    root = b"" if steps is None else steps[-1].node if steps else own
    return Explained(
        index=row.index,
        standing=Standing.STANDS if root == stated.root else Standing.OTHER_ROOT,
        leaf_hash=own,
        size=stated.size,
        steps=steps or (),
        root=root,
        signed_root=stated.root,
        note=signature.note,
    )
