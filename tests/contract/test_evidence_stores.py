"""Tiles, proofs, cosignatures and stamps: what every store of the log promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.audit import batch, checkpoint, leaf, tiles, tree
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry, EntryKind
from gateway.audit.postgres import PostgresAudit
from gateway.audit.proofs import Prover
from gateway.audit.rows import Batch, Cosignature, Filter, Head, Stamp
from gateway.audit.tiles import TileId
from gateway.signing import Keyring


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresAudit(on) if on else MemoryAudit()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def entry(tenant: str, number: int) -> Entry:
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant=tenant,
        actor="motcua",
        operation="verify_citizen",
        outcome="answered",
        occurred_at=NOW,
        trace_id=f"{number:032x}",
        reference=f"R{number}",
    )


async def grown(store: Any, keyring: Keyring, tenant: str, *, rows: int) -> Sequence[bytes]:
    """The leaf hashes of a log that grew in batches of 100, each signed."""
    for first in range(0, rows, 100):
        prepared = [leaf.prepare(entry(tenant, n), keyring) for n in range(first, min(first + 100, rows))]

        def build(head: Head, entries: Sequence[Any], at: int) -> Batch:
            now = NOW + timedelta(seconds=at)
            return batch.signed(batch.extend(head, entries, now=now), tenant=tenant, signer=keyring, now=now)

        await store.append(tenant, partial(build, entries=prepared, at=first))
    return [row.leaf_hash async for row in store.rows(tenant)]


async def test_tiles_are_the_hashes_of_the_rows(store: Any, keyring: Keyring, tenant: str) -> None:
    hashes = await grown(store, keyring, tenant, rows=777)
    wanted = [TileId(0, 0), TileId(0, 2, 256), TileId(0, 3, 9), TileId(0, 1, 3), TileId(1, 0, 3), TileId(0, 3, 10)]
    found = await store.tiles(tenant, wanted)
    assert found == {
        TileId(0, 0): b"".join(hashes[:256]),
        TileId(0, 2): b"".join(hashes[512:768]),
        TileId(0, 3, 9): b"".join(hashes[768:]),
        TileId(0, 1, 3): b"".join(hashes[256:259]),
        TileId(1, 0, 3): b"".join(tree.root_of(hashes[at : at + 256]) for at in (0, 256, 512)),
    }


async def test_proofs_of_any_size_hold(store: Any, keyring: Keyring, tenant: str) -> None:
    """SEC-09 (part): one leaf, and the growth of the log, are proven without showing the others."""
    hashes = await grown(store, keyring, tenant, rows=600)
    prover = Prover(store, tenant)
    for index, size in ((0, 1), (0, 600), (255, 256), (256, 300), (511, 600), (599, 600)):
        proof = await prover.inclusion(index, size)
        root = tree.root_of(hashes[:size])
        assert tree.verify_inclusion(hashes[index], index=index, size=size, proof=proof, root=root)
    for old, new in ((1, 600), (256, 512), (300, 599), (600, 600)):
        proof = await prover.consistency(old, new)
        roots = {"old_root": tree.root_of(hashes[:old]), "new_root": tree.root_of(hashes[:new])}
        assert tree.verify_consistency(old, new, proof=proof, **roots)


async def test_checkpoints_are_found_by_what_they_cover(store: Any, keyring: Keyring, tenant: str) -> None:
    await grown(store, keyring, tenant, rows=250)
    sizes = [(await store.checkpoint(tenant, least=least)).size for least in (1, 100, 101, 250)]
    assert sizes == [100, 100, 200, 250]
    assert (await store.checkpoint(tenant)).size == 250
    assert await store.checkpoint(tenant, least=251) is None
    assert await store.checkpoint("nobody") is None


async def test_rows_are_read_by_index_and_found_by_time(store: Any, keyring: Keyring, tenant: str) -> None:
    await grown(store, keyring, tenant, rows=250)
    assert [row.index for row in await store.span(tenant, first=99, last=101)] == [99, 100, 101]
    later = Filter(since=NOW + timedelta(seconds=1), until=NOW + timedelta(seconds=101))
    assert [row.index for row in await store.search(tenant, later, limit=2)] == [199, 198]
    assert [row.index for row in await store.search(tenant, later, before=101)] == [100]


async def test_what_others_said_of_a_checkpoint_is_kept_once(store: Any, tenant: str) -> None:
    for size, line in ((5, "— a x\n"), (9, "— a y\n"), (9, "— a z\n")):
        await store.add_cosignature(tenant, Cosignature(size=size, witness="a", at=NOW, line=line))
    await store.add_cosignature(tenant, Cosignature(size=9, witness="b", at=NOW, line="— b y\n"))
    assert [one.line for one in await store.cosignatures(tenant, 9)] == ["— a y\n", "— b y\n"]
    assert (await store.cosigned(tenant, "a")).size == 9
    assert await store.cosigned(tenant, "c") is None
    for size in (5, 9, 9):
        await store.add_stamp(tenant, Stamp(size=size, at=NOW, token=bytes([size])))
    found = [(await store.stamp(tenant, least=least)).token for least in (1, 5, 6)]
    assert found == [b"\x05", b"\x05", b"\x09"]
    assert (await store.stamp(tenant)).size == 9
    assert await store.stamp(tenant, least=10) is None


class TestALogFromBefore:
    """Rows are there and tiles are not."""

    @pytest.fixture
    async def hashes(self, database: Any, keyring: Keyring, tenant: str) -> Sequence[bytes]:
        hashes = await grown(PostgresAudit(database), keyring, tenant, rows=800)
        async with database.own_transaction() as connection:
            await connection.execute("ALTER TABLE audit_tile DISABLE TRIGGER USER")
            await connection.execute("DELETE FROM audit_tile WHERE tenant = %s", (tenant,))
            await connection.execute("ALTER TABLE audit_tile ENABLE TRIGGER USER")
            await connection.execute("UPDATE audit_head SET tiled = 0 WHERE tenant = %s", (tenant,))
        return hashes

    async def stored(self, database: Any, tenant: str) -> int:
        async with database.own_transaction() as connection:
            found = await connection.execute("SELECT count(*) AS n FROM audit_tile WHERE tenant = %s", (tenant,))
            return int((await found.fetchone())["n"])

    async def test_gets_its_tiles_when_a_proof_needs_them(
        self, database: Any, tenant: str, hashes: Sequence[bytes]
    ) -> None:
        proof = await Prover(PostgresAudit(database), tenant).inclusion(5, 800)
        root = tree.root_of(hashes)
        assert tree.verify_inclusion(hashes[5], index=5, size=800, proof=proof, root=root)
        assert await self.stored(database, tenant) == 3

    async def test_gets_its_tiles_as_it_grows(
        self, database: Any, keyring: Keyring, tenant: str, hashes: Sequence[bytes]
    ) -> None:
        await grown(PostgresAudit(database), keyring, tenant, rows=300)
        assert await self.stored(database, tenant) == (len(hashes) + 300) // tiles.WIDTH


async def test_a_lost_row_stops_the_tiles_and_not_the_log(database: Any, keyring: Keyring, tenant: str) -> None:
    store = PostgresAudit(database)
    await grown(store, keyring, tenant, rows=100)
    async with database.own_transaction() as connection:
        await connection.execute("ALTER TABLE audit_leaf DISABLE TRIGGER USER")
        await connection.execute("DELETE FROM audit_leaf WHERE tenant = %s AND index = 7", (tenant,))
        await connection.execute("ALTER TABLE audit_leaf ENABLE TRIGGER USER")
    await grown(store, keyring, tenant, rows=300)
    assert (await store.head(tenant)).size == 400
    assert await store.tiles(tenant, [TileId(1, 0, 1)]) == {}
    note = await store.checkpoint(tenant)
    assert note
    stated = checkpoint.verify(note.note, name=checkpoint.origin(tenant), public_key=keyring.public_key)
    assert stated.size == 400
