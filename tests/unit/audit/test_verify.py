"""Every kind of alteration is found, and the first altered row is the one that is named (SEC-09 (part))."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import checkpoint, leaf, tree
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.memory import MemoryAudit
from gateway.audit.rows import Head, Row, SignedCheckpoint
from gateway.audit.verify import Report
from gateway.signing import Keyring

T = "H99"
Grown = Callable[[], MemoryAudit]
Check = Callable[[MemoryAudit], Report]


def named(report: Report) -> int | None:
    assert report.finding, "nothing was found"
    assert report.finding.text_vi
    assert report.finding.text_vi != report.finding.text
    return report.finding.index


def forged(row: Row) -> Row:
    """Another outcome, and the hash recomputed to match."""
    altered = row.leaf.replace(b'"answered"', b'"absent"')
    assert altered != row.leaf
    return replace(row, leaf=altered, leaf_hash=tree.leaf_hash(altered))


def rewritten(store: MemoryAudit, first: int) -> None:
    """Forge row `first` and build everything behind it, and the head, anew: all that can be done without the key."""
    rows = store.leaves[T]
    rows[first] = forged(rows[first])
    for index in range(first + 1, len(rows)):
        altered = rows[index].leaf.replace(
            leaf.decode(rows[index].leaf).previous.hex().encode(), rows[index - 1].leaf_hash.hex().encode()
        )
        rows[index] = replace(rows[index], leaf=altered, leaf_hash=tree.leaf_hash(altered))
    store.heads[T] = head_of(store)


def head_of(store: MemoryAudit) -> Head:
    rows = store.leaves[T]
    frontier = tree.frontier_of(row.leaf_hash for row in rows)
    return replace(store.heads[T], frontier=frontier, last_hash=rows[-1].leaf_hash if rows else b"")


def test_the_log_as_it_was_written_is_sound(grown: Grown, check: Check) -> None:
    assert check(grown()) == Report(size=23, signed=20, checkpoints=4, bodies=46, erased=0)


def test_an_empty_log_is_sound(check: Check) -> None:
    assert check(MemoryAudit()).sound


@given(st.data())
def test_any_altered_byte_of_a_leaf_names_its_row(grown: Grown, check: Check, data: st.DataObject) -> None:
    store = grown()
    index = data.draw(st.integers(0, 22))
    row = store.leaves[T][index]
    place, bit = data.draw(st.integers(0, len(row.leaf) - 1)), data.draw(st.integers(0, 7))
    altered = row.leaf[:place] + bytes([row.leaf[place] ^ 1 << bit]) + row.leaf[place + 1 :]
    store.leaves[T][index] = replace(row, leaf=altered)
    assert named(check(store)) == index


@given(st.integers(0, 22))
def test_an_altered_row_with_its_hash_recomputed_is_named(grown: Grown, check: Check, index: int) -> None:
    store = grown()
    store.leaves[T][index] = forged(store.leaves[T][index])
    assert named(check(store)) == index


@pytest.mark.parametrize("kept", [5, 20])
def test_an_altered_last_row_with_its_hash_recomputed_is_named(grown: Grown, check: Check, kept: int) -> None:
    """No row follows, but the head does."""
    store = grown()
    del store.leaves[T][kept:]
    store.notes[T] = [note for note in store.notes[T] if note.size <= kept]
    store.heads[T] = replace(head_of(store), signed_size=kept)
    assert check(store).sound
    store.leaves[T][-1] = forged(store.leaves[T][-1])
    assert named(check(store)) == kept - 1


@given(st.sets(st.integers(0, 22), min_size=2))
def test_of_several_altered_rows_the_first_is_named(grown: Grown, check: Check, indexes: set[int]) -> None:
    store = grown()
    for index in indexes:
        row = store.leaves[T][index]
        store.leaves[T][index] = replace(row, leaf=row.leaf + b" ")
    assert named(check(store)) == min(indexes)


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": "X"},
        {"trace_id": "X"},
        {"leaf_hash": bytes(32)},
        {"index": 3},
        {"index": 8},
        {"index": -1},
        {"index": 10**6},
    ],
    ids=str,
)
def test_an_altered_column_names_its_row(grown: Grown, check: Check, changes: dict[str, object]) -> None:
    store = grown()
    store.leaves[T][7] = replace(store.leaves[T][7], **changes)  # type: ignore[arg-type]  # a test names what it changes
    assert named(check(store)) == 7


def test_an_altered_time_of_recording_names_its_row(grown: Grown, check: Check) -> None:
    store = grown()
    row = store.leaves[T][7]
    store.leaves[T][7] = replace(row, recorded_at=row.recorded_at + timedelta(microseconds=1))
    assert named(check(store)) == 7


def test_a_row_right_behind_a_checkpoint_is_blamed_for_its_own_link(grown: Grown, check: Check) -> None:
    """Row 4 is proven by the checkpoint at 5, so it cannot be the one that was altered."""
    store = grown()
    row = store.leaves[T][5]
    altered = row.leaf.replace(leaf.decode(row.leaf).previous.hex().encode(), b"0" * 64)
    store.leaves[T][5] = replace(row, leaf=altered, leaf_hash=tree.leaf_hash(altered))
    assert named(check(store)) == 5


@given(st.integers(0, 22), st.integers(0, 22))
def test_a_row_altered_behind_a_rewritten_one_is_not_named_instead(
    grown: Grown, check: Check, one: int, other: int
) -> None:
    store = grown()
    first, second = sorted((one, other))
    rewritten(store, first)
    store.leaves[T][second] = replace(store.leaves[T][second], leaf=b"{}")
    found = named(check(store))
    assert found in {first // 5 * 5, second}
    assert found is not None
    assert found <= second


@given(st.integers(0, 22))
def test_a_deleted_row_is_named(grown: Grown, check: Check, index: int) -> None:
    store = grown()
    del store.leaves[T][index]
    assert named(check(store)) == index


@given(st.integers(0, 21))
def test_swapped_rows_are_named(grown: Grown, check: Check, index: int) -> None:
    store = grown()
    rows = store.leaves[T]
    rows[index], rows[index + 1] = rows[index + 1], rows[index]
    assert named(check(store)) == index


@given(st.integers(0, 22))
def test_swapped_contents_are_named(grown: Grown, check: Check, index: int) -> None:
    store = grown()
    rows = store.leaves[T]
    other = rows[(index + 9) % 23]
    rows[index] = replace(rows[index], leaf=other.leaf, leaf_hash=other.leaf_hash)
    assert named(check(store)) == index


def test_a_second_row_of_one_index_is_named(grown: Grown, check: Check) -> None:
    store = grown()
    store.leaves[T].insert(8, forged(store.leaves[T][7]))
    assert named(check(store)) == 7


@given(st.integers(0, 19))
def test_a_log_rewritten_from_a_signed_row_on_breaks_the_next_checkpoint(
    grown: Grown, check: Check, index: int
) -> None:
    """Nothing can tell which of the rows it was: the first that the broken checkpoint alone proved is named."""
    store = grown()
    rewritten(store, index)
    report = check(store)
    assert named(report) == index // 5 * 5
    assert report.signed == index // 5 * 5


def test_a_rewritten_tail_that_nobody_signed_cannot_be_proven(grown: Grown, check: Check) -> None:
    """What the policy's two limits bound; `signed` tells how far the proof reaches."""
    store = grown()
    rewritten(store, 21)
    assert (check(store).sound, check(store).signed) == (True, 20)


@given(st.integers(0, 22))
def test_a_cut_log_is_found_by_its_head(grown: Grown, check: Check, kept: int) -> None:
    store = grown()
    del store.leaves[T][kept:]
    assert named(check(store)) == kept


@given(st.integers(0, 19))
def test_a_cut_log_with_a_forged_head_is_found_by_its_checkpoints(grown: Grown, check: Check, kept: int) -> None:
    store = grown()
    del store.leaves[T][kept:]
    store.heads[T] = replace(head_of(store), signed_size=kept // 5 * 5)
    assert named(check(store)) == kept


def test_rows_behind_a_head_that_was_set_back_are_named(grown: Grown, check: Check) -> None:
    store = grown()
    whole = store.leaves[T]
    store.leaves[T] = whole[:21]
    store.heads[T] = head_of(store)
    store.leaves[T] = whole
    assert named(check(store)) == 21


def test_a_deleted_head_is_found(grown: Grown, check: Check) -> None:
    store = grown()
    del store.heads[T]
    assert named(check(store)) == 0


@pytest.mark.parametrize(
    "changes", [{"last_hash": bytes(32)}, {"frontier": tree.frontier_of([bytes(32)] * 23)}], ids=str
)
def test_an_altered_head_is_found(grown: Grown, check: Check, changes: dict[str, object]) -> None:
    store = grown()
    store.heads[T] = replace(store.heads[T], **changes)  # type: ignore[arg-type]  # a test names what it changes
    assert named(check(store)) == 22


@given(st.data())
def test_any_altered_byte_of_a_checkpoint_is_found(grown: Grown, check: Check, data: st.DataObject) -> None:
    store = grown()
    which = data.draw(st.integers(0, 3))
    note = store.notes[T][which]
    raw = note.note.encode()
    place = data.draw(st.integers(0, len(raw) - 1))
    altered = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
    store.notes[T][which] = replace(note, note=altered.decode(errors="replace"))
    assert named(check(store)) == which * 5


@pytest.mark.parametrize("size", [-1, 0, 4, 6, 10, 23, 99])
def test_a_checkpoint_in_another_place_is_found(grown: Grown, check: Check, size: int) -> None:
    store = grown()
    store.notes[T][0] = replace(store.notes[T][0], size=size)
    assert named(check(store)) is not None


def test_a_checkpoint_that_is_missing_at_the_end_is_found(grown: Grown, check: Check) -> None:
    store = grown()
    store.notes[T].pop()
    assert named(check(store)) == 15


def test_a_checkpoint_with_another_root_blames_the_rows(grown: Grown, check: Check, keyring: Keyring) -> None:
    store = grown()
    stated = Checkpoint(origin=checkpoint.origin(T), size=10, root=bytes(32))
    store.notes[T][1] = SignedCheckpoint(
        size=10, signed_at=store.notes[T][1].signed_at, note=checkpoint.sign(stated, keyring)
    )
    report = check(store)
    assert named(report) == 5
    assert report.finding
    assert "rows 5 to 9" in report.finding.text


def test_a_log_of_another_tenant_in_its_place_is_found(grown: Grown, check: Check) -> None:
    store, other = grown(), grown()
    store.leaves[T] = [replace(row, leaf=row.leaf.replace(b'"H99"', b'"H98"')) for row in other.leaves[T]]
    store.leaves[T] = [replace(row, leaf_hash=tree.leaf_hash(row.leaf)) for row in store.leaves[T]]
    assert named(check(store)) == 0
