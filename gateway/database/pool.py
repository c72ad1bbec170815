"""Connections, and the one transaction that a request's stores share."""

from __future__ import annotations

import select
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, OperationalError, conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from gateway.sdk import ConfigurationError

OLDEST_SERVER = 140000
"""PostgreSQL 14: the oldest release that the schema was tried on."""

OPTIONS = "-c search_path=lienthong,public -c jit=off"
"""Our questions are short: to compile one costs more than to answer it (0.3 s, measured on the board of payments)."""

LONGEST_KEPT_S = 600.0
"""Then the pool sees a kept connection again, which replaces those that are an hour old."""

Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

_open: ContextVar[Connection | None] = ContextVar("open_transaction", default=None)


class _Line:
    """A connection that is kept out of the pool, and its one cursor."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.cursor = connection.cursor()
        self._until = time.monotonic() + LONGEST_KEPT_S

    @property
    def is_worn(self) -> bool:
        """The pool should look at it, and may have a better one."""
        return self.connection.closed or time.monotonic() >= self._until or _has_news(self.connection)


class Database:
    """A pool. Stores open `transaction()` around each statement; whoever opens it first decides where it ends, so
    that one request's writes commit together (`async with database.transaction():` around several stores)."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._line: _Line | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Join the transaction that is open in this task, or open one. Leaving it by an exception rolls back."""
        ambient = _open.get()
        if ambient is not None:
            yield ambient
            return
        async with self._pool.connection() as connection:
            token = _open.set(connection)
            try:
                async with connection.transaction():
                    yield connection
            finally:
                _open.reset(token)

    @property
    def in_transaction(self) -> bool:
        """Whether this task has a transaction open."""
        return _open.get() is not None

    async def run(
        self, statement: str, values: Mapping[str, Any] | None = None, *, binary: bool = False
    ) -> AsyncCursor[DictRow]:
        """One statement and its result: part of the transaction that is open in this task, or else one by itself, which
        needs no BEGIN and COMMIT to be waited for. `binary`: as the server keeps it, where much is read."""
        ambient = _open.get()
        if ambient is not None:
            return await ambient.execute(statement, values, binary=binary)
        return await self.run_alone(statement, values, binary=binary)

    async def run_alone(
        self, statement: str, values: Mapping[str, Any] | None = None, *, binary: bool = False
    ) -> AsyncCursor[DictRow]:
        """One statement and its result, a transaction by itself also inside another."""
        async with self._pool.connection() as connection:
            return await connection.execute(statement, values, binary=binary)

    async def run_again(self, statement: str, values: Mapping[str, Any]) -> int:
        """How many rows one statement touched, as `run_alone`, for whoever has one to run again and again: its cursor
        is kept, with the connection and with what it has learnt of the values."""
        line, self._line = self._line, None  # whoever takes it has it alone
        if line is None:
            line = _Line(await self._pool.getconn())
        elif line.is_worn:
            await self._pool.putconn(line.connection)
            line = _Line(await self._pool.getconn())
        try:
            await line.cursor.execute(statement, values)
        except BaseException:
            await self._pool.putconn(line.connection)  # where it is mended, or replaced
            raise
        touched = line.cursor.rowcount
        if self._line is None:
            self._line = line
        else:
            await self._pool.putconn(line.connection)
        return touched

    async def let_go(self) -> None:
        """Give back what is kept between statements."""
        line, self._line = self._line, None
        if line is not None:
            await self._pool.putconn(line.connection)

    @asynccontextmanager
    async def own_transaction(self) -> AsyncIterator[Connection]:
        """A transaction of its own even inside another: for the audit log, whose entry must outlive a roll-back."""
        async with self._pool.connection() as connection, connection.transaction():
            yield connection

    async def answers(self) -> bool:
        """Whether a question is answered now."""
        try:
            async with self.own_transaction() as connection:
                await connection.execute("SELECT 1")
        except Exception:
            return False
        return True


@asynccontextmanager
async def open_database(dsn: str, *, size: int = 10) -> AsyncIterator[Database]:
    """Open the pool and check the server, or raise `ConfigurationError` that says what to do."""
    options = conninfo.make_conninfo(dsn, application_name="lienthong", options=OPTIONS)
    pool: Pool = AsyncConnectionPool(
        options,
        min_size=1,
        max_size=size,
        kwargs={"row_factory": dict_row, "autocommit": True},
        connection_class=AsyncConnection[DictRow],
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
    if _has_news(connection):
        await AsyncConnectionPool.check_connection(connection)


def _has_news(connection: Connection) -> bool:
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(watch.poll(0))


async def _check_server(pool: Pool) -> None:
    async with pool.connection() as connection:
        version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise ConfigurationError(
            f"PostgreSQL {version // 10000} is too old; 14 or newer is needed.",
            vi=f"PostgreSQL {version // 10000} quá cũ; cần bản 14 trở lên.",
            what="database_too_old",
        )
