"""A statement in PostgreSQL's words, and what it answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from psycopg.adapt import PyFormat
from psycopg.rows import DictRow

MOST_MET = 400
"""Statements that are remembered."""
_PLACE = re.compile(r"%(?:%|\((\w+)\)([sbt]))")
_FORMATS = {"s": PyFormat.AUTO, "b": PyFormat.BINARY, "t": PyFormat.TEXT}


class Rows(Protocol):
    """What a statement answered; psycopg's cursor is such a one, too."""

    @property
    def rowcount(self) -> int: ...

    @property
    def description(self) -> Sequence[Any] | None: ...

    async def fetchone(self) -> DictRow | None: ...

    async def fetchall(self) -> list[DictRow]: ...


class Answer:
    """`Rows` that are all here."""

    __slots__ = ("_rows", "description", "rowcount")

    def __init__(self, rows: list[DictRow], rowcount: int, description: Sequence[str] | None) -> None:
        self._rows = rows
        self.rowcount = rowcount
        self.description = description

    async def fetchone(self) -> DictRow | None:
        return self._rows.pop(0) if self._rows else None

    async def fetchall(self) -> list[DictRow]:
        rows, self._rows = self._rows, []
        return rows


class Text(NamedTuple):
    """A statement in PostgreSQL's words, and what its places are called."""

    text: bytes
    names: tuple[str, ...]
    formats: tuple[PyFormat, ...]


@lru_cache(maxsize=MOST_MET)
def parsed(query: str) -> Text:
    """A name that stands twice is one value."""
    found: dict[str, PyFormat] = {}

    def place(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "%"
        found.setdefault(name, _FORMATS[match[2]])
        return f"${[*found].index(name) + 1}"

    text = _PLACE.sub(place, query).encode()
    return Text(text, tuple(found), tuple(found.values()))


@lru_cache(maxsize=MOST_MET)
def maker(columns: tuple[str, ...]) -> Callable[[Sequence[Any]], DictRow]:
    return lambda values: dict(zip(columns, values, strict=True))
