"""Columns of many rows as PostgreSQL's binary arrays, put together whole.

psycopg looks at each item of a list to find out what it is and asks a dumper for it. Where many rows are one statement
that is more than half of what the statement costs its caller; here the caller says what the items are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from struct import Struct, pack
from typing import Any, ClassVar

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = Struct("!iIIii").pack
"""Dimensions, whether there are NULLs, the type of the items, how many, and the number of the first."""
_EMPTY = Struct("!iII").pack
_SIZE = Struct("!i").pack
_NULL = _SIZE(-1)
_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)
_FIRST_DAY = date(2000, 1, 1).toordinal()
_FLAG = {True: b"\1", False: b"\0"}


class Column:
    """Values of one type. Write it as `%(name)s`."""

    __slots__ = ("items",)
    item: ClassVar[str]

    def __init__(self, items: Sequence[bytes | None]) -> None:
        """`items`: each as PostgreSQL reads one in binary."""
        self.items = items


class Bytes(Column):
    item = "bytea"


class Texts(Column):
    item = "text"

    def __init__(self, values: Iterable[str]) -> None:
        super().__init__([value.encode() for value in values])


class Flags(Column):
    item = "bool"

    def __init__(self, values: Iterable[bool]) -> None:
        super().__init__([_FLAG[value] for value in values])


class Numbers(Column):
    item = "int8"

    def __init__(self, values: Iterable[int | None]) -> None:
        super().__init__([None if value is None else pack("!q", value) for value in values])


class Days(Column):
    item = "date"

    def __init__(self, values: Iterable[date | None]) -> None:
        super().__init__([None if value is None else pack("!i", value.toordinal() - _FIRST_DAY) for value in values])


class Moments(Column):
    """Rows that are written together have mostly one moment, which is worked out once."""

    item = "timestamptz"

    def __init__(self, values: Sequence[datetime | None]) -> None:
        known = {value: pack("!q", (value - _EPOCH) // _MICROSECOND) if value else None for value in {*values}}
        super().__init__([known[value] for value in values])


Kinds = Mapping[str, Callable[[list[Any]], Column]]


def arrays(rows: Sequence[Mapping[str, Any]], kinds: Kinds) -> dict[str, Column]:
    """As `columns`, of rows whose columns are known."""
    return {name: kind([row[name] for row in rows]) for name, kind in kinds.items()}


class _ColumnDumper(Dumper):
    format = Format.BINARY
    item_oid: ClassVar[int]

    def dump(self, obj: Column) -> bytes:
        items = obj.items
        if not items:
            return _EMPTY(0, 0, self.item_oid)
        parts = [b""] * (2 * len(items) + 1)
        parts[0] = _HEAD(1, None in items, self.item_oid, len(items), 1)
        parts[1::2] = [_NULL if item is None else _SIZE(len(item)) for item in items]
        parts[2::2] = [item or b"" for item in items]
        return b"".join(parts)


for _kind in (Bytes, Texts, Flags, Numbers, Days, Moments):
    _type = psycopg.adapters.types[_kind.item]
    _members = {"oid": _type.array_oid, "item_oid": _type.oid}
    psycopg.adapters.register_dumper(_kind, type(f"{_kind.__name__}Dumper", (_ColumnDumper,), _members))
