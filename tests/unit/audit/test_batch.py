"""What follows from a head, and when a checkpoint is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit import batch, checkpoint, leaf, tree
from gateway.audit.batch import Policy
from gateway.audit.model import Entry
from gateway.audit.rows import Head
from gateway.audit.tree import Frontier
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
POLICY = Policy(checkpoint_every_leaves=10, checkpoint_every_s=60)
Make = Callable[..., Entry]


def head(size: int, *, signed: int = 0, signed_at: datetime | None = None) -> Head:
    return Head(
        frontier=tree.frontier_of([bytes(32)] * size), last_hash=bytes(32), signed_size=signed, signed_at=signed_at
    )


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (head(0), False),
        (head(1), True),  # the first leaf of a log: from then on there is a checkpoint that speaks of it
        (head(5, signed=5, signed_at=NOW - timedelta(days=9)), False),
        (head(14, signed=5, signed_at=NOW), False),
        (head(15, signed=5, signed_at=NOW), True),
        (head(6, signed=5, signed_at=NOW - timedelta(seconds=59)), False),
        (head(6, signed=5, signed_at=NOW - timedelta(seconds=60)), True),
    ],
)
def test_a_checkpoint_is_due_after_so_many_leaves_or_seconds(state: Head, due: bool) -> None:
    assert POLICY.due(state, NOW) is due


def test_rows_continue_the_numbers_and_the_chain(entry: Make, keyring: Keyring) -> None:
    prepared = [leaf.prepare(entry(number), keyring) for number in range(5)]
    first = batch.extend(Head(), prepared[:2], now=NOW)
    second = batch.extend(first.head, prepared[2:], now=NOW)
    rows = [*first.rows, *second.rows]
    assert [row.index for row in rows] == [0, 1, 2, 3, 4]
    previous = [leaf.decode(row.leaf).previous for row in rows]
    assert previous == [b"", *(row.leaf_hash for row in rows[:-1])]
    assert second.head.frontier.root() == tree.root_of(row.leaf_hash for row in rows)
    assert [(body.index, body.name) for body in first.bodies] == [
        (0, "request_sent"),
        (0, "reply_received"),
        (1, "request_sent"),
        (1, "reply_received"),
    ]


def test_a_signed_batch_states_its_own_head(entry: Make, keyring: Keyring) -> None:
    grown = batch.extend(Head(), [leaf.prepare(entry(), keyring)], now=NOW)
    signed = batch.signed(grown, tenant="H99", signer=keyring, now=NOW)
    assert signed.checkpoint
    stated = checkpoint.verify(signed.checkpoint.note, name=checkpoint.origin("H99"), public_key=keyring.public_key)
    assert (stated.size, stated.root) == (1, grown.head.frontier.root())
    assert (signed.head.signed_size, signed.head.signed_at) == (1, NOW)


@pytest.mark.parametrize("frontier", [Frontier(3, (bytes(32),)), Frontier(1, (b"short",)), Frontier(0, (bytes(32),))])
def test_nothing_is_built_on_a_damaged_head(frontier: Frontier, entry: Make, keyring: Keyring) -> None:
    with pytest.raises(IntegrityError):
        batch.extend(Head(frontier=frontier), [leaf.prepare(entry(), keyring)], now=NOW)
