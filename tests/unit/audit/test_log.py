"""The writing side: one transaction for many, an answer only for what is durable, and an answer for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit.batch import Policy
from gateway.audit.errors import AuditUnavailableError, UnrecordableEntryError
from gateway.audit.log import AuditLog
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry
from gateway.audit.recorder import Recorder
from gateway.audit.rows import Batch, Build
from gateway.audit.verify import verify
from gateway.sdk.errors import IntegrityError, Retry
from gateway.signing import Keyring

T = "H99"
Make = Callable[..., Entry]
RARELY = Policy(checkpoint_every_leaves=1000, checkpoint_every_s=3600)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class GatedStore(MemoryAudit):
    """Commits when the test says so, or fails with what the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.entered = asyncio.Event()
        self.sizes: list[int] = []
        self.failing: Exception | None = None

    async def append(self, tenant: str, build: Build) -> Batch:
        self.entered.set()
        await self.gate.wait()
        if self.failing:
            raise self.failing
        batch = await super().append(tenant, build)
        self.sizes.append(len(batch.rows))
        return batch


class SigningStore(MemoryAudit):
    """Says when the second checkpoint is there."""

    def __init__(self) -> None:
        super().__init__()
        self.signed_again = asyncio.Event()

    async def append(self, tenant: str, build: Build) -> Batch:
        batch = await super().append(tenant, build)
        if len(self.notes[tenant]) == 2:
            self.signed_again.set()
        return batch


class SilentStore(MemoryAudit):
    """Fails to say what is unsigned."""

    async def unsigned(self) -> Sequence[str]:
        raise AuditUnavailableError


def opened(store: MemoryAudit, keyring: Keyring, *, policy: Policy = RARELY, clock: Clock | None = None) -> AuditLog:
    return AuditLog(store, keyring, clock=clock or Clock(), policy=policy)


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_who_is_answered_and_records_at_once_is_in_the_next_batch(entry: Make, keyring: Keyring) -> None:
    """A look-up has two leaves, one after the other: the second one must not wait for a commit that could hold it."""
    store = GatedStore()
    async with opened(store, keyring) as log:

        async def twice() -> None:
            await log.record(entry())
            await log.record(entry())

        first = asyncio.create_task(twice())
        await store.entered.wait()
        second = asyncio.create_task(log.record(entry()))
        await settle()
        store.gate.set()
        await asyncio.gather(first, second)
    assert store.sizes[:2] == [1, 2]


async def test_an_entry_is_answered_only_once_it_is_durable(entry: Make, keyring: Keyring) -> None:
    store = GatedStore()
    async with opened(store, keyring) as log:
        recorder: Recorder = log
        writing = asyncio.create_task(recorder.record(entry()))
        await store.entered.wait()
        await settle()
        assert not writing.done()
        store.gate.set()
        recorded = await writing
    assert (recorded.index, recorded.leaf_hash) == (0, store.leaves[T][0].leaf_hash)


async def test_what_waits_behind_a_commit_shares_the_next_one(entry: Make, keyring: Keyring) -> None:
    store = GatedStore()
    async with opened(store, keyring) as log:
        tasks = [asyncio.create_task(log.record(entry(0)))]
        await store.entered.wait()
        tasks += [asyncio.create_task(log.record(entry(number))) for number in range(1, 50)]
        await settle()
        store.gate.set()
        recorded = await asyncio.gather(*tasks)
    assert store.sizes[:2] == [1, 49]
    assert [one.index for one in recorded] == list(range(50))


async def test_a_batch_has_a_limit(entry: Make, keyring: Keyring) -> None:
    store = GatedStore()
    store.gate.set()
    async with opened(store, keyring, policy=Policy(max_batch=4)) as log:
        await asyncio.gather(*(log.record(entry(number)) for number in range(10)))
    assert max(store.sizes) == 4
    assert sum(store.sizes) == 10


async def test_no_more_than_the_limit_wait_inside_and_the_rest_wait_before_the_door(
    entry: Make, keyring: Keyring
) -> None:
    store = GatedStore()
    async with opened(store, keyring, policy=Policy(max_waiting=3, max_batch=100)) as log:
        tasks = [asyncio.create_task(log.record(entry(number))) for number in range(10)]
        await settle()
        store.gate.set()
        await asyncio.gather(*tasks)
    assert sum(store.sizes) == 10
    assert max(store.sizes) <= 3


@pytest.mark.parametrize("failing", [AuditUnavailableError("down"), OSError("disk full")], ids=repr)
async def test_a_failing_store_is_told_to_every_waiter_and_the_log_recovers(
    entry: Make, keyring: Keyring, failing: Exception
) -> None:
    store = GatedStore()
    store.failing = failing
    async with opened(store, keyring) as log:
        tasks = [asyncio.create_task(log.record(entry(number))) for number in range(5)]
        await settle()
        store.gate.set()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(result, AuditUnavailableError)
            assert result.retry is Retry.BACKOFF
        store.failing = None
        assert (await log.record(entry(9))).index == 0
    assert (await verify(store, T, public_key=keyring.public_key, sealer=keyring)).sound


async def test_a_damaged_head_stops_the_stream(entry: Make, keyring: Keyring) -> None:
    store = GatedStore()
    store.gate.set()
    store.failing = IntegrityError("damaged")
    async with opened(store, keyring) as log:
        with pytest.raises(IntegrityError):
            await log.record(entry())
        store.failing = None


async def test_an_entry_that_cannot_be_written_fails_alone(entry: Make, keyring: Keyring) -> None:
    store = MemoryAudit()
    async with opened(store, keyring) as log:
        results = await asyncio.gather(
            log.record(entry(0)),
            log.record(entry(1, reference="\x00")),
            log.record(entry(2)),
            return_exceptions=True,
        )
    assert isinstance(results[1], UnrecordableEntryError)
    assert len(store.leaves[T]) == 2


async def test_callers_that_go_away_lose_their_answer_and_nothing_else(entry: Make, keyring: Keyring) -> None:
    store = GatedStore()
    async with opened(store, keyring) as log:
        tasks = [asyncio.create_task(log.record(entry(number))) for number in range(6)]
        await settle()
        for task in tasks[1::2]:
            task.cancel()
        store.gate.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in results] == [False, True] * 3
    assert [row.reference for row in store.leaves[T]] == [f"R{number}" for number in range(6)]
    assert (await verify(store, T, public_key=keyring.public_key, sealer=keyring)).sound


async def test_a_log_that_is_not_open_records_nothing(entry: Make, keyring: Keyring) -> None:
    log = opened(MemoryAudit(), keyring)
    with pytest.raises(AuditUnavailableError):
        await log.record(entry())
    async with log:
        await log.record(entry())
    with pytest.raises(AuditUnavailableError):
        await log.record(entry())


async def test_closing_writes_what_waits_and_refuses_what_comes_later(entry: Make, keyring: Keyring) -> None:
    """Whoever comes between the two is answered, one way or the other."""
    store = GatedStore()
    log = opened(store, keyring, policy=Policy(max_waiting=2))
    await log.__aenter__()
    early = [asyncio.create_task(log.record(entry(number))) for number in range(4)]
    await settle()
    closing = asyncio.create_task(log.__aexit__(None, None, None))
    await settle()
    late = asyncio.create_task(log.record(entry(9)))
    await settle()
    store.gate.set()
    async with asyncio.timeout(60):
        results = await asyncio.gather(*early, late, return_exceptions=True)
        await closing
    written = [not isinstance(one, BaseException) for one in results]
    assert written == [True, True, False, False, False]
    assert all(isinstance(one, AuditUnavailableError) for one in results[2:])
    assert len(store.leaves[T]) == 2
    assert (await verify(store, T, public_key=keyring.public_key)).signed == 2


async def test_a_writer_that_is_stopped_from_outside_leaves_nobody_waiting(entry: Make, keyring: Keyring) -> None:
    """As when the event loop ends: the batch under way and those behind it are answered, and closing does not hang."""
    store = GatedStore()
    async with asyncio.timeout(60):
        async with opened(store, keyring) as log:
            waiting = [asyncio.create_task(log.record(entry(0)))]
            await store.entered.wait()
            waiting.append(asyncio.create_task(log.record(entry(1))))
            await settle()
            log._tasks[0].cancel()
            results = await asyncio.gather(*waiting, return_exceptions=True)
            store.gate.set()
    assert [type(one) for one in results] == [AuditUnavailableError] * 2


async def test_tenants_do_not_share_a_log_nor_a_failure(entry: Make, keyring: Keyring) -> None:
    store = MemoryAudit()
    async with opened(store, keyring) as log:
        recorded = await asyncio.gather(*(log.record(entry(n, tenant=f"T{n % 2}")) for n in range(6)))
    assert [one.index for one in recorded] == [0, 0, 1, 1, 2, 2]
    for tenant in ("T0", "T1"):
        assert (await verify(store, tenant, public_key=keyring.public_key, sealer=keyring)).size == 3


async def test_the_first_entry_is_signed_at_once_and_the_last_when_the_log_closes(
    entry: Make, keyring: Keyring
) -> None:
    store = MemoryAudit()
    async with opened(store, keyring) as log:
        for number in range(7):
            await log.record(entry(number))
        assert [note.size for note in store.notes[T]] == [1]
    assert [note.size for note in store.notes[T]] == [1, 7]


async def test_time_alone_makes_a_checkpoint_due(entry: Make, keyring: Keyring) -> None:
    store, clock = MemoryAudit(), Clock()
    async with opened(store, keyring, policy=Policy(checkpoint_every_s=60), clock=clock) as log:
        for number in range(3):
            await log.record(entry(number))
        await log.sign(only_if_due=True)
        assert [note.size for note in store.notes[T]] == [1]
        clock.now += timedelta(seconds=60)
        await log.sign(only_if_due=True)
        await log.sign()
        assert [note.size for note in store.notes[T]] == [1, 3]


async def test_the_log_signs_by_itself_when_time_has_passed(entry: Make, keyring: Keyring) -> None:
    store, clock = SigningStore(), Clock()
    async with opened(store, keyring, policy=Policy(checkpoint_every_s=0.001), clock=clock) as log:
        await log.record(entry(0))
        await log.record(entry(1))
        clock.now += timedelta(hours=1)
        async with asyncio.timeout(60):
            await store.signed_again.wait()
    assert [note.size for note in store.notes[T]] == [1, 2]


async def test_a_log_of_another_installation_is_not_signed_with_our_key(entry: Make, keyring: Keyring) -> None:
    store, theirs = MemoryAudit(), Keyring.ephemeral()
    async with opened(store, theirs) as log:
        await log.record(entry(0, tenant="T1"))
        await log.record(entry(1, tenant="T1"))
        async with opened(store, keyring) as ours:
            await ours.record(entry(0, tenant="T2"))
        assert (await verify(store, "T1", public_key=theirs.public_key)).sound
    assert (await verify(store, "T1", public_key=theirs.public_key)).signed == 2


async def test_a_checkpoint_that_cannot_be_signed_does_not_stop_the_log_from_closing(
    entry: Make, keyring: Keyring
) -> None:
    store = SilentStore()
    async with opened(store, keyring) as log:
        await log.record(entry())
    assert len(store.leaves[T]) == 1
