"""Columns that are put together whole arrive as psycopg's own would."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from gateway.database import Database
from gateway.database.arrays import Bytes, Column, Days, Flags, Moments, Numbers, Texts, arrays

VIETNAM = timezone(timedelta(hours=7))
COLUMNS: list[tuple[Column, str, list[Any]]] = [
    (Texts(["Lê Văn Thử", "", "a\\{},\"'"]), "text", ["Lê Văn Thử", "", "a\\{},\"'"]),
    (Bytes([b"\0\xff", b""]), "bytea", [b"\0\xff", b""]),
    (Flags([True, False]), "boolean", [True, False]),
    (Numbers([0, None, -7, 2**40]), "bigint", [0, None, -7, 2**40]),
    (Numbers([1, None, 10]), "smallint", [1, None, 10]),
    (Days([date(1999, 12, 31), None, date(2026, 11, 29)]), "date", [date(1999, 12, 31), None, date(2026, 11, 29)]),
    (
        Moments([datetime(1985, 6, 15, 7, tzinfo=VIETNAM), None, datetime(2026, 11, 29, 1, 2, 3, 4, tzinfo=UTC)]),
        "timestamptz",
        [datetime(1985, 6, 15, tzinfo=UTC), None, datetime(2026, 11, 29, 1, 2, 3, 4, tzinfo=UTC)],
    ),
    (Texts([]), "text", []),
    (Numbers([]), "int", []),
]


@pytest.mark.parametrize(("column", "kind", "values"), COLUMNS)
@pytest.mark.parametrize("binary", [False, True])
async def test_a_column_arrives_value_by_value(
    database: Database, column: Column, kind: str, values: list[Any], *, binary: bool
) -> None:
    found = await database.run(f"SELECT unnest(%(column)s::{kind}[]) AS value", {"column": column}, binary=binary)
    assert [row["value"] for row in await found.fetchall()] == values


async def test_a_number_too_large_for_its_column_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="out of range"):
        await database.run("SELECT %(column)s::smallint[]", {"column": Numbers([40_000])})


@pytest.mark.parametrize("value", ["false", "x", 2])
def test_only_a_flag_is_a_flag(value: Any) -> None:
    with pytest.raises(KeyError):
        Flags([value])


def test_rows_become_columns_of_their_kinds() -> None:
    found = arrays(
        [{"code": "a", "count": 1, "more": "?"}, {"code": "b", "count": 2}], {"code": Texts, "count": Numbers}
    )
    assert {name: column.items for name, column in found.items()} == {
        "code": b"\0\0\0\1a" + b"\0\0\0\1b",
        "count": b"".join(number.to_bytes(4, "big") for number in (8, 0, 1, 8, 0, 2)),
    }
