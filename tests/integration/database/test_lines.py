"""The line that is kept for one statement: the same connection again, and a new one for whatever went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from gateway.database import Database, open_database


@pytest.fixture
async def database(postgresql: str) -> AsyncIterator[Database]:
    async with open_database(postgresql, size=2) as database:
        yield database


async def kept(database: Database) -> int:
    """The server's process behind the line that is kept."""
    assert await database.run_again("SELECT FROM generate_series(1, %(rows)s)", {"rows": 3}) == 3
    assert database._line is not None
    return database._line.connection.info.backend_pid


async def end(database: Database, pid: int) -> None:
    """As a server does that is restarted: the other side is gone, and nobody has looked yet."""
    async with database.own_transaction() as connection:
        await connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


async def test_a_statement_that_is_run_again_has_the_same_connection(database: Database) -> None:
    assert await kept(database) == await kept(database)


async def test_a_line_that_ended_while_it_was_idle_is_replaced_unnoticed(database: Database) -> None:
    before = await kept(database)
    await end(database, before)
    assert await kept(database) != before


async def test_a_line_that_ends_under_a_statement_is_an_error_and_the_next_one_has_another(database: Database) -> None:
    before = await kept(database)
    sleeping = asyncio.create_task(database.run_again("SELECT pg_sleep(%(s)s)", {"s": 60}))
    while not await (await database.run("SELECT 1 FROM pg_stat_activity WHERE pid = %(pid)s AND wait_event = 'PgSleep'",
                                        {"pid": before})).fetchall():  # fmt: skip
        pass
    await end(database, before)
    with pytest.raises(psycopg.OperationalError):
        await sleeping
    assert await kept(database) != before


async def test_a_statement_that_fails_has_changed_nothing_and_its_connection_is_good_again(database: Database) -> None:
    await kept(database)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await database.run_again("SELECT 1 / %(by)s", {"by": 0})
    assert await kept(database)


async def test_two_at_a_time_have_a_line_each(database: Database) -> None:
    several = [database.run_again("SELECT pg_sleep(0.01) FROM generate_series(1, %(n)s)", {"n": n}) for n in (1, 2, 3)]
    assert await asyncio.gather(*several) == [1, 2, 3]
    assert await kept(database)


async def test_a_line_that_was_kept_long_is_given_back(database: Database) -> None:
    await kept(database)
    line = database._line
    assert line is not None
    line._until = 0.0
    await kept(database)
    assert database._line is not line
