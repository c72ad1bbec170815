"""Nobody waits for ever: for a connection, for a statement, or for whoever holds a lock and is gone; and nobody is told
that nothing was done where the connection was lost at the wrong moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import PoolTimeout, TooManyRequests

from gateway.bootstrap import Gateway
from gateway.cli.serve import _open
from gateway.database import Database, Gather, in_our_words, open_database, or_each_alone, pool
from gateway.database.connection import Connection
from gateway.database.faults import OutcomeLostError
from gateway.database.gather import each_alone
from gateway.sdk.errors import BusyError, UndeterminedError
from gateway.settings import load_settings

SLEEP = "SELECT pg_sleep(%(s)s::float8)"
WRITE_SLOWLY = "INSERT INTO kept_lock SELECT 2 FROM pg_sleep(%(s)s::float8)"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, size=2, statement_s=0.3) as database:
        await database.run("CREATE TABLE IF NOT EXISTS kept_lock (id int)")
        yield database


async def ended_while(database: Database, statement: str) -> BaseException | None:
    """What comes of a statement whose server process is ended while it runs."""
    asked = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    running = asyncio.create_task(database.run_alone(statement, {"s": 60}))
    async with asyncio.timeout(30):
        while not (rows := await (await database.run_alone(asked + " AND %(n)s = 1", {"n": 1})).fetchall()):
            pass
    await database.run_alone("SELECT pg_terminate_backend(%(pid)s, 5000)", rows[0])
    (result,) = await asyncio.gather(running, return_exceptions=True)
    return result if isinstance(result, BaseException) else None


async def test_a_statement_ends_in_time_and_its_connection_is_as_good_as_before(database: Database) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled) as raised:
        await database.run(SLEEP, {"s": 60})
    assert isinstance(in_our_words(raised.value), BusyError)
    assert await (await database.run("SELECT %(n)s::int AS n", {"n": 1})).fetchone() == {"n": 1}


async def test_a_wait_for_a_lock_is_part_of_the_statement(database: Database) -> None:
    async with database.own_transaction() as holder:
        await holder.execute("LOCK TABLE kept_lock")
        with pytest.raises(psycopg.errors.QueryCanceled) as raised:
            await database.run_alone("INSERT INTO kept_lock VALUES (%(n)s)", {"n": 1})
    assert isinstance(in_our_words(raised.value), BusyError)


async def test_of_those_who_share_a_transaction_only_he_waits_whose_row_is_held(database: Database) -> None:
    await database.run("CREATE TABLE shared AS SELECT k, 0 AS n FROM generate_series(1, 4) AS g (k)")

    async def write(numbers: Sequence[int]) -> list[int]:
        async with database.transaction() as connection:
            for number in numbers:
                await connection.execute("UPDATE shared SET n = n + 1 WHERE k = %(k)s", {"k": number})
        return [*numbers]

    async def act(numbers: Sequence[int]) -> list[int]:
        with or_each_alone():
            return await write(numbers)
        return await write(numbers)

    gather: Gather[int, int] = Gather(act)
    async with database.own_transaction() as holder:
        await holder.execute("SELECT FROM shared WHERE k = 3 FOR UPDATE")
        told = await asyncio.gather(*(gather.do(number) for number in (1, 2, 3, 4)), return_exceptions=True)
    assert [one if isinstance(one, int) else type(one) for one in told] == [1, 2, psycopg.errors.QueryCanceled, 4]
    rows = await (await database.run("SELECT n FROM shared ORDER BY k")).fetchall()
    assert [row["n"] for row in rows] == [1, 1, 0, 1]


@asynccontextmanager
async def said_nothing_for_too_long(database: Database) -> AsyncIterator[Connection]:
    """A transaction that its server has ended."""
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO kept_lock VALUES (%(n)s)", {"n": 25})
        await connection.execute("SET idle_in_transaction_session_timeout = 1")
        async with asyncio.timeout(30):
            while not connection.has_news:
                await database.run_alone(SLEEP, {"s": 0.01})
        yield connection


async def test_who_said_nothing_for_too_long_has_done_nothing_and_is_told_so(database: Database) -> None:
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout) as at_a_statement:
        async with said_nothing_for_too_long(database) as connection:
            await connection.execute("SELECT %(n)s::int", {"n": 1})
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout) as at_the_commit:
        async with said_nothing_for_too_long(database):
            pass
    for raised in (at_a_statement, at_the_commit):
        assert isinstance(in_our_words(raised.value), BusyError)
        assert isinstance(in_our_words(raised.value, has_begun=True), UndeterminedError)
    with pytest.raises(ZeroDivisionError):  # and not what the roll-back met
        async with said_nothing_for_too_long(database):
            raise ZeroDivisionError
    found = await database.run("SELECT %(n)s::int AS n FROM kept_lock WHERE id = 25", {"n": 1})
    assert await found.fetchall() == []


async def test_who_does_not_serve_callers_takes_what_it_takes_but_is_not_gone_inside_a_transaction(
    database_url: str,
) -> None:
    async with open_database(database_url, size=1) as free:
        for name, value in (("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "5min")):
            assert await (await free.run(f"SHOW {name}")).fetchone() == {name: value}


async def test_a_connection_is_waited_for_so_long_and_by_so_many(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pool.POOL_WAIT_S < 30
    monkeypatch.setattr(pool, "POOL_WAIT_S", 0.2)
    monkeypatch.setattr(pool, "MOST_WAITING", 2)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(database_url, size=1))
        await stack.enter_async_context(database.own_transaction())
        asked = [database.run_alone("SELECT %(n)s::int AS n", {"n": 1}) for _ in range(3)]
        told = await asyncio.gather(*asked, return_exceptions=True)
    assert Counter(map(type, told)) == {PoolTimeout: 2, TooManyRequests: 1}
    assert all(isinstance(one, Exception) and isinstance(in_our_words(one), BusyError) for one in told)


async def test_a_commit_that_was_lost_may_have_been_done(database: Database) -> None:
    async def hung_up_at_the_commit() -> None:
        async with database.own_transaction() as connection:
            await connection.execute("INSERT INTO kept_lock VALUES (%(n)s)", {"n": 1})
            pid = connection.info.backend_pid
            await database.run_alone("SELECT pg_terminate_backend(%(pid)s, 5000)", {"pid": pid})

    with pytest.raises(OutcomeLostError) as raised:
        await hung_up_at_the_commit()
    assert isinstance(in_our_words(raised.value), UndeterminedError)


async def test_a_lone_write_that_was_lost_may_have_been_done_and_a_read_has_nothing_to_do(database_url: str) -> None:
    async with open_database(database_url, size=2) as database:
        await database.run("CREATE TABLE IF NOT EXISTS kept_lock (id int)")
        written, read = await ended_while(database, WRITE_SLOWLY), await ended_while(database, SLEEP)
    assert isinstance(written, OutcomeLostError)
    assert isinstance(read, psycopg.OperationalError)
    assert not isinstance(read, OutcomeLostError)


async def test_a_server_that_says_why_not_has_done_nothing(database: Database) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        await database.run_alone(WRITE_SLOWLY, {"s": 60})


async def test_the_limit_is_that_of_the_processes_that_serve_callers(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIENTHONG_STATE", str(tmp_path))
    monkeypatch.setenv("LIENTHONG_SANDBOX", "true")
    heard: list[str] = []

    async def serve(gateway: Gateway) -> None:
        rows = await (await gateway.ground.database.run("SHOW statement_timeout")).fetchall()
        heard.append(rows[0]["statement_timeout"])

    for name in ("api", "worker"):
        await _open(load_settings(), database_url, serve, name=name)
    assert heard == ["1min", "0"]


async def test_where_everything_takes_too_long_not_each_is_waited_for() -> None:
    """A table's lock, a database that is just slow: it is nobody's fault, and each would wait as long."""
    tried = list[int]()

    async def act(item: int) -> int | Exception:
        tried.append(item)
        return psycopg.errors.QueryCanceled() if item not in {1, 3} else item

    told = await each_alone([0, 1, 2, 3, 4, 5, 6, 7], act)
    assert tried == [0, 1, 2, 3, 4, 5]
    assert [one for one in told if isinstance(one, int)] == [1, 3]
    assert len(told) == 8
