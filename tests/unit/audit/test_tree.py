"""The Merkle tree against the published vectors of Certificate Transparency and a naive definition."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import tree

# The reference vectors of the Certificate Transparency code base (RFC 6962): eight leaves, the root after each one.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
LEAVES = [tree.leaf_hash(entry) for entry in ENTRIES]

leaf_lists = st.integers(1, 70).map(lambda n: [tree.leaf_hash(bytes([i])) for i in range(n)])


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_published_vectors_give_the_published_roots(size: int) -> None:
    assert tree.root_of(LEAVES[:size]) == ROOTS[size - 1]


def test_empty_log_has_the_hash_of_nothing() -> None:
    assert tree.Frontier().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_published_inclusion_paths_are_produced_and_verified(index: int, size: int) -> None:
    proof = tree.inclusion_proof(LEAVES[:size], index)
    assert [node.hex() for node in proof] == INCLUSION[index, size]
    assert tree.verify_inclusion(LEAVES[index], index=index, size=size, proof=proof, root=ROOTS[size - 1])


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_published_consistency_proofs_are_produced_and_verified(old: int, new: int) -> None:
    proof = tree.consistency_proof(LEAVES[:new], old)
    assert [node.hex() for node in proof] == CONSISTENCY[old, new]
    assert tree.verify_consistency(old, new, proof=proof, old_root=ROOTS[old - 1], new_root=ROOTS[new - 1])


@given(leaf_lists)
def test_appending_one_by_one_gives_the_naive_root(leaves: list[bytes]) -> None:
    frontier = tree.frontier_of(leaves)
    assert frontier.root() == naive_root(leaves)
    assert frontier.sound
    assert frontier.size == len(leaves)


@given(leaf_lists, st.data())
def test_every_leaf_is_proven_at_its_place_and_nowhere_else(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    place = data.draw(st.integers(-1, len(leaves)))
    proof, root = tree.inclusion_proof(leaves, index), naive_root(leaves)
    verified = tree.verify_inclusion(leaves[index], index=place, size=len(leaves), proof=proof, root=root)
    assert verified == (place == index)


@given(leaf_lists, st.data())
def test_altered_inclusion_proof_is_refused(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = tree.inclusion_proof(leaves, index), naive_root(leaves)
    for altered in _altered(proof, data):
        assert not tree.verify_inclusion(leaves[index], index=index, size=len(leaves), proof=altered, root=root)
    other = tree.leaf_hash(b"another entry")
    assert not tree.verify_inclusion(other, index=index, size=len(leaves), proof=proof, root=root)


@given(leaf_lists, st.data())
def test_every_prefix_is_proven_and_altered_proofs_are_refused(leaves: list[bytes], data: st.DataObject) -> None:
    old, new = data.draw(st.integers(0, len(leaves))), len(leaves)
    old_root, new_root = naive_root(leaves[:old]), naive_root(leaves)
    proof = tree.consistency_proof(leaves, old)
    assert tree.verify_consistency(old, new, proof=proof, old_root=old_root, new_root=new_root)
    wrong = tree.leaf_hash(b"another tree")
    assert not tree.verify_consistency(old, new, proof=proof, old_root=wrong, new_root=new_root)
    if old:
        assert not tree.verify_consistency(old, new, proof=proof, old_root=old_root, new_root=wrong)
    for altered in _altered(proof, data):
        assert not tree.verify_consistency(old, new, proof=altered, old_root=old_root, new_root=new_root)


def test_a_larger_tree_is_never_a_prefix_of_a_smaller_one() -> None:
    proof = tree.consistency_proof(LEAVES, 6)
    assert not tree.verify_consistency(8, 6, proof=proof, old_root=ROOTS[7], new_root=ROOTS[5])


def test_damaged_frontier_is_not_sound() -> None:
    assert not tree.Frontier(3, (LEAVES[0],)).sound
    assert not tree.Frontier(1, (b"short",)).sound


def _altered(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    longer = [*proof, tree.leaf_hash(b"one more")]
    if not proof:
        return [longer]
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
    return [longer, proof[:-1], flipped]
