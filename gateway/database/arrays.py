"""Columns of many rows as PostgreSQL's binary arrays, put together whole.

psycopg looks at each item of a list to find out what it is and asks a dumper for it. Where many rows are one statement
that is more than half of what the statement costs its caller; here the caller says what the items are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import repeat
from struct import Struct
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
_FLAG = {True: True, False: False, None: None}
"""Nothing else is taken for one, as `struct` would."""
_FIRST_DAY = date(2000, 1, 1).toordinal()


class Column:
    """Values of one type. Write it as `%(name)s`."""

    __slots__ = ("count", "has_nulls", "items")
    item: ClassVar[str]

    def __init__(self, items: Sequence[bytes | None]) -> None:
        """`items`: each as PostgreSQL reads one in binary."""
        self.count = len(items)
        self.has_nulls = None in items
        parts = [b""] * (2 * len(items))
        parts[::2] = [_NULL if item is None else _SIZE(len(item)) for item in items]
        parts[1::2] = [item or b"" for item in items]
        self.items = b"".join(parts)


class Bytes(Column):
    item = "bytea"


class Texts(Column):
    item = "text"

    def __init__(self, values: Iterable[str]) -> None:
        super().__init__([value.encode() for value in values])


class _Fixed(Column):
    """Whole numbers, all of one size in bytes; `code` is that of `struct`."""

    __slots__ = ()
    size: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, values: Sequence[int | None]) -> None:
        pack = Struct(f"!i{self.code}").pack
        self.count, self.has_nulls = len(values), None in values
        if self.has_nulls:
            self.items = b"".join([_NULL if value is None else pack(self.size, value) for value in values])
        else:
            self.items = b"".join(map(pack, repeat(self.size), values))


class Flags(_Fixed):
    item, size, code = "bool", 1, "?"

    def __init__(self, values: Iterable[bool | None]) -> None:
        super().__init__([_FLAG[value] for value in values])


class Numbers(_Fixed):
    item, size, code = "int8", 8, "q"

    def __init__(self, values: Iterable[int | None]) -> None:
        super().__init__([*values])


class Days(_Fixed):
    item, size, code = "date", 4, "i"

    def __init__(self, values: Iterable[date | None]) -> None:
        super().__init__([None if value is None else value.toordinal() - _FIRST_DAY for value in values])


class Moments(_Fixed):
    """Rows that are written together have mostly one moment, which is worked out once."""

    item, size, code = "timestamptz", 8, "q"

    def __init__(self, values: Sequence[datetime | None]) -> None:
        known = {value: (value - _EPOCH) // _MICROSECOND if value else None for value in {*values}}
        super().__init__([known[value] for value in values])


Kinds = Mapping[str, Callable[[list[Any]], Column]]


def arrays(rows: Sequence[Mapping[str, Any]], kinds: Kinds) -> dict[str, Column]:
    """As `columns`, of rows whose columns are known."""
    return {name: kind([row[name] for row in rows]) for name, kind in kinds.items()}


class _ColumnDumper(Dumper):
    format = Format.BINARY
    item_oid: ClassVar[int]

    def dump(self, obj: Column) -> bytes:
        if not obj.count:
            return _EMPTY(0, 0, self.item_oid)
        return _HEAD(1, obj.has_nulls, self.item_oid, obj.count, 1) + obj.items


for _kind in (Bytes, Texts, Flags, Numbers, Days, Moments):
    _type = psycopg.adapters.types[_kind.item]
    _members = {"oid": _type.array_oid, "item_oid": _type.oid}
    psycopg.adapters.register_dumper(_kind, type(f"{_kind.__name__}Dumper", (_ColumnDumper,), _members))
