"""What is otherwise in another version of a mapping, rule by rule, and entry by entry of its code lists. Pure."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from io import StringIO
from typing import TypeVar

from gateway.mapping.model import Direction
from gateway.mapping.source import Source
from gateway.mapping.table import Row, rows

Told = TypeVar("Told")


class How(StrEnum):
    """What became of a rule or an entry."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """`what`: names of the parts of a rule that differ, where it is in both."""

    how: How
    direction: Direction
    place: str
    before: Row | None
    after: Row | None
    what: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One line of a code list."""

    ours: str
    theirs: str
    label_vi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """Of an entry; entries are the same where both codes are."""

    how: How
    name: str
    before: CodeEntry | None
    after: CodeEntry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All of it; `moved`: directions in which the same rules stand in another order."""

    rules: Sequence[RuleChange]
    codes: Sequence[CodeChange]
    moved: Sequence[Direction]

    @property
    def is_none(self) -> bool:
        """Nothing translates otherwise: comments, spaces, the title or the number of the version at most."""
        return not (self.rules or self.codes or self.moved)


def compare(before: Source, after: Source) -> Difference:
    """A rule is the same one where it writes to the same place; in the newer version's order, removed ones last."""
    changes: list[RuleChange] = []
    moved = []
    for direction in Direction:
        old = {(row.place, row.turn): row for row in rows(before.document, direction)}
        new = {(row.place, row.turn): row for row in rows(after.document, direction)}
        changes += [
            RuleChange(how=how, direction=direction, place=key[0], before=one, after=other, what=_what(one, other))
            for key, how, one, other in _paired(old, new)
        ]
        if [key for key in old if key in new] != [key for key in new if key in old]:
            moved.append(direction)
    return Difference(rules=changes, codes=_code_changes(before.codes, after.codes), moved=moved)


def entries(text: str) -> list[CodeEntry]:
    """Of a code list, from its file's text."""
    return [CodeEntry(row["ours"], row["theirs"], row["label_vi"]) for row in csv.DictReader(StringIO(text))]


def _code_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[CodeChange]:
    changes = []
    for name in sorted(before.keys() | after.keys()):
        old = {(entry.ours, entry.theirs): entry for entry in entries(before.get(name, ""))}
        new = {(entry.ours, entry.theirs): entry for entry in entries(after.get(name, ""))}
        changes += [CodeChange(how=how, name=name, before=one, after=other) for _, how, one, other in _paired(old, new)]
    return changes


Key = TypeVar("Key")


def _paired(before: Mapping[Key, Told], after: Mapping[Key, Told]) -> list[tuple[Key, How, Told | None, Told | None]]:
    """Those that differ."""
    found: list[tuple[Key, How, Told | None, Told | None]] = []
    for key, new in after.items():
        if key not in before:
            found.append((key, How.ADDED, None, new))
        elif before[key] != new:
            found.append((key, How.CHANGED, before[key], new))
    found += [(key, How.REMOVED, old, None) for key, old in before.items() if key not in after]
    return found


def _what(before: Row | None, after: Row | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    return tuple(one.name for one in fields(Row) if getattr(before, one.name) != getattr(after, one.name))
