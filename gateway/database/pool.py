"""Connections, and the one transaction that a request's stores share."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any

from psycopg import InterfaceError, OperationalError, Rollback, conninfo
from psycopg.errors import InFailedSqlTransaction
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from gateway.database.connection import Connection
from gateway.database.faults import LOST, OutcomeLostError, may_be_done
from gateway.database.statement import Rows
from gateway.sdk import ConfigurationError

OLDEST_SERVER = 140000
"""PostgreSQL 14: the oldest release that the schema was tried on."""

OPTIONS = "-c search_path=lienthong,public -c jit=off -c idle_in_transaction_session_timeout=300s"
"""Our questions are short: to compile one costs more than to answer it (0.3 s, measured on the board of payments).
Whoever says nothing for minutes inside a transaction is gone, and shall not keep its locks: the log's head is one."""

POOL_WAIT_S = 10.0
"""For a connection. Callers are told when their own time is over (`api.deadline`); what must still be written then,
such as what became of a payment, waits as long as anything."""

MOST_WAITING = 1024
"""So many wait for one at a time: about as many as the door lets in."""

LONGEST_KEPT_S = 600.0
"""Then the pool sees a kept connection again, which replaces those that are an hour old."""

MOST_KEPT = 4
"""So many connections that are in no use are kept out of the pool; whatever is done takes about as many at a time."""

Pool = AsyncConnectionPool[Connection]


class _Open:
    """A transaction that is open. A task that was started amid it knows it, too, and may outlive it: then there is none
    for it any more, or it would write into whatever the connection is used for next."""

    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        self.connection: Connection | None = connection


_open: ContextVar[_Open | None] = ContextVar("open_transaction", default=None)


def _ambient() -> Connection | None:
    known = _open.get()
    return known.connection if known else None


def _check_open(joined: Connection) -> None:
    """For a task that joined a transaction and outlived it: part of what it wrote may stand by itself."""
    if _ambient() is not joined:
        raise InterfaceError("The transaction that was joined ended before what joined it.")


class Database:
    """A pool. Stores open `transaction()` around each statement; whoever opens it first decides where it ends, so
    that one request's writes commit together (`async with database.transaction():` around several stores).

    A few connections are kept before the pool, which asks and notes much at each handing over: the one that was used
    last is used next. Nobody waits for the pool while one is kept, and none is kept while somebody waits."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: list[tuple[Connection, float]] = []
        self._most_kept = MOST_KEPT
        self._waiting = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Join the transaction that is open in this task, or open one. Leaving it by an exception rolls back."""
        ambient = _ambient()
        if ambient is not None:
            yield ambient
            _check_open(ambient)
            return
        async with self.own_transaction() as connection:
            known = _Open(connection)
            token = _open.set(known)
            try:
                yield connection
            finally:
                known.connection = None
                _open.reset(token)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Connection]:
        """A part of the transaction that is open, undone by itself if it is left by an exception, so that the rest may
        still be committed. Where none is open, one by itself. `psycopg.Rollback` undoes it, and goes no further."""
        ambient = _ambient()
        if ambient is None:
            async with self.transaction() as connection:
                yield connection
            return
        await ambient.command(b"SAVEPOINT apart")
        try:
            yield ambient
            _check_open(ambient)
        except BaseException as exc:
            if _ambient() is not ambient:  # outlived: the connection may be somebody else's by now
                raise
            with suppress(*LOST):  # and so is all of the transaction
                await ambient.command(b"ROLLBACK TO SAVEPOINT apart; RELEASE SAVEPOINT apart")
            if not isinstance(exc, Rollback):
                raise
        else:
            await ambient.command(b"RELEASE SAVEPOINT apart")

    @property
    def in_transaction(self) -> bool:
        """Whether this task has a transaction open."""
        return _ambient() is not None

    async def run(self, statement: str, values: Mapping[str, Any] | None = None, *, binary: bool = False) -> Rows:
        """One statement and its result: part of the transaction that is open in this task, or else one by itself, which
        needs no BEGIN and COMMIT to be waited for. `binary`: as the server keeps it, where much is read."""
        ambient = _ambient()
        if ambient is not None:
            return await ambient.execute(statement, values, binary=binary)
        return await self.run_alone(statement, values, binary=binary)

    async def run_alone(self, statement: str, values: Mapping[str, Any] | None = None, *, binary: bool = False) -> Rows:
        """One statement and its result, a transaction by itself also inside another."""
        connection, until = await self._take()
        try:
            return await connection.execute(statement, values, binary=binary)
        except OperationalError as exc:
            if may_be_done(exc, statement):
                raise OutcomeLostError("The connection was lost before the server said what became of it.") from exc
            raise
        finally:
            if not self._keeps(connection, until):
                await self._give_back(connection)

    @asynccontextmanager
    async def own_transaction(self) -> AsyncIterator[Connection]:
        """A transaction of its own even inside another: for the audit log, whose entry must outlive a roll-back.
        `psycopg.Rollback` undoes it, and goes no further."""
        connection, until = await self._take()
        try:
            await connection.command(b"BEGIN")
            try:
                yield connection
            except BaseException as exc:
                with suppress(*LOST):  # and so is what was done
                    await connection.command(b"ROLLBACK")
                if not isinstance(exc, Rollback):
                    raise
            else:
                await _commit(connection)
        finally:
            if not self._keeps(connection, until):
                await self._give_back(connection)

    async def let_go(self) -> None:
        """Give back what is kept, and keep no more."""
        self._most_kept = 0
        while self._kept:
            await self._give_back(self._kept.pop()[0])

    async def _take(self) -> tuple[Connection, float]:
        """A connection, and until when it is kept."""
        while self._kept:
            connection, until = self._kept.pop()
            if time.monotonic() < until and not connection.closed and not connection.has_news:
                return connection, until
            await self._give_back(connection)  # the pool looks at it, and may have a better one
        self._waiting += 1
        try:
            connection = await self._pool.getconn()
        finally:
            self._waiting -= 1
        return connection, time.monotonic() + LONGEST_KEPT_S

    def _keeps(self, connection: Connection, until: float) -> bool:
        if self._waiting or len(self._kept) >= self._most_kept or not connection.is_idle:
            return False
        self._kept.append((connection, until))
        return True

    async def _give_back(self, connection: Connection) -> None:
        connection.unwatch()
        if connection.is_odd:
            await connection.close()
        await self._pool.putconn(connection)

    async def answers(self) -> bool:
        """Whether a question is answered now."""
        try:
            async with self.own_transaction() as connection:
                await connection.execute("SELECT 1")
        except Exception:
            return False
        return True


async def _commit(connection: Connection) -> None:
    try:
        done = await connection.command(b"COMMIT")
    except OperationalError as exc:
        raise OutcomeLostError("The connection was lost at the commit.") from exc
    if done != b"COMMIT":
        raise InFailedSqlTransaction("A statement failed before, and so nothing was done.")


@asynccontextmanager
async def open_database(dsn: str, *, size: int = 10, statement_s: float | None = None) -> AsyncIterator[Database]:
    """Open the pool and check the server, or raise `ConfigurationError` that says what to do. `statement_s`: the server
    ends a statement after so long, with what it waits for; a commit is never cut off. None: it takes what it takes."""
    limit = f" -c statement_timeout={round(statement_s * 1000)}" if statement_s else ""
    options = conninfo.make_conninfo(dsn, application_name="lienthong", options=OPTIONS + limit)
    pool: Pool = AsyncConnectionPool(
        options,
        min_size=1,
        max_size=size,
        timeout=POOL_WAIT_S,
        max_waiting=MOST_WAITING,
        kwargs={"row_factory": dict_row, "autocommit": True},
        connection_class=Connection,
        check=_check_connection,
        open=False,
    )
    try:
        await pool.open(wait=True, timeout=15)
    except (OperationalError, PoolTimeout) as exc:
        await pool.close()
        raise ConfigurationError(
            "The database cannot be reached. Run `lienthong doctor`.",
            vi="Không kết nối được cơ sở dữ liệu. Hãy chạy `lienthong doctor`.",
            what="database_unreachable",
        ) from exc
    try:
        await _check_server(pool)
        database = Database(pool)
        try:
            yield database
        finally:
            await database.let_go()
    finally:
        await pool.close()


async def _check_connection(connection: Connection) -> None:
    """A server that ended has closed its side, and an idle connection that has something to read is such a one, as a
    rule: only then is it asked, because a question before every use is a fifth of a transaction's cost."""
    if connection.has_news:
        await AsyncConnectionPool.check_connection(connection)


async def _check_server(pool: Pool) -> None:
    async with pool.connection() as connection:
        version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise ConfigurationError(
            f"PostgreSQL {version // 10000} is too old; 14 or newer is needed.",
            vi=f"PostgreSQL {version // 10000} quá cũ; cần bản 14 trở lên.",
            what="database_too_old",
        )
