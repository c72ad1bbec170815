"""A rule list compiled for the way that every message goes: functions that write what they find.

It does exactly what the engine does step by step (`gateway.mapping.engine`), and keeps no record of it; that both agree
on every mapping file and on any document is tested.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.mapping.model import ABSENT, MisfitError, Rule
from gateway.mapping.paths import is_empty, read, write
from gateway.sdk.errors import FieldProblem


@dataclass(frozen=True, slots=True)
class Place:
    """Where the document stands that rules are applied to, and what could not be translated so far."""

    problems: list[FieldProblem]
    prefix: str = ""


Read = Callable[[Any], Any]
"""The first present value of a rule's sources in a document, or ABSENT."""
Write = Callable[[dict[str, Any], Any], None]
Act = Callable[[Any, dict[str, Any], Place], None]
"""What rules do: read from a document, write into the result, add problems."""
REQUIRED = MisfitError("a value is required", "bắt buộc phải có")


class Plan:
    """A compiled rule list."""

    __slots__ = ("_acts",)

    def __init__(self, rules: Sequence[Rule]) -> None:
        runs = itertools.groupby(rules, _is_plain)
        self._acts = tuple(act for plain, run in runs for act in ([_lines(list(run))] if plain else map(_act, run)))

    def apply(self, document: Any, place: Place) -> dict[str, Any]:
        """The translation; what could not be done is added to the problems of `place`."""
        result: dict[str, Any] = {}
        for act in self._acts:
            act(document, result, place)
        return result


def pointer(rule: Rule, prefix: str) -> str:
    """Where in the document a rule reads."""
    return f"{prefix}/{'/'.join(rule.sources[0])}"


def problem(rule: Rule, prefix: str, misfit: MisfitError) -> FieldProblem:
    return FieldProblem(pointer(rule, prefix), str(misfit), misfit.detail_vi)


def _is_plain(rule: Rule) -> bool:
    """Most rules: what stands in one place, at most one object deep, is taken over or translated if it is there."""
    does_more = rule.constant is not ABSENT or rule.each is not None or rule.when or rule.joined is not None
    is_short = len(rule.sources) == 1 and len(rule.sources[0]) <= 2
    return is_short and not does_more and not any(map(str.isdigit, rule.sources[0]))


def _lines(rules: Sequence[Rule]) -> Act:
    """Nothing is called here that need not be: a message is mostly this."""
    lines = tuple(
        (rule.sources[0][0], rule.sources[0][1:], _name(rule), rule.verb, _text(rule), rule) for rule in rules
    )

    def act(document: Any, result: dict[str, Any], place: Place) -> None:
        is_object = type(document) is dict
        for outer, inner, name, verb, text, rule in lines:
            value = document.get(outer, ABSENT) if is_object else read(document, (outer,))
            if value is not ABSENT and inner:
                value = value.get(inner[0], ABSENT) if type(value) is dict else read(value, inner)
            if value is ABSENT or (not value.strip() if type(value) is str else is_empty(value)):
                if text is None:
                    _nothing(rule, result, place)
                else:
                    result[name] = text
                continue
            if verb is not None:
                try:
                    value = verb(value)
                except MisfitError as exc:
                    place.problems.append(problem(rule, place.prefix, exc))
                    continue
            if name:
                result[name] = value
            else:
                write(result, rule.to, value)

    return act


def _name(rule: Rule) -> str:
    """Of the field that it writes; empty: that stands within others."""
    return rule.to[0] if len(rule.to) == 1 else ""


def _text(rule: Rule) -> str | None:
    """What such a field holds where nothing was said, if that is a text."""
    return rule.default if type(rule.default) is str and len(rule.to) == 1 else None


def _act(rule: Rule) -> Act:
    if rule.constant is not ABSENT:
        return _constant(rule)
    return _translate(rule) if rule.each is None else _each(rule)


def _constant(rule: Rule) -> Act:
    def act(_: Any, result: dict[str, Any], __: Place) -> None:
        write(result, rule.to, _own(rule.constant))

    return act


def _translate(rule: Rule) -> Act:
    get, put, verb, when = _read(rule), _write(rule.to), rule.verb, rule.when

    def act(document: Any, result: dict[str, Any], place: Place) -> None:
        value = get(document)
        if when is not None and (value is ABSENT or not when.fullmatch(str(value))):
            return
        if value is ABSENT:
            _nothing(rule, result, place)
            return
        if verb is not None:
            try:
                value = verb(value)
            except MisfitError as exc:
                place.problems.append(problem(rule, place.prefix, exc))
                return
        put(result, value)

    return act


def _each(rule: Rule) -> Act:
    get, when, inner = _read(rule), rule.when, Plan(rule.each or ())

    def act(document: Any, result: dict[str, Any], place: Place) -> None:
        source = get(document)
        if when is not None and (source is ABSENT or not when.fullmatch(str(source))):
            return
        if source is ABSENT:
            _nothing(rule, result, place)
            return
        items = source if isinstance(source, list) else [source]
        name = pointer(rule, place.prefix)
        made = [inner.apply(item, Place(place.problems, f"{name}/{number}")) for number, item in enumerate(items)]
        write(result, rule.to, made)

    return act


def _nothing(rule: Rule, result: dict[str, Any], place: Place) -> None:
    """What a rule does where nothing was said."""
    if rule.default is not ABSENT:
        write(result, rule.to, _own(rule.default))
    elif rule.required:
        place.problems.append(problem(rule, place.prefix, REQUIRED))


def _read(rule: Rule) -> Read:
    """Never an empty value: blank is ABSENT."""
    reads = tuple(map(_read_path, rule.sources))
    if len(reads) == 1 and rule.joined is None:
        return reads[0]

    def first(document: Any) -> Any:
        return next((value for one in reads if (value := one(document)) is not ABSENT), ABSENT)

    def joined(document: Any) -> Any:
        present = [str(value).strip() for one in reads if (value := one(document)) is not ABSENT]
        return (rule.joined or "").join(present) if present else ABSENT

    return first if rule.joined is None else joined


def _read_path(path: tuple[str, ...]) -> Read:
    """As `paths.read`, quick where objects stand in one another, as they almost always do."""
    if len(path) > 2 or any(map(str.isdigit, path)):
        return lambda document: _told(read(document, path))
    outer, inner = path[0], path[1:]

    def get(document: Any) -> Any:
        value = document.get(outer, ABSENT) if type(document) is dict else read(document, (outer,))
        if value is not ABSENT and inner:
            value = value.get(inner[0], ABSENT) if type(value) is dict else read(value, inner)
        return value if value is ABSENT else _told(value)

    return get


def _told(value: Any) -> Any:
    if type(value) is str:
        return value if value.strip() else ABSENT
    return ABSENT if is_empty(value) else value


def _write(path: tuple[str, ...]) -> Write:
    if len(path) > 1:
        return lambda result, value: write(result, path, value)
    return lambda result, value: result.__setitem__(path[0], value)


def _own(value: Any) -> Any:
    """The document's that it is written into, and nobody else's."""
    if type(value) is str:
        return value
    return value.copy() if type(value) in {list, dict} and not value else copy.deepcopy(value)
