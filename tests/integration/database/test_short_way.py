"""The short way of a statement answers as psycopg's own way does, value for value, the first time and every other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from gateway.database.arrays import Bytes, Days, Flags, Moments, Numbers, Texts
from gateway.database.connection import MOST_PREPARED, PREPARED_AT, Connection
from gateway.database.statement import MOST_MET, Answer

NOW = datetime(2026, 11, 29, 8, 15, 30, 123456, tzinfo=UTC)
VALUES: Mapping[str, Any] = {
    "none": None,
    "flag": True,
    "small": 7,
    "large": 2**40,
    "huge": 2**70,
    "exact": Decimal("12.340"),
    "near": 0.1,
    "text": "Trần Thị Mẫu % 'x' \"y\" \\",
    "bytes": b"\x00\xff%(text)s",
    "day": date(2026, 11, 29),
    "hour": time(8, 15),
    "moment": NOW,
    "while": timedelta(days=2, seconds=3),
    "uuid": UUID(int=5),
    "json": Jsonb({"a": [1, None, "%"]}),
    "address": ip_address("10.0.0.7"),
    "network": ip_network("10.0.0.0/8"),
    "texts": ["a", "", 'ă,{}"'],
    "numbers": [1, 2, 300],
    "nothing": [],
    "column_texts": Texts(["a", "b"]),
    "column_bytes": Bytes([b"\x00", None]),
    "column_flags": Flags([True, False]),
    "column_numbers": Numbers([1, None]),
    "column_days": Days([date(2026, 1, 1), None]),
    "column_moments": Moments([NOW, None]),
}
TYPES = {"none": "text", "text": "text", "texts": "text[]", "json": "jsonb", "nothing": "text[]"}


@pytest.fixture
async def short(postgresql: str) -> AsyncIterator[Connection]:
    async with await Connection.connect(postgresql, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def plain(postgresql: str) -> AsyncIterator[psycopg.AsyncConnection[dict[str, Any]]]:
    async with await psycopg.AsyncConnection.connect(postgresql, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("name", VALUES)
async def test_a_value_goes_and_comes_as_on_psycopgs_way(
    short: Connection, plain: Any, name: str, binary: bool
) -> None:
    cast = f"::{TYPES[name]}" if name in TYPES else ""
    value = f"%(v)s{cast}"
    asked = f"SELECT {value} AS there, pg_typeof({value})::text AS kind, '100 %%' AS said, {value} IS NULL AS no"
    expected = await (await plain.execute(asked, {"v": VALUES[name]}, binary=binary)).fetchall()
    for _ in range(PREPARED_AT + 1):  # first as it is, then prepared
        found = await short.execute(asked, {"v": VALUES[name], "not asked": 1}, binary=binary)
        assert isinstance(found, Answer)
        assert await found.fetchall() == expected
        assert await found.fetchall() == []


@pytest.mark.parametrize(
    "asked",
    [
        "SELECT n, n * 2 AS twice FROM generate_series(1, %(n)s) AS g (n)",
        "SELECT FROM generate_series(1, %(n)s)",
        "SELECT 1 AS one WHERE %(n)s < 0",
        "INSERT INTO given SELECT generate_series(1, %(n)s)",
        "INSERT INTO given VALUES (%(n)s) RETURNING n, n AS again",
        "UPDATE given SET n = n + %(n)s",
        "DELETE FROM given WHERE n < %(n)s",
    ],
)
async def test_what_is_counted_and_told_of_columns_is_what_psycopg_says(
    short: Connection, plain: Any, asked: str
) -> None:
    for connection in (short, plain):
        await connection.execute("CREATE TEMPORARY TABLE given (n int)")
        await connection.execute("INSERT INTO given VALUES (1), (2), (3)")
    for n in (3, 0, 5, 1, 4, 2):
        ours, theirs = await short.execute(asked, {"n": n}), await plain.execute(asked, {"n": n})
        assert ours.rowcount == theirs.rowcount
        assert bool(ours.description) == bool(theirs.description)
        if theirs.description is not None:
            assert [await ours.fetchone(), *await ours.fetchall()] == [
                await theirs.fetchone(),
                *await theirs.fetchall(),
            ]


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        ("SELECT 1 / %(n)s", {"n": 0}),
        ("SELECT %(n)s FROM nowhere", {"n": 0}),
        ("INSERT INTO pg_class VALUES (%(n)s)", {"n": 0}),
        ("SELECT %(n)s::int; SELECT 2", {"n": 0}),
        ("SELECT %(n)s", {"m": 0}),
        ("SELECT %(n)s", {"n": object()}),
        ("SELECT %(n)s::text", {"n": "\x00"}),
        ("SELECT %(n)s::date", {"n": "no day"}),
    ],
)
async def test_what_fails_fails_alike_and_leaves_the_connection_good(
    short: Connection, plain: Any, asked: str, values: dict[str, Any]
) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever psycopg raises
        await plain.execute(asked, values)
    for _ in range(PREPARED_AT + 2):
        with pytest.raises(type(theirs.value)) as ours:
            await short.execute(asked, values)
        assert getattr(ours.value, "sqlstate", None) == getattr(theirs.value, "sqlstate", None)
        assert short.is_idle
    found = await (await short.execute("SELECT %(n)s AS n", {"n": 1})).fetchall()
    assert found == [{"n": 1}]


async def test_values_that_change_their_type_are_asked_as_what_they_are(short: Connection) -> None:
    for value in (1, "1", 2**40, None, 1, "1", Decimal(1), None, 2**40, "1"):
        found = await (await short.execute("SELECT %(v)s::text AS v", {"v": value})).fetchone()
        assert found == {"v": None if value is None else str(value)}


async def test_a_table_that_was_altered_is_one_error_and_then_read_as_it_is(short: Connection) -> None:
    await short.execute("CREATE TEMPORARY TABLE grows (n int)")
    for _ in range(PREPARED_AT + 1):
        await short.execute("SELECT g.* FROM grows g WHERE n = %(n)s", {"n": 1})
    await short.execute("ALTER TABLE grows ADD COLUMN m int")
    found = await short.execute("SELECT g.* FROM grows g WHERE m = %(n)s", {"n": 1})
    await short.execute("ALTER TABLE grows ADD COLUMN o int")
    assert found.description == ("n", "m")
    found = await short.execute("SELECT g.* FROM grows g WHERE m = %(n)s", {"n": 1})  # not prepared yet: no error
    assert found.description == ("n", "m", "o")
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        await short.execute("SELECT g.* FROM grows g WHERE n = %(n)s", {"n": 1})
    found = await short.execute("SELECT g.* FROM grows g WHERE n = %(n)s", {"n": 1})
    assert found.description == ("n", "m", "o")


async def test_what_is_prepared_may_be_forgotten_by_the_server(short: Connection) -> None:
    async def ask() -> Any:
        return await (await short.execute("SELECT %(n)s::int AS n", {"n": 1})).fetchall()

    for _ in range(PREPARED_AT + 1):
        await ask()
    await short.execute("DEALLOCATE ALL")
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        await ask()
    assert await ask() == [{"n": 1}]


async def test_what_the_server_said_before_it_was_gone_is_no_success(postgresql: str) -> None:
    """Of a statement by itself it says that it is done before it has committed; only what follows says that it has."""
    server = conninfo.conninfo_to_dict(postgresql)
    path, cut = f"{server['host']}/.s.PGSQL.{server.get('port', '5432')}", list[bytes]()

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_unix_connection(path)
        there = asyncio.create_task(_carried(reader, to_server[1]))
        while told := await to_server[0].read(65536):
            before, done, _ = told.partition(b"INSERT 0 1\x00")
            cut.extend([done] if done else [])
            writer.write(before + done)
            if done:
                break
        writer.close()
        to_server[1].close()
        await there

    async with await asyncio.start_server(between, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        through = conninfo.make_conninfo(postgresql, host="127.0.0.1", port=port)
        connection = await Connection.connect(through, autocommit=True)
        await connection.execute("CREATE TEMPORARY TABLE told (n int)")
        with pytest.raises(psycopg.OperationalError):
            async with asyncio.timeout(60):
                await connection.execute("INSERT INTO told VALUES (%(n)s)", {"n": 1})
        await connection.close()
    assert cut


async def _carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while asked := await reader.read(65536):
            writer.write(asked)


async def test_a_copy_that_is_asked_for_like_a_statement_is_refused_at_once(short: Connection) -> None:
    async with asyncio.timeout(60):
        with pytest.raises(psycopg.ProgrammingError):
            await short.execute("COPY (SELECT 1) TO STDOUT", {})
    assert short.closed


async def test_much_goes_and_comes_whole(short: Connection) -> None:
    """More than a socket takes at once, there and back, before the statement is prepared and afterwards."""
    much = bytes(range(256)) * 40_000
    for _ in range(PREPARED_AT + 1):
        found = await short.execute("SELECT %(v)s::bytea AS v, repeat('x', 9000000) AS x", {"v": much}, binary=True)
        row = await found.fetchone()
        assert row is not None
        assert row["v"] == much
        assert len(row["x"]) == 9_000_000


async def test_both_ways_take_turns_on_one_connection(short: Connection) -> None:
    for n in range(4):
        assert await (await short.execute("SELECT %(n)s AS n", {"n": n})).fetchall() == [{"n": n}]
        assert await (await short.execute("SELECT %s AS n", (n,))).fetchall() == [{"n": n}]
        async with short.transaction():
            assert await (await short.execute("SELECT %(n)s AS n", {"n": n})).fetchall() == [{"n": n}]
            assert short.pgconn.transaction_status == TransactionStatus.INTRANS
        async with short.cursor() as cursor:
            await cursor.execute("SELECT 5 AS n")
            assert await cursor.fetchall() == [{"n": 5}]


async def test_several_on_one_connection_wait_for_each_other(short: Connection) -> None:
    asked = [short.execute("SELECT pg_sleep(0.001), %(n)s AS n", {"n": n}) for n in range(8)]
    answers = await asyncio.gather(*asked)
    assert [(await answer.fetchall())[0]["n"] for answer in answers] == list(range(8))


async def test_no_more_is_kept_of_statements_than_is_said(short: Connection) -> None:
    for n in range(MOST_PREPARED + 20):
        for _ in range(PREPARED_AT):
            assert (await short.execute(f"SELECT {n} AS n WHERE %(yes)s", {"yes": True})).rowcount == 1
    for n in range(MOST_MET):
        await short.execute(f"SELECT {n} AS m WHERE %(yes)s", {"yes": True})
    prepared = await (await short.execute("SELECT count(*) AS n FROM pg_prepared_statements")).fetchall()
    assert prepared == [{"n": MOST_PREPARED}]
    assert len(short._met) <= MOST_MET
