"""A connection on which a statement with values goes the short way: the same questions, and the same answers, without
what psycopg does anew for each of them.

psycopg has the loop watch the socket for one wait and no longer, which is two calls to the kernel; it makes a cursor,
and looks the statement up by its text. Here the socket is watched as long as the connection is in use by us, and what a
statement is in PostgreSQL's words, and which columns it answers with, is known from its first time on. Values and rows
are still turned by psycopg, so they are what they would be. Everything else that can be done with a connection
(cursors, COPY, statements without values) is done by psycopg; its own way is the judge of the tests.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import AsyncRowFactory, DictRow, dict_row

from gateway.database.statement import MOST_MET, Answer, Rows, maker, parsed

PREPARED_AT = 5
"""At its so manieth time a statement is prepared; and a connection keeps at most so many prepared. Both as psycopg."""
MOST_PREPARED = 100
CANCELLED_WITHIN_S = 5.0
_HUNG_UP = select.POLLHUP | select.POLLERR
_FAILED = {ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE}
_COPIES = {ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH}


class _Met:
    """A statement that this connection has run with values of these types. `name`: under which it is prepared."""

    __slots__ = ("columns", "name", "times")

    def __init__(self) -> None:
        self.name = b""
        self.times = 0
        self.columns: tuple[str, ...] | None = None


class Connection(AsyncConnection[DictRow]):
    """In autocommit; rows are dictionaries."""

    def __init__(self, pgconn: PGconn, row_factory: AsyncRowFactory[DictRow] = dict_row) -> None:
        super().__init__(pgconn, row_factory)
        self._turning = Transformer(self)
        self._met: dict[tuple[str, Sequence[int]], _Met] = {}
        self._prepared_so_far = 0
        self._socket = pgconn.socket
        self._news = select.poll()
        self._news.register(self._socket, select.POLLIN | select.POLLHUP | select.POLLERR)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._lost: psycopg.OperationalError | None = None

    @property
    def has_news(self) -> bool:
        """Whether there is something to read on it while it is idle: as a rule, that the server has ended."""
        return bool(self._news.poll(0))

    @property
    def _is_over(self) -> bool:
        """Whether the other side has hung up. Where it did so with a question of ours unread, uvloop tells us once and
        never again, whatever is left to read: all is read at once then, up to the end, which libpq raises."""
        return any(events & _HUNG_UP for _, events in self._news.poll(0))

    @property
    def is_idle(self) -> bool:
        """Whole, and in no transaction."""
        return self.pgconn.transaction_status == TransactionStatus.IDLE and not self.is_odd

    @property
    def is_odd(self) -> bool:
        """Whether psycopg left it in a pipeline, as it does where it is cancelled on the way in: nobody would be
        answered on it."""
        return not self.closed and self.pgconn.pipeline_status != PipelineStatus.OFF

    async def execute(  # type: ignore[override]  # the rows are those of the cursor that psycopg would return
        self, query: Any, params: Any = None, *, prepare: bool | None = None, binary: bool = False
    ) -> Rows:
        """As psycopg's."""
        if type(query) is not str or not isinstance(params, Mapping):
            return await super().execute(query, params, prepare=prepare, binary=binary)
        async with self.lock:
            return await self._run(query, params, binary=binary)

    async def command(self, text: bytes) -> bytes:
        """BEGIN, COMMIT, ROLLBACK; and what the server says that it did."""
        async with self.lock:
            self.pgconn.send_query(text)
            return (await self._result()).command_status or b""

    async def rollback(self) -> None:
        """psycopg's own, after which it may have the server forget all that is prepared."""
        self._met.clear()
        await super().rollback()

    async def wait(self, gen: PQGen[Any], *args: Any, **kwargs: Any) -> Any:
        """psycopg's own way, which has the loop watch for itself."""
        self.unwatch()
        return await super().wait(gen, *args, **kwargs)

    async def close(self) -> None:
        self.unwatch()
        await super().close()

    def unwatch(self) -> None:
        """Before anybody else may close it: a socket that is watched must not be closed."""
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop = None

    async def _run(self, query: str, params: Mapping[str, Any], *, binary: bool) -> Answer:
        text, names, formats = parsed(query)
        try:
            given = [params[name] for name in names]
        except KeyError as exc:
            raise psycopg.ProgrammingError(f"query parameter missing: {exc.args[0]}") from None
        values = self._turning.dump_sequence(given, formats)
        types = self._turning.types or ()
        met = self._met.get((query, types)) or self._meet(query, types)
        if not met.name:
            met.times += 1
            if met.times >= PREPARED_AT and self._prepared_so_far < MOST_PREPARED:
                await self._prepare(met, text, types)
        formats_told, told_as = self._turning.formats, int(binary)
        if met.name:
            self.pgconn.send_query_prepared(met.name, values, formats_told, told_as)
        else:
            self.pgconn.send_query_params(text, values, types, formats_told, told_as)
        try:
            result = await self._result()
        except psycopg.errors.FeatureNotSupported:  # its table was altered since: it is prepared anew at the next time
            self._met.pop((query, types), None)
            raise
        except psycopg.errors.InvalidSqlStatementName:  # somebody had the server forget them
            self._met.clear()
            raise
        return self._answer(met, result)

    def _meet(self, query: str, types: Sequence[int]) -> _Met:
        if len(self._met) >= MOST_MET:
            self._met = {key: met for key, met in self._met.items() if met.name}
        return self._met.setdefault((query, types), _Met())

    async def _prepare(self, met: _Met, text: bytes, types: Sequence[int]) -> None:
        name = b"short_%d" % self._prepared_so_far
        self.pgconn.send_prepare(name, text, types)
        await self._result()
        met.name = name
        self._prepared_so_far += 1

    def _answer(self, met: _Met, result: PGresult) -> Answer:
        if result.status != ExecStatus.TUPLES_OK:
            touched = result.command_tuples
            return Answer([], -1 if touched is None else touched, None)
        columns = met.columns
        if columns is None:
            columns = tuple((result.fname(at) or b"").decode() for at in range(result.nfields))
            if met.name:  # else the table may have other ones at the next time
                met.columns = columns
        rows: list[DictRow] = []
        if count := result.ntuples:
            self._turning.set_pgresult(result)
            rows = self._turning.load_rows(0, count, maker(columns))
        return Answer(rows, count, columns)

    async def _result(self) -> PGresult:
        """The one that was asked for; or the error that it is. Whatever else goes wrong is the connection's end."""
        try:
            results = await self._results()
        except BaseException:
            self.unwatch()
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                await self._abandon()
            raise
        for result in results:
            if result.status in _COPIES:
                await self.close()
                raise psycopg.ProgrammingError("COPY goes by psycopg's own `copy`, without values.")
            if result.status in _FAILED:
                if self.pgconn.transaction_status == TransactionStatus.UNKNOWN:
                    self.unwatch()
                raise error_from_result(result)
        return results[-1]

    async def _results(self) -> list[PGresult]:
        pgconn, found = self.pgconn, list[PGresult]()
        loop = self._loop or self._watch()
        if pgconn.flush():
            await self._flush(loop)
        while True:
            if pgconn.is_busy():
                try:
                    await self._something(loop)
                except psycopg.OperationalError:
                    if found and found[-1].status in _FAILED:  # why the server hung up
                        return found
                    raise  # also where it said "done": it says so before it commits
            result = pgconn.get_result()
            if result is None:
                return found
            found.append(result)
            if result.status in _COPIES:
                return found

    async def _something(self, loop: asyncio.AbstractEventLoop) -> None:
        """Until the socket says something. `OperationalError`: that it is lost, now or since a moment ago."""
        if self._lost is not None:
            raise self._lost
        self._waiting = loop.create_future()
        await self._waiting

    async def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        """What is too much for the socket at once. Meanwhile is read what the server says, or both would wait."""
        while self.pgconn.flush():
            loop.add_writer(self._socket, self._go_on)
            try:
                await self._something(loop)
            finally:
                loop.remove_writer(self._socket)

    def _watch(self) -> asyncio.AbstractEventLoop:
        self._loop = loop = asyncio.get_running_loop()
        loop.add_reader(self._socket, self._readable)
        return loop

    def _readable(self) -> None:
        try:
            while True:
                self.pgconn.consume_input()
                if not self.pgconn.is_busy():
                    self._go_on()
                if not self._is_over:
                    return
        except psycopg.OperationalError as exc:
            self._lost = exc
            self.unwatch()
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_exception(exc)

    def _go_on(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _abandon(self) -> None:
        """Nobody waits for the answer any more: the server is told so, and the connection on which it would still come
        is given up."""
        try:
            with suppress(psycopg.Error):
                await self.cancel_safe(timeout=CANCELLED_WITHIN_S)
        finally:
            await self.close()
