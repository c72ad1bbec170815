"""Compare addresses of before and after the mergers: three levels and two, old names and new (POP-09, ORG-01, ORG-10).

A part of an address that the register of places does not explain is different; where that register does not know the
place at all, another code or name may be the same place's, and is said to be unchecked. Pure.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain import (
    DIFFERENT,
    SAME,
    KinPlace,
    Likeness,
    Reason,
    TextKind,
    altogether,
    compare_texts,
    settle,
    strip_marks,
)
from gateway.lookups.findings import Finding, not_held
from gateway.lookups.model import Gap

_KINDS = "phường|xã|thị trấn|quận|huyện|thị xã|thành phố|tỉnh|đặc khu"
_PLAIN_KINDS = strip_marks(_KINDS)
_SHORT_KINDS = r"tp\.?|tx\.?|tt\.?|[pqxht]\.|[pq](?=\d)"
_STARTS = re.compile(rf"^(?:(?:{_KINDS}|{_PLAIN_KINDS})(?=\s)|{_SHORT_KINDS})\s*", re.IGNORECASE)
_BETWEEN = re.compile(
    r"[,;\n]|\s[-–—]\s"
    rf"|(?<!\bthị)(?<!\bthi)(?<!\bđường)\s+(?=(?:{_KINDS})\s+(?!lộ\b)|(?:tp|tx|tt)[.\s]|[pqxht]\.)",
    re.IGNORECASE,
)
_COUNTRY = {"vietnam", "vn"}


Match = Callable[[str, str], Likeness]
Judged = tuple[Likeness | None, Gap | None]
Names = tuple[tuple[str, bool], ...]
"""Names that may stand together in one address, each with whether it is a former one."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the place where a held address lies: for each place that it stands for the names that may stand
    together, and all codes. An old commune goes with the district and province that it lay in, or with those of today,
    never with those of another old commune."""

    names: tuple[Names, ...] = ()
    codes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, kin: Sequence[KinPlace], *own: str) -> Known:
        """`own` are names that the record itself has."""
        today = dict.fromkeys([*own, *(name for place in kin if not place.former for name in place.names)])
        now = tuple((name, False) for name in today)
        former = [tuple((name, True) for name in place.names if name not in today) for place in kin if place.former]
        groups = ([now] if now else []) + [now + names for names in former if names]
        return cls(tuple(dict.fromkeys(groups)), frozenset(place.code for place in kin))


def places_needed(asked: Mapping[str, Any], held: Mapping[str, Any]) -> tuple[str, ...]:
    """Which held codes the register of places must explain, the nearest first: a code that is equal needs no
    explanation, a text needs names."""
    return tuple(
        name
        for name in ("commune_code", "province_code")
        if held.get(name) and (asked.get("text") or asked.get(name, held[name]) != held[name])
    )


def compare_coded(
    field: str, asked: Mapping[str, Any], held: Mapping[str, Any], *, known: Mapping[str, Known]
) -> Iterator[Finding]:
    """An address of a citizen's record: codes and the rest as a text. `known` is what the register of places says of
    `province_code` and `commune_code` that are held."""
    for name in ("province_code", "commune_code"):
        if asked.get(name):
            yield _code(f"{field}.{name}", asked[name], held.get(name), known=known.get(name, Known()))
    if asked.get("detail"):
        yield _street(f"{field}.detail", asked["detail"], held.get("detail"))
    if asked.get("text"):
        nearest = next((place.names for place in known.values() if place.names), ())
        yield compare_text(f"{field}.text", asked["text"], street=held.get("detail") or "", names=nearest)


def compare_text(field: str, asked: str, *, street: str, names: Sequence[Names], explained: bool = True) -> Finding:
    """An address in one text, against the names that its places have or had and the rest (house, street, hamlet).
    `explained`: the register of places knows them; else nobody knows what they were called before."""
    if not names:
        whole = compare_texts(asked, street, kind=TextKind.PLACE) if street else DIFFERENT
        return Finding(field, None, Gap.UNKNOWN_PLACE) if whole == DIFFERENT else Finding(field, whole)
    match = functools.cache(_compare_place)
    ways = (_compare_with(asked, street, names=group, match=match, explained=explained) for group in names)
    likeness, gap = min(ways, key=_rank)
    return Finding(field, likeness, gap)


def _compare_with(asked: str, street: str, *, names: Names, match: Match, explained: bool) -> Judged:
    found, rest = _placed(asked, names, match=match)
    if not found and not rest:
        return None, Gap.UNKNOWN_PLACE
    _, held_rest = _placed(street, names, match=match)
    home = [compare_texts(", ".join(rest), ", ".join(held_rest), kind=TextKind.PLACE)] if rest and held_rest else []
    if DIFFERENT in found and not explained:
        return (DIFFERENT, None) if DIFFERENT in home else (None, Gap.UNKNOWN_PLACE)
    if rest and not held_rest:
        is_placed = DIFFERENT in found or _names_the_nearest(asked, names, match=match)
        return altogether(found) if is_placed else None, Gap.NO_STREET
    return altogether([*found, *home]), None


def _names_the_nearest(asked: str, names: Names, *, match: Match) -> bool:
    """Whether the smallest place is named; else a part that is taken for a street may be another place's name."""
    nearest = (names[0][0], *[name for name, former in names if former][:1])
    return any(match(part, name) != DIFFERENT for part in _parts(asked) for name in nearest)


def _rank(judged: Judged) -> tuple[int, int]:
    """The explanation that fits best: the same, then similar for few reasons, then nothing compared, then different."""
    likeness, _ = judged
    if likeness is None:
        return 2, 0
    return {"same": 0, "similar": 1, "different": 3}[likeness.how], len(likeness.why)


def _code(field: str, asked: str, held: str | None, *, known: Known) -> Finding:
    if not held:
        return not_held(field)
    if asked == held:
        return Finding(field, SAME)
    if not known.codes:
        return Finding(field, None, Gap.UNKNOWN_PLACE)
    return Finding(field, SAME.because(Reason.OLD_PLACE) if asked in known.codes else DIFFERENT)


def _street(field: str, asked: str, held: str | None) -> Finding:
    return Finding(field, compare_texts(asked, held, kind=TextKind.PLACE)) if held else not_held(field)


def _placed(text: str, names: Names, *, match: Match) -> tuple[list[Likeness], list[str]]:
    """How each administrative part of a text compares, and the parts that are none."""
    found, rest = [], []
    for part in _parts(text):
        likeness = _closest(part, names, match=match)
        if likeness != DIFFERENT or _STARTS.match(part):
            found.append(likeness)
        elif strip_marks(part).replace(" ", "").lower() not in _COUNTRY:
            rest.append(part)
    return found, rest


def _parts(text: str) -> list[str]:
    return [part for piece in _BETWEEN.split(settle(text)) if (part := piece.strip(" ."))]


def _closest(part: str, names: Names, *, match: Match) -> Likeness:
    """The likeness to the name that fits best; names of today before former ones."""
    found = DIFFERENT
    for name, former in names:
        likeness = match(part, name)
        if former:
            likeness = likeness.because(Reason.OLD_PLACE)
        if likeness.how == "same":
            return likeness
        if likeness != DIFFERENT and (found == DIFFERENT or len(likeness.why) < len(found.why)):
            found = likeness
    return found


def _compare_place(part: str, name: str) -> Likeness:
    """`Sóc Trăng` for `Phường Sóc Trăng` is a short form; a number alone names no place; another kind is another
    place."""
    whole = compare_texts(part, name, kind=TextKind.PLACE)
    one, other = (_STARTS.sub("", text) for text in (part, name))
    if whole != DIFFERENT or (one == part) is (other == name) or not any(map(str.isalpha, one)):
        return whole
    return compare_texts(one, other, kind=TextKind.PLACE).because(Reason.ABBREVIATION)
