"""A rule list compiled for the way that every message goes: functions that write what they find.

It does exactly what the engine does step by step (`gateway.mapping.engine`), and keeps no record of it: where something
does not fit, the engine is asked what, and where. That both agree on every mapping file and on any document is tested.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gateway.mapping.model import ABSENT, MisfitError, Rule
from gateway.mapping.paths import is_empty, read, write

Read = Callable[[Any], Any]
"""The first present value of a rule's sources in a document, or ABSENT."""
Act = Callable[[Any, dict[str, Any]], None]
"""What rules do: read from a document, write into the result. `MisfitError`."""


class Plan:
    """A compiled rule list."""

    __slots__ = ("_acts",)

    def __init__(self, rules: Sequence[Rule]) -> None:
        runs = itertools.groupby(rules, _is_plain)
        self._acts = tuple(act for plain, run in runs for act in ([_lines(list(run))] if plain else map(_act, run)))

    def apply(self, document: Any) -> dict[str, Any]:
        """The translation; `MisfitError`: it cannot be made."""
        result: dict[str, Any] = {}
        for act in self._acts:
            act(document, result)
        return result


def nothing_said() -> MisfitError:
    return MisfitError("a value is required", "bắt buộc phải có")


def _is_plain(rule: Rule) -> bool:
    """Most rules: what stands in one place, at most one object deep, is taken over or translated if it is there."""
    does_more = rule.constant is not ABSENT or rule.when or rule.joined is not None
    is_short = len(rule.sources) == 1 and len(rule.sources[0]) <= 2
    return is_short and not does_more and not any(map(str.isdigit, rule.sources[0]))


def _lines(rules: Sequence[Rule]) -> Act:
    """Nothing is called here that need not be: a message is mostly this."""
    lines = tuple(
        (rule.sources[0][0], rule.sources[0][1:], _name(rule), _verb(rule), _otherwise(rule), rule) for rule in rules
    )

    def act(document: Any, result: dict[str, Any]) -> None:
        is_object = type(document) is dict
        for outer, inner, name, verb, otherwise, rule in lines:
            value = document.get(outer) if is_object else read(document, (outer,))
            if inner:
                value = value.get(inner[0]) if type(value) is dict else read(value, inner)
            if value is None or (not value.strip() if type(value) is str else is_empty(value)):
                if otherwise is None:
                    continue
                value = otherwise()
            elif verb is not None:
                value = verb(value)
            if name:
                result[name] = value
            else:
                write(result, rule.to, value)

    return act


def _name(rule: Rule) -> str:
    """Of the field that it writes; empty: that stands within others."""
    return rule.to[0] if len(rule.to) == 1 else ""


def _verb(rule: Rule) -> Callable[[Any], Any] | None:
    """What is made of a value; None: it is taken over. A rule list is applied anew to each item of a list."""
    if rule.each is None:
        return rule.verb
    inner = Plan(rule.each)
    return lambda source: [inner.apply(item) for item in (source if isinstance(source, list) else [source])]


def _otherwise(rule: Rule) -> Callable[[], Any] | None:
    """What makes the value where nothing was said; None: then nothing is written. The document's that it is written
    into, and nobody else's."""
    if rule.default is ABSENT:
        return _refuse if rule.required else None
    return partial(copy.deepcopy, rule.default) if rule.default else type(rule.default)


def _refuse() -> Any:
    raise nothing_said()


def _act(rule: Rule) -> Act:
    return _constant(rule) if rule.constant is not ABSENT else _translate(rule)


def _constant(rule: Rule) -> Act:
    return lambda _, result: write(result, rule.to, copy.deepcopy(rule.constant))


def _translate(rule: Rule) -> Act:
    get, when, verb, otherwise = _read(rule), rule.when, _verb(rule), _otherwise(rule)

    def act(document: Any, result: dict[str, Any]) -> None:
        value = get(document)
        if when is not None and (value is ABSENT or not when.fullmatch(str(value))):
            return
        if value is ABSENT:
            if otherwise is None:
                return
            value = otherwise()
        elif verb is not None:
            value = verb(value)
        write(result, rule.to, value)

    return act


def _read(rule: Rule) -> Read:
    """Never an empty value: blank is ABSENT."""

    def present(document: Any) -> list[Any]:
        return [value for path in rule.sources if not is_empty(value := read(document, path))]

    def first(document: Any) -> Any:
        found = present(document)
        return found[0] if found else ABSENT

    def joined(document: Any) -> Any:
        found = [str(value).strip() for value in present(document)]
        return (rule.joined or "").join(found) if found else ABSENT

    return first if rule.joined is None else joined
