"""A mapping as a table for people: one row for each rule, lists set in beneath theirs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.mapping.load import VERBS
from gateway.mapping.model import ABSENT, Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule. `ours` and `theirs`: names of fields on either side, dotted; several: the first present one counts, or
    all are joined. Of a constant one side has none. `place`: of `to` in the whole document, unique with `turn`, the
    number of the rule among those of the same place."""

    depth: int
    place: str
    turn: int
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    verb: str
    argument: Any = None
    required: bool = False
    default: Any = ABSENT
    constant: Any = ABSENT
    when: str = ""

    @property
    def list_name(self) -> str:
        """The code list that it reads; empty: none."""
        return str(self.argument) if self.verb in {"code", "label"} else ""

    @property
    def has_default(self) -> bool:
        return self.default is not ABSENT

    @property
    def has_constant(self) -> bool:
        return self.constant is not ABSENT


def rows(document: Mapping[str, Any], direction: Direction) -> list[Row]:
    """Of one direction of a mapping file, in its order. The rules of an `each` follow theirs, one level deeper."""
    turns: dict[str, int] = {}
    return list(_rows(document.get(direction.value) or [], direction, prefix="", depth=0, turns=turns))


def _rows(
    rules: Sequence[Mapping[str, Any]], direction: Direction, *, prefix: str, depth: int, turns: dict[str, int]
) -> Iterator[Row]:
    for rule in rules:
        place = f"{prefix}{rule['to']}"
        turns[place] = turn = turns.get(place, 0) + 1
        said = rule.get("from", [])
        to, sources = (rule["to"],), tuple([said] if isinstance(said, str) else said)
        verb = next((verb for verb in VERBS if verb in rule), "copy")
        yield Row(
            depth=depth,
            place=place,
            turn=turn,
            ours=sources if direction is Direction.REQUEST else to,
            theirs=to if direction is Direction.REQUEST else sources,
            verb="const" if "const" in rule else verb,
            argument=None if verb == "each" else rule.get(verb),
            required=bool(rule.get("required", False)),
            default=rule.get("default", ABSENT),
            constant=rule.get("const", ABSENT),
            when=str(rule.get("when", "")),
        )
        if verb == "each":
            yield from _rows(rule["each"], direction, prefix=f"{place}[].", depth=depth + 1, turns=turns)


def skeleton(document: Mapping[str, Any], direction: Direction) -> dict[str, Any]:
    """A document that has every source of that side, without values: something to type into where no example is."""
    made: dict[str, Any] = {}
    _fill(made, document.get(direction.value) or [])
    return made


def _fill(made: dict[str, Any], rules: Sequence[Mapping[str, Any]]) -> None:
    for rule in rules:
        said = rule.get("from", [])
        for path in [said] if isinstance(said, str) else said:
            inside: dict[str, Any] = {}
            if "each" in rule:
                _fill(inside, rule["each"])
            _put(made, path.split("."), [inside] if "each" in rule else "")


def _put(made: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """A number in a path stands for an item of a list, of which one is written."""
    steps = [step for step in path if not step.isdigit()]
    for step in steps[:-1]:
        inner = made.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        made = inner
    if steps:
        made.setdefault(steps[-1], value)
