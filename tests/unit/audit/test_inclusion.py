"""A proof of one row, as it is shown: every step is the tree's, and what differs is called by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.audit import tree
from gateway.audit.evidence import Evidence
from gateway.audit.exhibits import Content, Source
from gateway.audit.inclusion import Explained, Standing
from gateway.audit.memory import MemoryAudit
from gateway.signing import Keyring

TENANT, ROWS, EVERY = "H99", 23, 5
"""As the log of `conftest` is."""
Grown = Callable[[], MemoryAudit]


def evidence(store: MemoryAudit, keyring: Keyring) -> Evidence:
    source = Source(reader=store, tenant=TENANT, public_key=keyring.public_key, sealer=keyring)
    return Evidence(store, source)


def explained(store: MemoryAudit, keyring: Keyring, index: int) -> Explained:
    return asyncio.run(evidence(store, keyring).explain(index))


@pytest.mark.parametrize("index", range(ROWS // EVERY * EVERY))
def test_the_steps_lead_to_the_signed_root(grown: Grown, keyring: Keyring, index: int) -> None:
    store = grown()
    found = explained(store, keyring, index)
    assert found.standing is Standing.STANDS
    node = found.leaf_hash
    for step in found.steps:
        node = tree.node_hash(step.sibling, node) if step.is_left else tree.node_hash(node, step.sibling)
        assert node == step.node
    hashes = [row.leaf_hash for row in store.leaves[TENANT][: found.size]]
    assert node == found.root == found.signed_root == tree.root_of(hashes)


def test_a_row_behind_the_newest_checkpoint_is_not_proven_yet(grown: Grown, keyring: Keyring) -> None:
    assert explained(grown(), keyring, ROWS - 1).standing is Standing.UNSIGNED


def test_an_altered_row_leads_elsewhere(grown: Grown, keyring: Keyring) -> None:
    store = grown()
    row = store.leaves[TENANT][7]
    said = row.leaf.replace(b"motcua", b"kekhac")
    store.leaves[TENANT][7] = replace(row, leaf=said)
    found = explained(store, keyring, 7)
    assert found.standing is Standing.OTHER_ROOT
    assert found.root != found.signed_root


def test_a_checkpoint_that_another_key_signed_is_not_believed(grown: Grown) -> None:
    assert explained(grown(), Keyring.ephemeral(), 7).standing is Standing.UNTRUSTED


def test_contents_are_told_by_what_became_of_them(grown: Grown, keyring: Keyring) -> None:
    store = grown()
    own = evidence(store, keyring)
    assert {*asyncio.run(own.contents(4)).values()} == {Content.KEPT}
    sealed = store.sealed[TENANT]
    at = next(place for place, body in enumerate(sealed) if (body.index, body.name) == (4, "request_sent"))
    other = next(body for body in sealed if (body.index, body.name) == (5, "request_sent"))
    sealed[at] = replace(sealed[at], sealed=other.sealed)
    assert asyncio.run(own.contents(4)) == {"reply_received": Content.KEPT, "request_sent": Content.ALTERED}
    asyncio.run(store.erase_bodies(TENANT, 4))
    assert {*asyncio.run(own.contents(4)).values()} == {Content.ERASED}


def test_a_path_of_another_length_leads_nowhere() -> None:
    leaf = tree.leaf_hash(b"x")
    assert tree.inclusion_steps(leaf, index=0, size=1, proof=[]) == []
    assert tree.inclusion_steps(leaf, index=0, size=1, proof=[leaf]) is None
    assert tree.inclusion_steps(leaf, index=0, size=2, proof=[]) is None
    assert tree.inclusion_steps(leaf, index=2, size=2, proof=[leaf]) is None
