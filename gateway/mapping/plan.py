"""A rule list compiled for the way that every message goes: one function a rule, which writes what it finds.

It does exactly what the engine does step by step (`gateway.mapping.engine`), and keeps no record of it; that both agree
on every mapping file and on any document is tested.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from gateway.mapping.model import ABSENT, MisfitError, Rule
from gateway.mapping.paths import is_empty, read, write
from gateway.sdk.errors import FieldProblem

Read = Callable[[Any], Any]
"""The first present value of a rule's sources in a document, or ABSENT."""
Write = Callable[[dict[str, Any], Any], None]
Problems = list[FieldProblem]
Act = Callable[[Any, dict[str, Any], Problems, str], None]
"""What one rule does: read from a document, write into the result, add problems under a place."""
REQUIRED = MisfitError("a value is required", "bắt buộc phải có")


class Plan:
    """A compiled rule list."""

    __slots__ = ("_acts",)

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._acts = tuple(map(_act, rules))

    def apply(self, document: Any, problems: Problems, prefix: str = "") -> dict[str, Any]:
        """The translation; what could not be done is added to `problems`. `prefix`: where the document stands."""
        result: dict[str, Any] = {}
        for act in self._acts:
            act(document, result, problems, prefix)
        return result


def pointer(rule: Rule, prefix: str) -> str:
    """Where in the document a rule reads."""
    return f"{prefix}/{'/'.join(rule.sources[0])}"


def problem(rule: Rule, prefix: str, misfit: MisfitError) -> FieldProblem:
    return FieldProblem(pointer(rule, prefix), str(misfit), misfit.detail_vi)


def _act(rule: Rule) -> Act:
    if rule.constant is not ABSENT:
        return _constant(rule)
    if rule.each is not None:
        return _each(rule)
    if rule.verb is None and rule.when is None and not rule.required and rule.default is ABSENT:
        return _copy(rule)
    return _translate(rule)


def _constant(rule: Rule) -> Act:
    put, constant = _write(rule.to), rule.constant

    def act(_: Any, result: dict[str, Any], __: Problems, ___: str) -> None:
        put(result, copy.deepcopy(constant))

    return act


def _copy(rule: Rule) -> Act:
    """Most rules: what is there is taken over."""
    get, put = _read(rule), _write(rule.to)

    def act(document: Any, result: dict[str, Any], _: Problems, __: str) -> None:
        value = get(document)
        if value is not ABSENT:
            put(result, value)

    return act


def _translate(rule: Rule) -> Act:
    get, put, verb, when = _read(rule), _write(rule.to), rule.verb, rule.when
    nothing = _nothing(rule)

    def act(document: Any, result: dict[str, Any], problems: Problems, prefix: str) -> None:
        value = get(document)
        if when is not None and (value is ABSENT or not when.fullmatch(str(value))):
            return
        if value is ABSENT:
            nothing(result, problems, prefix)
            return
        if verb is not None:
            try:
                value = verb(value)
            except MisfitError as exc:
                problems.append(problem(rule, prefix, exc))
                return
        put(result, value)

    return act


def _each(rule: Rule) -> Act:
    get, put, when, inner = _read(rule), _write(rule.to), rule.when, Plan(rule.each or ())
    nothing = _nothing(rule)

    def act(document: Any, result: dict[str, Any], problems: Problems, prefix: str) -> None:
        source = get(document)
        if when is not None and (source is ABSENT or not when.fullmatch(str(source))):
            return
        if source is ABSENT:
            nothing(result, problems, prefix)
            return
        items = source if isinstance(source, list) else [source]
        name = pointer(rule, prefix)
        put(result, [inner.apply(item, problems, f"{name}/{number}") for number, item in enumerate(items)])

    return act


def _nothing(rule: Rule) -> Callable[[dict[str, Any], Problems, str], None]:
    """What a rule does where nothing was said."""
    put = _write(rule.to)

    def act(result: dict[str, Any], problems: Problems, prefix: str) -> None:
        if rule.default is not ABSENT:
            put(result, copy.deepcopy(rule.default))
        elif rule.required:
            problems.append(problem(rule, prefix, REQUIRED))

    return act


def _read(rule: Rule) -> Read:
    """Never an empty value: blank is ABSENT."""
    if rule.joined is not None:
        return _joined(rule.joined, rule.sources)
    if len(rule.sources) == 1:
        return _read_path(rule.sources[0])
    reads = tuple(map(_read_path, rule.sources))

    def get(document: Any) -> Any:
        return next((value for one in reads if (value := one(document)) is not ABSENT), ABSENT)

    return get


def _joined(between: str, sources: Sequence[tuple[str, ...]]) -> Read:
    reads = tuple(map(_read_path, sources))

    def get(document: Any) -> Any:
        present = [str(value).strip() for one in reads if (value := one(document)) is not ABSENT]
        return between.join(present) if present else ABSENT

    return get


def _read_path(path: tuple[str, ...]) -> Read:
    """As `paths.read`, quick where objects stand in one another, as they almost always do."""
    if any(step.isdigit() for step in path) or len(path) > 2:
        return lambda document: _told(read(document, path))
    outer, inner = path[0], path[-1]
    is_flat = len(path) == 1

    def get(document: Any) -> Any:
        if type(document) is not dict:
            return _told(read(document, path))
        value = document.get(outer, ABSENT)
        if not is_flat:
            if type(value) is not dict:
                return _told(read(value, (inner,)))
            value = value.get(inner, ABSENT)
        if type(value) is str:
            return value if value.strip() else ABSENT
        return _told(value)

    return get


def _told(value: Any) -> Any:
    return ABSENT if is_empty(value) else value


def _write(path: tuple[str, ...]) -> Write:
    if len(path) > 1:
        return lambda result, value: write(result, path, value)
    (name,) = path

    def put(result: dict[str, Any], value: Any) -> None:
        result[name] = value

    return put
