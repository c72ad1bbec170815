"""The log in PostgreSQL: what the database refuses, what it lets through, and what the verifier makes of that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from postgres import fresh_database

from gateway.audit import copy
from gateway.audit.batch import Policy
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.log import AuditLog
from gateway.audit.model import Entry, EntryKind
from gateway.audit.postgres import PAGE, PostgresAudit
from gateway.audit.rows import Batch, Head
from gateway.audit.verify import Report, verify
from gateway.database import Database, ensure_partitions, migrate, open_database
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

POLICY = Policy(checkpoint_every_leaves=10, checkpoint_every_s=3600)
KEYRING = Keyring.ephemeral()
Alter = Callable[..., Awaitable[Report]]


class Clock:
    """Moves by a second at each look."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 2, 0, tzinfo=UTC), *, step_s: float = 1) -> None:
        self.now = start
        self._step = timedelta(seconds=step_s)

    def __call__(self) -> datetime:
        self.now += self._step
        return self.now


def entry(tenant: str, number: int) -> Entry:
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant=tenant,
        actor="motcua",
        operation="verify_citizen",
        outcome="answered",
        occurred_at=datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
        trace_id=f"{number:032x}",
        reference=f"R{number}",
        bodies={"request_sent": f"Lê Văn Thử {number}".encode(), "reply_received": b"co"},
    )


def opened(database: Database, clock: Clock | None = None) -> AuditLog:
    return AuditLog(PostgresAudit(database), KEYRING, clock=clock or Clock(), policy=POLICY)


async def filled(database: Database, tenant: str, *, rows: int, clock: Clock | None = None) -> None:
    async with opened(database, clock) as log:
        for number in range(rows):
            await log.record(entry(tenant, number))


async def check(database: Database, tenant: str) -> Report:
    return await verify(PostgresAudit(database), tenant, public_key=KEYRING.public_key, sealer=KEYRING)


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12]}"


class TestTheDatabaseRefuses:
    """A change by anybody who has not first switched the triggers off (SEC-09 (part), DOS-16)."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_leaf SET reference = 'X'",
            "DELETE FROM audit_leaf",
            "TRUNCATE audit_leaf",
            "UPDATE audit_leaf_2026_11 SET reference = 'X'",
            "DELETE FROM audit_leaf_2026_11",
            "UPDATE audit_checkpoint SET note = ''",
            "DELETE FROM audit_checkpoint",
            "TRUNCATE audit_checkpoint",
            "UPDATE audit_body SET sealed = ''",
        ],
    )
    async def test_a_change_of_what_was_written(self, database: Database, tenant: str, statement: str) -> None:
        await filled(database, tenant, rows=2)
        with pytest.raises(psycopg.errors.RestrictViolation):
            async with database.transaction() as connection:
                await connection.execute(statement.encode())
        assert (await check(database, tenant)).sound

    async def test_nothing_when_bodies_are_erased(self, database: Database, tenant: str) -> None:
        """PDP-11 (part)."""
        await filled(database, tenant, rows=5)
        assert await PostgresAudit(database).erase_bodies(tenant, 3) == 2
        report = await check(database, tenant)
        assert (report.sound, report.bodies, report.erased) == (True, 8, 2)


class TestSeveralWriters:
    """API processes and workers append to one log; the head row is the lock."""

    async def test_two_processes_fill_one_log_without_gaps(self, database_url: str, tenant: str) -> None:
        async with (
            open_database(database_url, size=2) as one,
            open_database(database_url, size=2) as two,
            opened(one) as first,
            opened(two) as second,
        ):
            recorded = await asyncio.gather(
                *((first, second)[number % 2].record(entry(tenant, number)) for number in range(200)),
            )
            assert sorted(done.index for done in recorded) == list(range(200))
            hashes = {row.index: row.leaf_hash async for row in PostgresAudit(one).rows(tenant)}
            assert hashes == {done.index: done.leaf_hash for done in recorded}
        async with open_database(database_url, size=2) as database:
            report = await check(database, tenant)
        assert (report.sound, report.size, report.signed, report.bodies) == (True, 200, 200, 400)

    async def test_who_writes_in_turn_with_others_follows_their_leaves(self, database: Database, tenant: str) -> None:
        """Each believes to know where the log ends, and is wrong each time."""
        async with opened(database) as one, opened(database) as two:
            found = [await (one, two)[number % 2].record(entry(tenant, number)) for number in range(24)]
        assert [done.index for done in found] == list(range(24))
        assert (await check(database, tenant)).sound

    @pytest.mark.parametrize("altered", ["peaks = ''", "size = size + 1", "size = 0"])
    async def test_nothing_is_built_on_a_head_that_was_altered(
        self, database: Database, tenant: str, altered: str
    ) -> None:
        async with opened(database) as log:
            for number in range(4):
                await log.record(entry(tenant, number))
            async with database.transaction() as connection:
                await connection.execute(f"UPDATE audit_head SET {altered} WHERE tenant = %s".encode(), (tenant,))
            with pytest.raises(IntegrityError):
                await log.record(entry(tenant, 4))
        assert len([row async for row in PostgresAudit(database).rows(tenant)]) == 4

    async def test_a_log_is_sound_at_every_moment_while_others_write(self, database: Database, tenant: str) -> None:
        async with opened(database) as log:
            writing = asyncio.create_task(self._write(log, tenant))
            reports = []
            while not writing.done():
                reports.append(await check(database, tenant))
            await writing
        assert reports
        assert [report.finding for report in reports] == [None] * len(reports)

    async def _write(self, log: AuditLog, tenant: str) -> None:
        for number in range(0, 120, 4):
            await asyncio.gather(*(log.record(entry(tenant, number + each)) for each in range(4)))

    async def test_an_entry_outlives_the_roll_back_around_it(self, database: Database, tenant: str) -> None:
        async def act(log: AuditLog) -> None:
            async with database.transaction():
                await log.record(entry(tenant, 0))
                raise ZeroDivisionError

        async with opened(database) as log:
            with pytest.raises(ZeroDivisionError):
                await act(log)
        assert (await check(database, tenant)).size == 1

    async def test_a_batch_that_fails_half_way_leaves_nothing(self, database: Database, tenant: str) -> None:
        store = PostgresAudit(database)
        await filled(database, tenant, rows=3)

        def build(head: Head) -> Batch:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await store.append(tenant, build)
        await filled(database, tenant, rows=2)
        report = await check(database, tenant)
        assert (report.sound, report.size) == (True, 5)

    async def test_tenants_have_logs_of_their_own(self, database: Database, tenant: str) -> None:
        await filled(database, tenant, rows=3)
        await filled(database, f"{tenant}b", rows=4)
        assert [(await check(database, name)).size for name in (tenant, f"{tenant}b")] == [3, 4]
        assert await PostgresAudit(database).find(f"{tenant}c", reference="R1") == []


async def test_a_log_spans_the_months_and_the_rest(database: Database, tenant: str) -> None:
    """A month without a partition is kept in the default one, so that no clock can stop the log."""
    clock = Clock(datetime(2026, 10, 1, tzinfo=UTC), step_s=40 * 86400)
    await filled(database, tenant, rows=12, clock=clock)
    async with database.transaction() as connection:
        found = await connection.execute(
            "SELECT DISTINCT tableoid::regclass::text AS part FROM audit_leaf WHERE tenant = %s", (tenant,)
        )
        parts = {row["part"] for row in await found.fetchall()}
    assert {"audit_leaf_rest", "audit_leaf_2026_12"} <= parts
    assert (await check(database, tenant)).sound


async def test_pages_join_without_a_seam(database: Database, tenant: str) -> None:
    many = 2 * PAGE + 100
    async with opened(database, Clock(step_s=0.001)) as log:
        await asyncio.gather(*(log.record(entry(tenant, number)) for number in range(many)))
    assert [row.index async for row in PostgresAudit(database).rows(tenant)] == list(range(many))
    assert (await check(database, tenant)).sound


async def test_a_search_uses_its_index(database: Database, tenant: str) -> None:
    await filled(database, tenant, rows=3)
    for column, value in (("reference", "R1"), ("trace_id", f"{1:032x}")):
        async with database.transaction() as connection:
            await connection.execute("SET LOCAL enable_seqscan = off")
            plan = await connection.execute(
                f"EXPLAIN SELECT index FROM audit_leaf WHERE tenant = %s AND {column} = %s".encode(), (tenant, value)
            )
            text = str(await plan.fetchall())
        assert f"tenant_{column}" in text, text


async def test_a_database_that_went_away_is_an_unavailable_log(postgresql: str, tenant: str) -> None:
    with fresh_database(postgresql) as dsn:
        await migrate(dsn)
        async with open_database(dsn, size=2) as database:
            await ensure_partitions(database, now=datetime(2026, 11, 1, tzinfo=UTC))
            store = PostgresAudit(database)
        with pytest.raises(AuditUnavailableError):
            await store.head(tenant)
        with pytest.raises(AuditUnavailableError):
            await store.append(tenant, lambda head: Batch(head=head, recorded_at=datetime(2026, 11, 1, tzinfo=UTC)))
        with pytest.raises(AuditUnavailableError):
            await store.erase_bodies(tenant, 0)


@pytest.fixture
async def victim(database: Database, tenant: str) -> AsyncIterator[Alter]:
    """A log of 25 rows, and a way to alter it as an owner of the tables can: with the triggers switched off."""
    await filled(database, tenant, rows=25)

    async def alter(*statements: str) -> Report:
        async with database.transaction() as connection:
            for table in ("audit_leaf", "audit_body", "audit_checkpoint"):
                await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
            for statement in statements:
                done = await connection.execute(statement.replace(":t", f"'{tenant}'").encode())
                assert done.rowcount > 0, "the statement altered nothing"
        return await check(database, tenant)

    yield alter
    async with database.transaction() as connection:
        for table in ("audit_leaf", "audit_body", "audit_checkpoint"):
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


REHASHED = "leaf_hash = sha256('\\x00'::bytea || %s)"
FORGED = "convert_to(replace(convert_from(leaf, 'UTF8'), '\"answered\"', '\"absent\"'), 'UTF8')"
COPIED = "INSERT INTO audit_leaf SELECT tenant, {index}, {at}, leaf, leaf_hash, reference, trace_id FROM audit_leaf"
ROW_12 = "WHERE tenant = :t AND index = 12"

ALTERATIONS = {
    "one byte": (f"UPDATE audit_leaf SET leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) {ROW_12}", 12),
    "another outcome": (f"UPDATE audit_leaf SET leaf = {FORGED} {ROW_12}", 12),
    "another outcome and its hash": (
        f"UPDATE audit_leaf SET leaf = {FORGED}, {REHASHED % FORGED} {ROW_12}",
        12,
    ),
    "the hash": (f"UPDATE audit_leaf SET leaf_hash = sha256('') {ROW_12}", 12),
    "no text": (f"UPDATE audit_leaf SET leaf = '\\xff' {ROW_12}", 12),
    "the reference": (f"UPDATE audit_leaf SET reference = 'X' {ROW_12}", 12),
    "the trace": (f"UPDATE audit_leaf SET trace_id = 'X' {ROW_12}", 12),
    "the time": (f"UPDATE audit_leaf SET recorded_at = recorded_at + interval '1 microsecond' {ROW_12}", 12),
    "the month": (f"UPDATE audit_leaf SET recorded_at = recorded_at + interval '1 month' {ROW_12}", 12),
    "a time without end": (f"UPDATE audit_leaf SET recorded_at = 'infinity' {ROW_12}", 12),
    "a time without beginning": (f"UPDATE audit_leaf SET recorded_at = '-infinity' {ROW_12}", 12),
    "the tenant": (f"UPDATE audit_leaf SET tenant = 'X' || tenant {ROW_12}", 12),
    "a deleted row": (f"DELETE FROM audit_leaf {ROW_12}", 12),
    "a deleted end": ("DELETE FROM audit_leaf WHERE tenant = :t AND index >= 22", 22),
    "all deleted": ("DELETE FROM audit_leaf WHERE tenant = :t", 0),
    "two numbers exchanged": ("UPDATE audit_leaf SET index = 24 - index WHERE tenant = :t AND index IN (11, 13)", 11),
    "a row twice": (f"{COPIED.format(index=12, at='recorded_at + interval $$1 hour$$')} {ROW_12}", 12),
    "a row before the first": (f"{COPIED.format(index=-7, at='recorded_at')} {ROW_12}", -7),
    "a row behind the last": (f"{COPIED.format(index=25, at='recorded_at')} {ROW_12}", 25),
    "a body": (f"UPDATE audit_body SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) {ROW_12}", 12),
    "bodies exchanged": (
        "UPDATE audit_body SET index = 26 - index WHERE tenant = :t AND index IN (12, 14)",
        12,
    ),
    "a deleted head": ("DELETE FROM audit_head WHERE tenant = :t", 0),
    "a damaged head": ("UPDATE audit_head SET last_hash = sha256('') WHERE tenant = :t", 24),
    "a head without peaks": ("UPDATE audit_head SET peaks = '' WHERE tenant = :t", 24),
    "a head further on": ("UPDATE audit_head SET size = 26 WHERE tenant = :t", 25),
    "a deleted checkpoint": ("DELETE FROM audit_checkpoint WHERE tenant = :t AND size = 25", 21),
    "an altered checkpoint": ("UPDATE audit_checkpoint SET note = note || 'x' WHERE tenant = :t AND size = 21", 11),
}


@pytest.mark.parametrize("kind", ALTERATIONS)
async def test_an_alteration_behind_our_back_names_the_row(kind: str, victim: Alter) -> None:
    statement, index = ALTERATIONS[kind]
    report = await victim(statement)
    assert report.finding, "nothing was found"
    assert report.finding.index == index, report.finding.text


async def test_a_copy_of_an_altered_log_names_the_same_row(victim: Alter, database: Database, tenant: str) -> None:
    await victim(ALTERATIONS["a time without end"][0])
    await victim(ALTERATIONS["another outcome"][0])
    store = PostgresAudit(database)
    lines = [line async for line in copy.export(store, tenant, public_key=KEYRING.public_key)]
    report = copy.verify_copy(lines, public_key=KEYRING.public_key)
    assert report.finding
    assert report.finding.index == 12


async def test_with_one_connection_left_it_goes_on_where_its_head_must_be_locked(database_url: str) -> None:
    """The one that is kept for the short way is not held while another is waited for: enough who do that wait for each
    other."""
    tenant = f"T{uuid4().hex[:12].upper()}"
    async with open_database(database_url, size=2) as database, opened(database) as log:
        await log.record(entry(tenant, 0))
        async with asyncio.timeout(60), database.own_transaction():
            for number in range(2 * POLICY.checkpoint_every_leaves):
                await log.record(entry(tenant, number))
