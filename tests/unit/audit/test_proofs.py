"""Proofs from tiles are those of the definition, for every size, and are read from few tiles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services import NOW

from gateway.audit import proofs, tiles, tree
from gateway.audit.memory import MemoryAudit
from gateway.audit.proofs import Prover
from gateway.audit.rows import Head, Row
from gateway.audit.tiles import TileId
from gateway.sdk.errors import IntegrityError, NotFoundError

T = "H99"
SIZE = 700
LEAVES = [hashlib.sha256(str(number).encode()).digest() for number in range(SIZE)]


def log_of(size: int = SIZE) -> MemoryAudit:
    store = MemoryAudit()
    store.leaves[T] = [Row(index=at, recorded_at=NOW, leaf=b"", leaf_hash=LEAVES[at]) for at in range(size)]
    store.heads[T] = Head(frontier=tree.frontier_of(LEAVES[:size]))
    return store


STORE = log_of()
PROVER = Prover(STORE, T)


@settings(max_examples=150, deadline=None)
@given(st.data())
async def test_any_inclusion_proof_is_the_one_of_the_definition(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, SIZE))
    index = data.draw(st.integers(0, size - 1))
    proof = await PROVER.inclusion(index, size)
    assert list(proof) == tree.inclusion_proof(LEAVES[:size], index)
    root = await PROVER.root(size)
    assert root == tree.root_of(LEAVES[:size])
    assert tree.verify_inclusion(LEAVES[index], index=index, size=size, proof=proof, root=root)


@settings(max_examples=150, deadline=None)
@given(st.data())
async def test_any_consistency_proof_is_the_one_of_the_definition(data: st.DataObject) -> None:
    new = data.draw(st.integers(0, SIZE))
    old = data.draw(st.integers(0, new))
    proof = await PROVER.consistency(old, new)
    assert list(proof) == tree.consistency_proof(LEAVES[:new], old)
    roots = {"old_root": tree.root_of(LEAVES[:old]), "new_root": tree.root_of(LEAVES[:new])}
    assert tree.verify_consistency(old, new, proof=proof, **roots)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (0, SIZE + 1)])
async def test_what_the_log_does_not_have_cannot_be_proven(index: int, size: int) -> None:
    with pytest.raises(NotFoundError):
        await PROVER.inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (1, SIZE + 1)])
async def test_a_log_that_was_never_that_long_is_not_consistent(old: int, new: int) -> None:
    with pytest.raises(NotFoundError):
        await PROVER.consistency(old, new)


async def test_the_empty_log_has_a_root() -> None:
    assert await PROVER.root(0) == tree.EMPTY_ROOT


async def test_a_log_that_lost_rows_says_so() -> None:
    store = log_of()
    del store.leaves[T][600:]
    with pytest.raises(IntegrityError):
        await Prover(store, T).inclusion(3, SIZE)


@given(st.integers(1, 10**9), st.data())
def test_a_proof_of_a_large_log_takes_a_handful_of_tiles(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    spans = proofs.inclusion_spans(index, size)
    wanted = proofs.tiles_of((node for span in spans for node in proofs.nodes_of(span)), size)
    assert len(wanted) <= 2 * 4
    assert all(0 < tile.width <= tiles.WIDTH for tile in wanted)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileId(0, 5), "005"),
        (TileId(1, 1_234_067), "x001/x234/067"),
        (TileId(0, 1000, 3), "x001/000.p/3"),
        (TileId(2, 0, 255), "000.p/255"),
    ],
)
def test_a_tile_has_the_address_of_the_specification(tile: TileId, path: str) -> None:
    assert tiles.place(tile) == path
    assert tiles.parse(str(tile.level), path) == tile


@pytest.mark.parametrize(
    ("level", "path"),
    [("0", "5"), ("0", "x000/005"), ("00", "005"), ("8", "005"), ("0", "005.p/256"), ("0", "005.p/0"), ("0", "../5")],
)
def test_an_address_has_one_spelling(level: str, path: str) -> None:
    with pytest.raises(NotFoundError):
        tiles.parse(level, path)


def test_tiles_fall_due_each_after_what_it_is_made_of() -> None:
    assert list(tiles.due(0, 255, most=9)) == []
    assert list(tiles.due(256, 800, most=9)) == [TileId(0, 1), TileId(0, 2)]
    assert list(tiles.due(255 * 256, 65_536, most=9)) == [TileId(0, 255), TileId(1, 0)]
    assert list(tiles.due(0, 10_000, most=2)) == [TileId(0, 0), TileId(0, 1)]


async def test_tiles_of_higher_levels_are_made_of_those_below() -> None:
    found: Mapping[TileId, bytes] = await STORE.tiles(T, [TileId(1, 0, 2), TileId(0, 2, 188), TileId(1, 0, 3)])
    below: Sequence[bytes] = [tree.root_of(LEAVES[at : at + 256]) for at in (0, 256)]
    assert found == {TileId(1, 0, 2): b"".join(below), TileId(0, 2, 188): b"".join(LEAVES[512:])}
