"""What a mapping file compiles to. A rule has a place, one source, at most one verb, and says what absence means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Verb = Callable[[Any], Any]
"""Takes a present value and returns its translation, or raises `MisfitError`."""


class Direction(StrEnum):
    """Which way a rule list translates."""

    REQUEST = "request"
    REPLY = "reply"


class MisfitError(Exception):
    """A value that a verb cannot translate: what is wrong, in both languages, never the value itself."""

    def __init__(self, detail: str, detail_vi: str) -> None:
        super().__init__(detail)
        self.detail_vi = detail_vi


class _Absent:
    """Nothing is there: not null, not empty, not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a mapping file."""

    to: tuple[str, ...]
    sources: tuple[tuple[str, ...], ...] = ()
    constant: Any = ABSENT
    verb_name: str = "copy"
    verb: Verb | None = None
    joined: str | None = None
    """Join all present sources with this text; otherwise the first present source counts."""
    each: tuple[Rule, ...] | None = None
    when: re.Pattern[str] | None = None
    required: bool = False
    default: Any = ABSENT

    @property
    def source_names(self) -> tuple[str, ...]:
        return tuple(".".join(path) for path in self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A compiled file: both directions of one operation."""

    operation: str
    version: int
    rules: Mapping[Direction, tuple[Rule, ...]]

    def fields(self, direction: Direction) -> frozenset[str]:
        """Every canonical field that this side tells or is told, dotted: what an operation is about (PDP-09)."""
        return frozenset(_canonical(self.rules[direction], direction))


def _canonical(rules: Sequence[Rule], direction: Direction, prefix: str = "") -> Iterator[str]:
    for rule in rules:
        paths = [rule.to] if direction is Direction.REPLY else rule.sources
        for path in paths:
            name = prefix + ".".join(path)
            if rule.each is None:
                yield name
            else:
                yield from _canonical(rule.each, direction, f"{name}.")
