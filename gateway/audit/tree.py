"""The Merkle tree of RFC 9162 section 2.1 (the same hashes as RFC 6962), SHA-256. Pure.

A leaf hashes as SHA-256(0x00 ‖ entry), a node as SHA-256(0x01 ‖ left ‖ right), so that neither can pass for the other.
Functions that take `leaves` want leaf hashes, oldest first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to append: the roots of the full subtrees, largest first; one per set bit of `size`."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """The frontier with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """The frontier with more leaf hashes, in their order."""
        peaks, size = list(self.peaks), self.size
        for leaf in leaves:
            full, node = size, leaf
            while full & 1:
                node, full = node_hash(peaks.pop(), node), full >> 1
            peaks.append(node)
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        *rest, node = self.peaks
        for peak in reversed(rest):
            node = node_hash(peak, node)
        return node

    @property
    def sound(self) -> bool:
        """Whether it can be a frontier at all; a stored one may have been damaged."""
        return len(self.peaks) == self.size.bit_count() and all(len(peak) == HASH_SIZE for peak in self.peaks)


def frontier_of(leaves: Iterable[bytes]) -> Frontier:
    return Frontier().extend(leaves)


def root_of(leaves: Iterable[bytes]) -> bytes:
    return frontier_of(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The path from leaf `index` to the root of all `leaves`, nearest sibling first (RFC 9162, 2.1.3.1)."""
    if len(leaves) <= 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split])]


@dataclass(frozen=True, slots=True)
class Step:
    """One level up: `node` is what the one before and its `sibling` hash to. `is_left`: on which side it stands."""

    sibling: bytes
    is_left: bool
    node: bytes


def inclusion_steps(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes]) -> list[Step] | None:
    """How `proof` leads from `leaf` up to a root (RFC 9162, 2.1.3.2); None: it has not as many hashes as the place of
    leaf `index` in a tree of `size` leaves takes."""
    if not 0 <= index < size:
        return None
    steps, node, last, result = list[Step](), index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        is_left = bool(node & 1) or node == last
        result = node_hash(sibling, result) if is_left else node_hash(result, sibling)
        steps.append(Step(sibling, is_left, result))
        if is_left:
            node, last = _climb(node, last)
        node, last = node >> 1, last >> 1
    return steps if last == 0 else None


def verify_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` stands at `index` of the tree of `size` leaves."""
    steps = inclusion_steps(leaf, index=index, size=size, proof=proof)
    return steps is not None and (steps[-1].node if steps else leaf) == root


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """That the tree of the first `old_size` leaves is a prefix of the tree of all (RFC 9162, 2.1.4.1)."""
    if not 0 < old_size < len(leaves):
        return []
    return _subproof(leaves, old_size, known=True)


def verify_consistency(
    old_size: int, new_size: int, *, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Whether the new tree only appended to the old one (RFC 9162, 2.1.4.2)."""
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not 0 < old_size < new_size or not path:
        return False
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    return _rebuild(path, node, last) == (old_root, new_root)


def _rebuild(path: Sequence[bytes], node: int, last: int) -> tuple[bytes, bytes] | None:
    """Both roots that `path` leads to, or None when its length does not fit."""
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            node, last = _climb(node, last)
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return (old, new) if last == 0 else None


def _climb(node: int, last: int) -> tuple[int, int]:
    """Skip the levels where a right-most subtree has no sibling; the caller then goes up the one level it hashed."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _subproof(leaves: Sequence[bytes], old_size: int, *, known: bool) -> list[bytes]:
    """`known`: the verifier already has the root of these leaves, because it is the old root."""
    if old_size == len(leaves):
        return [] if known else [root_of(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(leaves[:split], old_size, known=known), root_of(leaves[split:])]
    return [*_subproof(leaves[split:], old_size - split, known=False), root_of(leaves[:split])]


def _split(count: int) -> int:
    """The largest power of two smaller than `count` (at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)
