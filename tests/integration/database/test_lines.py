"""Connections that are kept before the pool: the same one again, and a new one for whatever went wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import OperationalError, Rollback
from psycopg.errors import InFailedSqlTransaction, UniqueViolation

from gateway.database import Database, open_database

PID = "SELECT pg_backend_pid() AS pid, %(same)s::int AS same"


@pytest.fixture
async def database(postgresql: str) -> AsyncIterator[Database]:
    async with open_database(postgresql, size=2) as database:
        yield database


async def kept(database: Database) -> int:
    """The server's process behind the connection that is used last, and next."""
    row = await (await database.run_alone(PID, {"same": 1})).fetchone()
    assert row is not None
    return int(row["pid"])


async def end(database: Database, pid: int) -> None:
    """As a server does that is restarted: the other side is gone, and nobody has looked yet."""
    held = [one for one in database._kept if one[0].info.backend_pid == pid]  # another ends it, or it would be itself
    database._kept = [one for one in database._kept if one not in held]
    async with database.own_transaction() as connection:
        await connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    database._kept += held


async def until_it_sleeps(database: Database, pid: int) -> None:
    await asyncio.sleep(0)  # so that whoever is to sleep takes the connection that was used last, and not we
    async with asyncio.timeout(60):
        while not await is_sleeping(database, pid):
            pass


async def is_sleeping(database: Database, pid: int) -> bool:
    asked = "SELECT 1 FROM pg_stat_activity WHERE pid = %(pid)s AND wait_event = 'PgSleep'"
    return bool(await (await database.run(asked, {"pid": pid})).fetchall())


async def test_what_comes_next_has_the_same_connection(database: Database) -> None:
    before = await kept(database)
    async with database.transaction() as connection:
        assert connection.info.backend_pid == before
    assert await kept(database) == before


async def test_a_connection_that_ended_while_it_was_idle_is_replaced_unnoticed(database: Database) -> None:
    before = await kept(database)
    await end(database, before)
    assert await kept(database) != before


async def test_a_connection_that_ends_under_a_statement_is_an_error_and_the_next_one_has_another(
    database: Database,
) -> None:
    before = await kept(database)
    sleeping = asyncio.create_task(database.run_alone("SELECT pg_sleep(%(s)s)", {"s": 60}))
    await until_it_sleeps(database, before)
    await end(database, before)
    with pytest.raises(psycopg.OperationalError):
        await sleeping
    assert await kept(database) != before


async def test_a_statement_that_fails_has_changed_nothing_and_its_connection_is_good_again(database: Database) -> None:
    before = await kept(database)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await database.run_alone("SELECT 1 / %(by)s", {"by": 0})
    assert await kept(database) == before


async def test_a_statement_that_nobody_waits_for_is_ended_at_the_server_and_its_connection_given_up(
    database: Database,
) -> None:
    before = await kept(database)
    sleeping = asyncio.create_task(database.run_alone("SELECT pg_sleep(%(s)s)", {"s": 60}))
    await until_it_sleeps(database, before)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert await kept(database) != before
    assert not await is_sleeping(database, before)


async def test_what_is_cancelled_in_a_transaction_is_undone(database: Database) -> None:
    await database.run_alone("CREATE TABLE undone (n int)")

    async def writes() -> None:
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO undone VALUES (%(n)s)", {"n": 1})
            await connection.execute("SELECT pg_sleep(%(s)s)", {"s": 60})

    before = await kept(database)
    writing = asyncio.create_task(writes())
    await until_it_sleeps(database, before)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await (await database.run("SELECT n FROM undone WHERE n = %(n)s", {"n": 1})).fetchall() == []


async def test_a_transaction_of_which_a_part_failed_is_not_told_as_done(database: Database) -> None:
    """PostgreSQL answers its COMMIT with ROLLBACK, and with no error."""
    await database.run_alone("CREATE TABLE IF NOT EXISTS part (n int PRIMARY KEY)")

    async def write() -> None:
        async with database.transaction():
            await database.run("INSERT INTO part VALUES (%(n)s)", {"n": 1})
            with contextlib.suppress(UniqueViolation):
                await database.run("INSERT INTO part VALUES (%(n)s)", {"n": 1})

    with pytest.raises(InFailedSqlTransaction):
        await write()
    found = await (await database.run("SELECT count(*) AS n FROM part")).fetchone()
    assert found == {"n": 0}


async def test_a_connection_that_psycopg_leaves_in_a_pipeline_is_given_to_nobody(database: Database) -> None:
    async with database.own_transaction() as connection:
        connection.pgconn.enter_pipeline_mode()
        with contextlib.suppress(OperationalError):
            await connection.command(b"ROLLBACK")
        raise Rollback
    async with asyncio.timeout(60):
        found = await (await database.run("SELECT %(n)s::int AS n", {"n": 1})).fetchone()
    assert found == {"n": 1}


async def test_more_than_there_are_connections_come_one_after_the_other(database: Database) -> None:
    several = [
        database.run_alone("SELECT pg_sleep(0.01), %(n)s::int AS n FROM generate_series(1, %(n)s)", {"n": n})
        for n in (1, 2, 3, 4, 5)
    ]
    assert [found.rowcount for found in await asyncio.gather(*several)] == [1, 2, 3, 4, 5]
    assert await kept(database)


async def test_a_connection_that_was_kept_long_is_given_back(database: Database) -> None:
    await kept(database)
    [(connection, _)] = database._kept
    database._kept = [(connection, 0.0)]
    await kept(database)
    assert database._kept[0][1] > 0.0


async def test_what_is_used_when_all_is_let_go_is_given_back_afterwards(database: Database) -> None:
    async with database.transaction():
        await database.let_go()
    assert database._kept == []
    assert await kept(database)
