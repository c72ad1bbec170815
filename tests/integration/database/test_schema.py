"""Migrations, partitions and the shared transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from postgres import fresh_database

from gateway.database import Database, ensure_partitions, migrate, open_database, queries
from gateway.sdk import ConfigurationError


@pytest.fixture
def empty(postgresql: str) -> Iterator[str]:
    with fresh_database(postgresql) as dsn:
        yield dsn


async def test_five_gateways_that_start_together_migrate_once(empty: str) -> None:
    applied = await asyncio.gather(*(migrate(empty) for _ in range(5)))
    assert sorted(map(bool, applied)) == [False] * 4 + [True]
    assert await migrate(empty) == []


async def test_altered_migration_is_refused(empty: str, tmp_path: Path) -> None:
    file = tmp_path / "0001_x.sql"
    file.write_text("CREATE TABLE a (n int);")
    assert await migrate(empty, folder=tmp_path) == ["0001_x"]
    file.write_text("CREATE TABLE a (n bigint);")
    with pytest.raises(ConfigurationError, match="0001_x"):
        await migrate(empty, folder=tmp_path)


async def test_broken_migration_leaves_nothing_behind(empty: str, tmp_path: Path) -> None:
    (tmp_path / "0001_x.sql").write_text("CREATE TABLE a (n int); SELECT no_such_thing;")
    with pytest.raises(psycopg.Error):
        await migrate(empty, folder=tmp_path)
    (tmp_path / "0001_x.sql").write_text("CREATE TABLE a (n int);")
    assert await migrate(empty, folder=tmp_path) == ["0001_x"]


async def test_every_table_is_keyed_by_tenant_first(database: Database) -> None:
    async with database.transaction() as connection:
        rows = await connection.execute(
            "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] "
            "WHERE i.indisprimary AND c.relnamespace = 'lienthong'::regnamespace AND c.relname <> 'migration'"
        )
        found = {row["relname"]: row["attname"] for row in await rows.fetchall()}
    assert found
    assert set(found.values()) == {"tenant"}


async def test_rows_of_every_month_find_their_partition(database: Database) -> None:
    for month in (3, 11, 12):
        await ensure_partitions(database, now=datetime(2027, month, 15, tzinfo=UTC))
    async with database.transaction() as connection:
        rows = await (
            await connection.execute(
                "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'dossier_event'::regclass"
            )
        ).fetchall()
    names = {row["name"] for row in rows}
    assert {"dossier_event_rest", "dossier_event_2027_03", "dossier_event_2028_02"} <= names


async def test_stores_inside_one_transaction_commit_or_vanish_together(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE pair (n int)")

    async def insert(number: int) -> None:
        async with database.transaction() as inner:
            await inner.execute("INSERT INTO pair VALUES (%s)", (number,))

    async def fail() -> None:
        async with database.transaction():
            await insert(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction():
        await insert(2)
        await insert(3)
    async with database.transaction() as connection:
        rows = await (await connection.execute("SELECT n FROM pair ORDER BY n")).fetchall()
    assert [row["n"] for row in rows] == [2, 3]


async def test_a_task_that_outlives_the_transaction_it_was_started_in_writes_into_no_other(database: Database) -> None:
    """What it was told is done must not hang on what becomes of a stranger's transaction on the same connection."""
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE outlived (n int)")
    go = asyncio.Event()

    async def later() -> bool:
        await go.wait()
        joined = database.in_transaction
        await database.run("INSERT INTO outlived VALUES (%(n)s)", {"n": 1})
        return joined

    async with database.transaction() as first:
        outliving = asyncio.create_task(later())
    async with database.transaction() as second:
        assert second is first
        go.set()
        assert not await outliving
        raise psycopg.Rollback
    rows = await (await database.run("SELECT n FROM outlived")).fetchall()
    assert [row["n"] for row in rows] == [1]


async def test_a_part_of_a_transaction_is_undone_by_itself(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE parts (n int)")

    async def insert(number: int) -> None:
        await database.run("INSERT INTO parts VALUES (%(n)s)", {"n": number})

    async def insert_and_fail(number: int) -> None:
        async with database.apart():
            await insert(number)
            await database.run("SELECT 1 / %(n)s::int", {"n": 0})

    async with database.transaction():
        await insert(1)
        with pytest.raises(psycopg.errors.DivisionByZero):
            await insert_and_fail(2)
        async with database.apart():
            await insert(3)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await insert_and_fail(4)
    rows = await (await database.run("SELECT n FROM parts ORDER BY n")).fetchall()
    assert [row["n"] for row in rows] == [1, 3]


async def test_parts_within_parts_are_undone_each(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE nested (n int)")

    async def insert(number: int) -> None:
        await database.run("INSERT INTO nested VALUES (%(n)s)", {"n": number})

    async with database.transaction():
        await insert(1)
        with suppress(ValueError):
            async with database.apart():
                await insert(2)
                with suppress(KeyError):
                    async with database.apart():
                        await insert(3)
                        raise KeyError
                raise ValueError
        async with database.apart():
            await insert(4)
            raise psycopg.Rollback
    rows = await (await database.run("SELECT n FROM nested")).fetchall()
    assert [row["n"] for row in rows] == [1]


@pytest.mark.parametrize("joining", ["transaction", "apart"])
async def test_what_joined_a_transaction_and_outlived_it_is_told(database: Database, joining: str) -> None:
    """What it wrote afterwards stands by itself."""
    go = asyncio.Event()

    async def join() -> None:
        async with getattr(database, joining)():
            await go.wait()

    async with database.transaction():
        outliving = asyncio.create_task(join())
        await asyncio.sleep(0)
    go.set()
    with pytest.raises(psycopg.Error):
        await outliving


@pytest.mark.parametrize("end", [None, KeyError("its own"), psycopg.Rollback()])
async def test_what_outlived_a_transaction_undoes_nothing_of_who_has_its_connection_next(
    database_url: str, end: Exception | None
) -> None:
    go = asyncio.Event()
    async with open_database(database_url, size=1) as database:
        await database.run("CREATE TABLE IF NOT EXISTS outlived (n int)")
        await database.run("DELETE FROM outlived")

        async def outlive() -> None:
            async with database.apart():
                await go.wait()
                if end:
                    raise end

        async def insert(number: int) -> None:
            await database.run("INSERT INTO outlived VALUES (%(n)s)", {"n": number})

        async with database.transaction():
            outliving = asyncio.create_task(outlive())
            await asyncio.sleep(0)
            await insert(1)
        async with database.transaction(), database.apart():
            await insert(2)
            go.set()
            with pytest.raises(type(end) if end else psycopg.InterfaceError):
                await outliving
            await insert(3)
        rows = await (await database.run("SELECT n FROM outlived ORDER BY n")).fetchall()
    assert [row["n"] for row in rows] == [1, 2, 3]


async def test_history_of_a_dossier_cannot_be_changed(database: Database) -> None:
    """DOS-16."""
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO dossier_event VALUES ('H99', 'c', 1, '2026-11-23', 'e', 2, '2026-11-23', ''::bytea)"
        )
    for statement in ("UPDATE dossier_event SET status = 3", "DELETE FROM dossier_event"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            async with database.transaction() as connection:
                await connection.execute(statement.encode())


async def test_server_that_does_not_answer_is_named_in_plain_words() -> None:
    with pytest.raises(ConfigurationError, match="doctor"):
        await migrate("host=/nonexistent dbname=x")


def test_named_statements_are_found() -> None:
    assert "FOR UPDATE" in queries("dossiers")["lock"]


async def test_pool_closes_what_it_opened(database_url: str) -> None:
    async with open_database(database_url, size=2) as database, database.transaction() as connection:
        await connection.execute("SELECT 1")
    assert connection.closed
