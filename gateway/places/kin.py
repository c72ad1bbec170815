"""Which places stand for one another, with their names: what a comparison of addresses asks (ORG-04, ORG-10). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.domain import KinPlace, TextKind, compare_texts, strip_marks
from gateway.places.lineage import Lineage, Unit


def kin_of(lineage: Lineage, code: str) -> tuple[KinPlace, ...]:
    """The place itself, what it became and what it was made of; empty: nobody knows the code."""
    units = sorted(lineage.kin(code), key=lambda unit: (unit.valid_from, unit.code))
    last = max(
        (unit for unit in units if code in {unit.code, unit.alias}), key=lambda unit: unit.valid_from, default=None
    )
    return tuple(KinPlace(code=unit.code, names=_names(lineage, unit), former=unit is not last) for unit in units)


def kin_named(lineage: Lineage, name: str, within: Sequence[str]) -> tuple[KinPlace, ...]:
    """The same for a place that is known by its name and by the names of what it lies in, all of which must fit."""
    last = _last_word(name)
    alike = (u for u in lineage.units if _last_word(u.name.split(",")[0]) == last and _is_called(u.name, name))
    codes = {unit.code for unit in alike if _lies_in(lineage, unit, within)}
    return tuple(place for code in sorted(codes) for place in kin_of(lineage, code))


def _lies_in(lineage: Lineage, unit: Unit, within: Sequence[str]) -> bool:
    uppers = _names(lineage, unit)[1:]
    return all(any(_is_called(upper, name) for upper in uppers) for name in within)


def _names(lineage: Lineage, unit: Unit) -> tuple[str, ...]:
    """A district's name may say its province too: `Huyện Mẫu 1, thành phố Cần Thơ`."""
    named = [unit.name, *(upper.name for upper in lineage.lies_in(unit))]
    return tuple(dict.fromkeys(part.strip() for name in named for part in name.split(",") if part.strip()))


def _last_word(name: str) -> str:
    """Without marks: a quick first look, as a country has thousands of places."""
    words = re.findall(r"[^\W_]+", strip_marks(name.casefold()))
    return words[-1].lstrip("0").replace("y", "i") if words else ""


def _is_called(one: str, other: str) -> bool:
    return compare_texts(one.split(",", maxsplit=1)[0], other, kind=TextKind.PLACE).how != "different"
