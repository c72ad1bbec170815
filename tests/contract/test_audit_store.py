"""What every store of the log promises; and that any alteration is found and named."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.audit import copy, leaf
from gateway.audit.batch import Policy
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.log import AuditLog
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry, EntryKind
from gateway.audit.postgres import PostgresAudit
from gateway.audit.subject import subject_digest
from gateway.audit.verify import verify
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

POLICY = Policy(checkpoint_every_leaves=4, checkpoint_every_s=3600)


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresAudit(on) if on else MemoryAudit()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def entry(tenant: str, number: int = 0) -> Entry:
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant=tenant,
        actor="motcua",
        operation="verify_citizen",
        outcome="answered",
        occurred_at=NOW,
        trace_id=f"{number:032x}",
        system="population",
        reference=f"R{number}",
        facts={"try": 1},
        bodies={"request_sent": f"Trần Thị Mẫu {number}".encode(), "reply_received": b"ok"},
    )


class Ticking:
    """A clock that moves by a millisecond a look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


async def filled(store: Any, keyring: Keyring, tenant: str, *, rows: int = 10) -> None:
    async with AuditLog(store, keyring, clock=Ticking(), policy=POLICY) as log:
        for number in range(rows):
            recorded = await log.record(entry(tenant, number))
            assert recorded.index == number


async def test_entries_are_numbered_signed_and_sound(store: Any, keyring: Keyring, tenant: str) -> None:
    """SEC-09 (part), SEC-09 (part)."""
    await filled(store, keyring, tenant)
    report = await verify(store, tenant, public_key=keyring.public_key, sealer=keyring)
    assert report.sound, report.finding
    assert (report.size, report.signed, report.bodies, report.erased) == (10, 10, 20, 0)
    assert report.checkpoints >= 3


async def test_an_empty_log_is_sound(store: Any, keyring: Keyring, tenant: str) -> None:
    report = await verify(store, tenant, public_key=keyring.public_key, sealer=keyring)
    assert (report.sound, report.size) == (True, 0)


async def test_many_writers_share_a_log_without_gaps(store: Any, keyring: Keyring, tenant: str) -> None:
    """Two processes, one head."""
    async with (
        AuditLog(store, keyring, clock=Ticking(), policy=POLICY) as one,
        AuditLog(store, keyring, clock=Ticking(), policy=POLICY) as two,
    ):
        recorded = await asyncio.gather(*((one, two)[n % 2].record(entry(tenant, n)) for n in range(60)))
    assert sorted(r.index for r in recorded) == list(range(60))
    report = await verify(store, tenant, public_key=keyring.public_key, sealer=keyring)
    assert report.sound, report.finding


async def test_a_caller_that_goes_away_breaks_nothing(store: Any, keyring: Keyring, tenant: str) -> None:
    async with AuditLog(store, keyring, clock=Ticking(), policy=POLICY) as log:
        tasks = [asyncio.create_task(log.record(entry(tenant, n))) for n in range(10)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await log.record(entry(tenant, 99))
    assert (await verify(store, tenant, public_key=keyring.public_key)).sound


async def test_erasing_bodies_keeps_the_proof(store: Any, keyring: Keyring, tenant: str) -> None:
    """PDP-11 (part): personal data can be erased; the leaf still proves that the exchange took place."""
    await filled(store, keyring, tenant)
    assert await store.erase_bodies(tenant, 3) == 2
    report = await verify(store, tenant, public_key=keyring.public_key, sealer=keyring)
    assert report.sound
    assert (report.bodies, report.erased) == (18, 2)


async def test_a_stolen_copy_of_bodies_without_keys_opens_never_again(
    store: Any, keyring: Keyring, tenant: str
) -> None:
    """PDP-12 (part): a backup holds the sealed bodies; once the key's row is gone, all keys of the gateway together
    do not open them, and the log still verifies."""
    await filled(store, keyring, tenant)
    stolen = [replace(body, wrapped=b"") for body in await store.bodies(tenant, first=3, last=3)]
    kept = (await store.bodies(tenant, first=4, last=4))[0]
    await store.erase_bodies(tenant, 3)
    for body in stolen:
        assert body.sealed
        with pytest.raises(IntegrityError) as refused:
            leaf.open_body(body, keyring, tenant=tenant, digest=bytes(32))
        assert refused.value.error_code.endswith(".key_erased")
        with pytest.raises(IntegrityError):  # nor does the key of another row
            leaf.open_body(replace(body, wrapped=kept.wrapped), keyring, tenant=tenant, digest=bytes(32))
    assert not await store.bodies(tenant, first=3, last=3)
    assert (await verify(store, tenant, public_key=keyring.public_key, sealer=keyring)).sound


async def test_rows_are_found_by_reference_and_trace(store: Any, keyring: Keyring, tenant: str) -> None:
    await filled(store, keyring, tenant)
    assert [row.index for row in await store.find(tenant, reference="R4")] == [4]
    assert [row.index for row in await store.find(tenant, trace_id=f"{7:032x}")] == [7]
    assert [row.index for row in await store.find(tenant, before=5, limit=2)] == [4, 3]


async def test_rows_about_a_person_are_found_without_the_number(store: Any, keyring: Keyring, tenant: str) -> None:
    """PDP-03 (part): newest first, page by page, of one person and of no other; the number stands nowhere."""
    ours, other = "099185000001", "099185000002"
    async with AuditLog(store, keyring, clock=Ticking(), policy=POLICY) as log:
        for number, subjects in enumerate([(ours,), (other,), (ours, other, ours), (), ("099 185 000.001",)]):
            await log.record(replace(entry(tenant, number), subjects=subjects))
    digest = subject_digest(ours, keyring, tenant=tenant)
    assert [row.index for row in await store.of_subject(tenant, digest)] == [4, 2, 0]
    assert [row.index for row in await store.of_subject(tenant, digest, before=4, limit=1)] == [2]
    assert not [row async for row in store.rows(tenant) if b"099185" in row.leaf]
    assert not await store.of_subject(tenant, subject_digest(ours, Keyring.ephemeral(), tenant=tenant))
    assert not await store.of_subject(tenant, subject_digest(ours, keyring, tenant="another"))


async def test_a_log_that_does_not_run_records_nothing(store: Any, keyring: Keyring, tenant: str) -> None:
    log = AuditLog(store, keyring, clock=Ticking())
    with pytest.raises(AuditUnavailableError):
        await log.record(entry(tenant))


async def test_a_copy_verifies_without_us(store: Any, keyring: Keyring, tenant: str) -> None:
    await filled(store, keyring, tenant)
    lines = [line async for line in copy.export(store, tenant, public_key=keyring.public_key)]
    report = copy.verify_copy(lines, public_key=keyring.public_key)
    assert report.sound, report.finding
    assert (report.size, report.signed) == (10, 10)
    assert "Mẫu".encode() not in b"".join(lines)
    assert not copy.verify_copy(lines, public_key=Keyring.ephemeral().public_key).sound


async def test_a_forger_who_signs_anew_is_found_by_the_true_key(store: Any, keyring: Keyring, tenant: str) -> None:
    forger = Keyring.ephemeral()
    await filled(store, forger, tenant)
    assert not (await verify(store, tenant, public_key=keyring.public_key)).sound


class TestAlterations:
    """Each kind of alteration, made directly on the stored rows."""

    @pytest.fixture
    async def store(self, keyring: Keyring) -> MemoryAudit:
        store = MemoryAudit()
        await filled(store, keyring, "T")
        return store

    async def finding(self, store: MemoryAudit, keyring: Keyring) -> int | None:
        report = await verify(store, "T", public_key=keyring.public_key, sealer=keyring)
        assert report.finding, "nothing was found"
        return report.finding.index

    async def test_one_byte_of_a_leaf(self, store: MemoryAudit, keyring: Keyring) -> None:
        row = store.leaves["T"][5]
        store.leaves["T"][5] = replace(row, leaf=row.leaf.replace(b"answered", b"answerec"))
        assert await self.finding(store, keyring) == 5

    @pytest.mark.parametrize("column", ["reference", "trace_id", "leaf_hash", "recorded_at"])
    async def test_a_column(self, store: MemoryAudit, keyring: Keyring, column: str) -> None:
        values = {"reference": "X", "trace_id": "X", "leaf_hash": b"x" * 32, "recorded_at": NOW}
        store.leaves["T"][5] = replace(store.leaves["T"][5], **{column: values[column]})
        assert await self.finding(store, keyring) == 5

    async def test_a_leaf_whose_hash_was_recomputed(self, store: MemoryAudit, keyring: Keyring) -> None:
        from gateway.audit.tree import leaf_hash

        row = store.leaves["T"][5]
        forged = row.leaf.replace(b"answered", b"absent")
        store.leaves["T"][5] = replace(row, leaf=forged, leaf_hash=leaf_hash(forged))
        assert await self.finding(store, keyring) == 5

    async def test_a_missing_row(self, store: MemoryAudit, keyring: Keyring) -> None:
        del store.leaves["T"][5]
        assert await self.finding(store, keyring) == 5

    async def test_swapped_rows(self, store: MemoryAudit, keyring: Keyring) -> None:
        rows = store.leaves["T"]
        rows[5], rows[6] = rows[6], rows[5]
        assert await self.finding(store, keyring) == 5

    async def test_a_cut_tail(self, store: MemoryAudit, keyring: Keyring) -> None:
        del store.leaves["T"][7:]
        assert await self.finding(store, keyring) == 7

    async def test_a_cut_tail_with_a_forged_head(self, store: MemoryAudit, keyring: Keyring) -> None:
        from gateway.audit.tree import frontier_of

        del store.leaves["T"][7:]
        kept = store.leaves["T"]
        store.heads["T"] = replace(
            store.heads["T"], frontier=frontier_of(row.leaf_hash for row in kept), last_hash=kept[-1].leaf_hash
        )
        assert await self.finding(store, keyring) == 7  # the checkpoints that were kept speak of more

    async def test_a_body(self, store: MemoryAudit, keyring: Keyring) -> None:
        bodies = store.sealed["T"]
        bodies[8] = replace(bodies[8], sealed=bodies[8].sealed[:-1] + b"x")
        assert await self.finding(store, keyring) == bodies[8].index

    async def test_swapped_bodies(self, store: MemoryAudit, keyring: Keyring) -> None:
        bodies = store.sealed["T"]
        bodies[0], bodies[2] = replace(bodies[0], sealed=bodies[2].sealed), bodies[2]
        assert await self.finding(store, keyring) == 0

    async def test_a_checkpoint(self, store: MemoryAudit, keyring: Keyring) -> None:
        notes = store.notes["T"]
        notes[1] = replace(notes[1], note=notes[1].note.replace("\n", "\n ", 1))
        assert await self.finding(store, keyring) is not None

    async def test_any_one_byte_of_a_copy(self, store: MemoryAudit, keyring: Keyring) -> None:
        text = b"".join([line async for line in copy.export(store, "T", public_key=keyring.public_key)])
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        for place in range(0, len(text), 7):
            altered = text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]
            report = copy.verify_copy(altered.splitlines(keepends=True), public_key=keyring.public_key)
            assert report.finding, f"byte {place} was altered unseen"
            line = json.loads(text.splitlines()[next(n for n, s in enumerate(starts) if s > place) - 1])
            if "index" in line:
                assert report.finding.index == line["index"], place
