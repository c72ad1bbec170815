"""Envelopes with holes: what an authority writes for marked values, cut at the marks, and checked against it.

A template is used only after it has written, byte for byte, what its authority writes for values of every awkward kind.
Whatever it does not know, it leaves to the authority: another set of fields, a value that is no plain text, a character
that XML forbids (which the authority refuses), an empty text where the authority then leaves out more than the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Names = tuple[Any, ...]
"""The names of a set of fields in their order; those that hold fields themselves as `(name, their names)`."""
Write = Callable[[Mapping[str, Any]], bytes]
"""The authority. Raises when the values do not fit."""

LONGEST = 10_000
"""Characters of all texts together. Longer ones were never probed."""
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_PROBES = (
    "x",
    " \t\n",
    "\r",
    " two  words ",
    "0",
    "true",
    "1985-06-15",
    "&amp;",
    "]]><!--",
    "Trần Thị Mẫu",
    "Tra\u0302\u0300n \u0110\u1ed7",
    "\U0001f600\x7f\x85\u2028\ufdd0",
    "".join(map(chr, range(32, 127))),
)
"""Values of every awkward kind; the empty text is probed in each hole by itself."""


@dataclass(frozen=True, slots=True)
class Template:
    """The text around the holes, which value goes into which, and the holes that must not be empty."""

    around: tuple[str, ...]
    order: tuple[int, ...]
    filled: frozenset[int]

    def fill(self, texts: Sequence[str]) -> bytes | None:
        """The envelope; None: the authority has to look at these values."""
        if "" in texts and any(texts[number] == "" for number in self.filled):
            return None
        together = "".join(texts)
        if len(together) > LONGEST:
            return None
        if _SPECIAL.search(together):
            try:
                texts = [_SPECIAL.sub(_escape, text) for text in texts]
            except KeyError:
                return None
        pieces = list(self.around)
        pieces[1::2] = [texts[number] for number in self.order]
        return "".join(pieces).encode()


def flat(values: Mapping[str, Any]) -> tuple[Names, list[str]] | None:
    """The names and the texts of a set of fields; None: there is something else than text in it."""
    names: list[Any] = []
    texts: list[str] = []
    for name, value in values.items():
        if type(value) is str:
            names.append(name)
            texts.append(value)
        elif type(value) is dict and (inner := flat(value)):
            names.append((name, inner[0]))
            texts += inner[1]
        else:
            return None
    return tuple(names), texts


def compiled(names: Names, write: Write) -> tuple[Template, list[bytes]] | None:
    """A template that writes as `write` does, and what that wrote for the probes; None: there is none."""

    def said(texts: Sequence[str]) -> bytes:
        return write(_valued(names, iter(texts)))

    template = _cut(_count(names), said)
    if template is None:
        return None
    holes = range(len(template.order))
    empty = ((number, _beside(holes, number, "")) for number in holes)
    filled = frozenset(number for number, texts in empty if template.fill(texts) != said(texts))
    template = Template(template.around, template.order, filled)
    probes = [(texts, said(texts)) for texts in _probes(template)]
    if not all(template.fill(texts) == written for texts, written in probes):
        return None
    return template, [written for _, written in probes]


def _cut(count: int, said: Callable[[Sequence[str]], bytes]) -> Template | None:
    marks = [f"\ue000{number}\ue001" for number in range(count)]
    written = said(marks).decode()
    if any(written.count(mark) != 1 for mark in marks):
        return None
    parts = re.split("\ue000([0-9]+)\ue001", written)
    return Template(tuple(parts), tuple(int(number) for number in parts[1::2]), frozenset())


def _probes(template: Template) -> Iterator[list[str]]:
    """Each probe in all holes; a text as long and as awkward as can be in each hole; empty texts wherever they may
    stand."""
    holes = range(len(template.order))
    for probe in _PROBES:
        yield [probe for _ in holes]
    for number in holes:
        yield _beside(holes, number, "".join(_PROBES).ljust(LONGEST - len(holes), "a"))
    yield ["x" if number in template.filled else "" for number in holes]


def _beside(holes: Sequence[int], number: int, text: str) -> list[str]:
    return [text if hole == number else "x" for hole in holes]


def _count(names: Names) -> int:
    return sum(1 if isinstance(name, str) else _count(name[1]) for name in names)


def _valued(names: Names, texts: Iterator[str]) -> dict[str, Any]:
    """The set of fields with these values."""
    pairs = ((name, next(texts)) if isinstance(name, str) else (name[0], _valued(name[1], texts)) for name in names)
    return dict(pairs)


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]
