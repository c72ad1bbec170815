"""The newest rows are verified from a checkpoint on; whatever was altered there, or just before, is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.audit import tree
from gateway.audit.memory import MemoryAudit
from gateway.audit.tail import Tail
from gateway.audit.verify import Report
from gateway.signing import Keyring

TENANT, ROWS, EVERY = "H99", 23, 5
"""As the log of `conftest` is."""
Grown = Callable[[], MemoryAudit]


def verified(store: MemoryAudit, keyring: Keyring, *, rows: int) -> tuple[int, Report]:
    """Where it began, and what it found."""
    tail = Tail(store, TENANT, public_key=keyring.public_key)
    report = asyncio.run(tail.verify(rows=rows))
    return tail.first, report


def alter(store: MemoryAudit, index: int, *, rehash: bool = False) -> None:
    row = store.leaves[TENANT][index]
    said = row.leaf.replace(b'"answered"', b'"refused!"')
    assert said != row.leaf
    store.leaves[TENANT][index] = replace(row, leaf=said, leaf_hash=tree.leaf_hash(said) if rehash else row.leaf_hash)


@pytest.mark.parametrize("rows", range(1, ROWS + 3))
def test_a_sound_end_is_sound_and_holds_as_many_rows_as_were_asked_for(
    grown: Grown, keyring: Keyring, rows: int
) -> None:
    first, report = verified(grown(), keyring, rows=rows)
    assert report.finding is None
    assert report.size == ROWS
    assert report.signed == ROWS // EVERY * EVERY
    assert first % EVERY == 0
    assert ROWS - first >= min(rows, ROWS)


@pytest.mark.parametrize("rehash", [False, True])
@pytest.mark.parametrize("index", range(15, ROWS))
def test_an_altered_row_is_named(grown: Grown, keyring: Keyring, index: int, rehash: bool) -> None:
    store = grown()
    alter(store, index, rehash=rehash)
    first, report = verified(store, keyring, rows=8)
    assert first == 15
    assert report.finding is not None
    assert report.finding.index == index


@pytest.mark.parametrize(("rehash", "named"), [(False, 14), (True, 0)])
def test_the_row_before_the_first_is_held_against_the_checkpoint(
    grown: Grown, keyring: Keyring, rehash: bool, named: int
) -> None:
    """Where the stored hash was altered, too, only the span that was signed can be named."""
    store = grown()
    alter(store, 14, rehash=rehash)
    finding = verified(store, keyring, rows=8)[1].finding
    assert finding is not None
    assert finding.index == named


def test_rows_before_the_checkpoint_are_not_read(grown: Grown, keyring: Keyring) -> None:
    store = grown()
    alter(store, 3)
    assert verified(store, keyring, rows=8)[1].sound
    assert not verified(store, keyring, rows=ROWS)[1].sound


@pytest.mark.parametrize("index", [16, ROWS - 1])
def test_a_row_that_is_gone_is_named(grown: Grown, keyring: Keyring, index: int) -> None:
    store = grown()
    del store.leaves[TENANT][index]
    finding = verified(store, keyring, rows=8)[1].finding
    assert finding is not None
    assert finding.index == index


def test_a_log_that_was_cut_behind_its_checkpoint_is_noticed(grown: Grown, keyring: Keyring) -> None:
    """The head was set back, too; only the checkpoint still knows."""
    store = grown()
    del store.leaves[TENANT][18:]
    hashes = [row.leaf_hash for row in store.leaves[TENANT]]
    store.heads[TENANT] = replace(
        store.heads[TENANT], frontier=tree.frontier_of(hashes), last_hash=hashes[-1], signed_size=15
    )
    finding = verified(store, keyring, rows=3)[1].finding
    assert finding is not None
    assert finding.index == 18


def test_a_checkpoint_of_another_key_proves_nothing(grown: Grown, keyring: Keyring) -> None:
    finding = verified(grown(), Keyring.ephemeral(), rows=8)[1].finding
    assert finding is not None
    assert "checkpoint" in finding.text
