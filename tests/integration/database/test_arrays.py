"""Columns of many rows, as PostgreSQL reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from gateway.database import Database
from gateway.database.arrays import Bytes, Column, Moments, Numbers, Texts

AT = datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC)
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
SPELLINGS = ["", "Trần Thị Mẫu", '{"a,b"}', "NULL"]
NUMBERS = [0, -1, 2**63 - 1, -(2**63)]
BODIES = [b"", b"\x00\xff", b"x" * 70_000]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (Bytes(BODIES), BODIES),
        (Bytes([None, b"a", None]), [None, b"a", None]),
        (Texts(SPELLINGS), SPELLINGS),
        (Numbers(NUMBERS), NUMBERS),
        (Moments([AT, AT.astimezone(timezone(timedelta(hours=7))), LONG_AGO]), [AT, AT, LONG_AGO]),
        (Numbers([]), []),
        (Texts([]), []),
    ],
)
async def test_a_column_is_read_as_it_was_written(database: Database, column: Column, values: list[Any]) -> None:
    rows = await (await database.run("SELECT n FROM unnest(%(column)s) AS n", {"column": column})).fetchall()
    assert [row["n"] for row in rows] == values
