"""Bodies are sealed beside the leaf: they may be erased, but not exchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import batch, leaf, tree
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry
from gateway.audit.verify import Report, verify
from gateway.signing import Keyring

T = "H99"
Grown = Callable[[], MemoryAudit]
Check = Callable[[MemoryAudit], Report]


def named(report: Report) -> int | None:
    assert report.finding, "nothing was found"
    return report.finding.index


@given(st.data())
def test_any_altered_byte_names_the_row(grown: Grown, check: Check, data: st.DataObject) -> None:
    store = grown()
    which = data.draw(st.integers(0, 45))
    body = store.sealed[T][which]
    place = data.draw(st.integers(0, len(body.sealed) - 1))
    altered = body.sealed[:place] + bytes([body.sealed[place] ^ 1]) + body.sealed[place + 1 :]
    store.sealed[T][which] = replace(body, sealed=altered)
    assert named(check(store)) == which // 2


def test_a_body_of_another_row_is_named(grown: Grown, check: Check) -> None:
    store = grown()
    bodies = store.sealed[T]
    bodies[6], bodies[12] = replace(bodies[6], sealed=bodies[12].sealed), bodies[12]
    assert named(check(store)) == 3


def test_a_body_that_the_leaf_does_not_know_is_named(grown: Grown, check: Check) -> None:
    store = grown()
    store.sealed[T].append(replace(store.sealed[T][8], name="reply_sent"))
    assert named(check(store)) == 4


def test_a_body_sealed_anew_with_our_own_key_is_named(grown: Grown, check: Check, keyring: Keyring) -> None:
    """Even who holds the sealing key cannot put another body under the digest."""
    store = grown()
    sealed = keyring.seal(bytes(32) + "Trần Thị Khác".encode(), purpose=f"audit/{T}/request_sent")
    store.sealed[T][10] = replace(store.sealed[T][10], sealed=sealed)
    assert named(check(store)) == 5


def test_a_body_is_named_before_a_later_row(grown: Grown, check: Check) -> None:
    store = grown()
    store.sealed[T][2] = replace(store.sealed[T][2], sealed=b"x")
    store.leaves[T][20] = replace(store.leaves[T][20], leaf=b"{}")
    assert named(check(store)) == 1


def test_a_row_is_named_before_a_later_body(grown: Grown, check: Check) -> None:
    store = grown()
    store.leaves[T][1] = replace(store.leaves[T][1], leaf=b"{}")
    store.sealed[T][40] = replace(store.sealed[T][40], sealed=b"x")
    assert named(check(store)) == 1


async def test_erasing_keeps_every_proof_valid(grown: Grown, keyring: Keyring, entry: Callable[..., Entry]) -> None:
    """PDP-11 (part), PDP-12 (part): the person is gone, the evidence is not, and the log goes on."""
    store = grown()
    before = [row.leaf_hash for row in store.leaves[T]]
    proof = tree.inclusion_proof(before, 6)
    assert [await store.erase_bodies(T, index) for index in (6, 6, 11)] == [2, 0, 2]
    now = store.leaves[T][-1].recorded_at + timedelta(seconds=1)
    await store.append(
        T,
        lambda head: batch.signed(
            batch.extend(head, [leaf.prepare(entry(99), keyring)], now=now), tenant=T, signer=keyring, now=now
        ),
    )
    report = await verify(store, T, public_key=keyring.public_key, sealer=keyring)
    assert report == Report(size=24, signed=24, checkpoints=5, bodies=44, erased=4)
    row = store.leaves[T][6]
    assert tree.verify_inclusion(tree.leaf_hash(row.leaf), index=6, size=23, proof=proof, root=tree.root_of(before))
    assert "Mẫu 6".encode() not in row.leaf
    assert not [body for body in store.sealed[T] if body.index == 6]


def test_bodies_that_outlive_their_key_are_erased_ones(grown: Grown, check: Check) -> None:
    """PDP-12 (part): whoever restores the bodies from a backup restores nothing that opens."""
    store = grown()
    del store.keys[T][7]
    report = check(store)
    assert (report.sound, report.bodies, report.erased) == (True, 44, 2)


def test_bodies_that_carry_their_own_key_stay_readable(grown: Grown, check: Check, keyring: Keyring) -> None:
    """Rows from before keys were kept apart."""
    store = grown()
    opened = keyring.open_record(store.keys[T][5].wrapped, purpose=leaf.key_purpose(T))
    del store.keys[T][5]
    for place in (10, 11):
        other = store.sealed[T][place]
        plain = opened.unseal(other.sealed, purpose=f"audit/{T}/{other.name}")
        store.sealed[T][place] = replace(other, sealed=keyring.seal(plain, purpose=f"audit/{T}/{other.name}"))
    report = check(store)
    assert (report.sound, report.bodies, report.erased) == (True, 46, 0)
