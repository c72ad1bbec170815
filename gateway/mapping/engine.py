"""Apply compiled rules to a document, or explain what they would do. Pure.

Messages take the plan that a rule list is compiled into (`gateway.mapping.plan`); explaining goes step by step.

Request side: a value that cannot be translated is the caller's to mend (`UnprocessableError`, every field named).
Reply side: the system's answer does not fit its contract (`ProtocolViolation`); nothing is guessed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.mapping.model import ABSENT, Direction, MisfitError, Rule, Translation
from gateway.mapping.paths import is_empty, read, write
from gateway.mapping.plan import Plan, nothing_said
from gateway.sdk import ProtocolViolation
from gateway.sdk.errors import ConfigurationError, FieldProblem, UnprocessableError


@dataclass(frozen=True, slots=True)
class Mapped:
    """A translated request and the version of the mapping that made it."""

    body: dict[str, Any] = field(repr=False)
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule did, without the value: `constant`, `translated`, `default`, `left out`, `missing`, `misfit`."""

    to: str
    sources: tuple[str, ...]
    verb: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A document that was translated for nobody: what came of it, what does not fit, and what each rule did."""

    body: dict[str, Any] = field(repr=False)
    problems: tuple[FieldProblem, ...]
    steps: tuple[Step, ...]


@dataclass(slots=True)
class _Run:
    """One application of a rule list: what was done and what could not be."""

    steps: list[Step]
    problems: list[FieldProblem]
    prefix: str = ""
    """Where in the document the rules stand: they are applied anew to each item of a list."""


class Mappings:
    """All translations of one system."""

    def __init__(self, system: str, translations: Mapping[str, Translation]) -> None:
        self.system = system
        self._translations = translations
        self._requests, self._replies = (
            {name: Plan(translation.rules[direction]) for name, translation in translations.items()}
            for direction in (Direction.REQUEST, Direction.REPLY)
        )

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(self._translations)

    def fields(self, operation: str, direction: Direction) -> frozenset[str]:
        """Every canonical field of that side; none where the operation has no mapping."""
        found = self._translations.get(operation)
        return found.fields(direction) if found else frozenset()

    def rules(self, operation: str, direction: Direction) -> tuple[Rule, ...]:
        """In the order in which they are applied."""
        return self._find(operation).rules[direction]

    def version(self, operation: str) -> int:
        return self._find(operation).version

    def request(self, operation: str, canonical: Mapping[str, Any]) -> Mapped:
        """Ours to theirs. `UnprocessableError` names every canonical field that is missing or does not fit."""
        translation = self._find(operation)
        try:
            return Mapped(self._requests[operation].apply(canonical), translation.version)
        except MisfitError as exc:
            problems = self.try_out(operation, Direction.REQUEST, canonical).problems
            raise UnprocessableError(
                f"{len(problems)} field(s) cannot be sent to {self.system}.",
                vi=f"Có {len(problems)} trường không gửi được tới hệ thống quốc gia.",
                what="not_translatable",
                fields=problems,
            ) from exc

    def reply(self, operation: str, theirs: Mapping[str, Any]) -> dict[str, Any]:
        """Theirs to ours. `ProtocolViolation` when the answer does not fit."""
        self._find(operation)
        try:
            return self._replies[operation].apply(theirs)
        except MisfitError as exc:
            problems = self.try_out(operation, Direction.REPLY, theirs).problems
            names = ", ".join(problem.pointer for problem in problems)
            raise ProtocolViolation(f"The answer of {self.system} does not fit its contract at {names}.") from exc

    def try_out(self, operation: str, direction: Direction, document: Mapping[str, Any]) -> Tried:
        """Translate without a consequence; what does not fit is told and is no error."""
        run = _Run([], [])
        body = _apply(self._find(operation).rules[direction], document, run)
        return Tried(body=body, problems=tuple(run.problems), steps=tuple(run.steps))

    def explain(self, operation: str, direction: Direction, document: Mapping[str, Any]) -> list[Step]:
        """What each rule does with `document`, in order, never the values."""
        run = _Run([], [])
        _apply(self._find(operation).rules[direction], document, run)
        return run.steps

    def _find(self, operation: str) -> Translation:
        if operation not in self._translations:
            raise ConfigurationError(f"No mapping mappings/{self.system}/{operation}.yaml.", what="mapping")
        return self._translations[operation]


def _apply(rules: tuple[Rule, ...], document: Any, run: _Run) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for rule in rules:
        value = _value(rule, document, run)
        if value is not ABSENT:
            write(result, rule.to, value)
    return result


def _value(rule: Rule, document: Any, run: _Run) -> Any:
    if rule.constant is not ABSENT:
        return _done(rule, run, copy.deepcopy(rule.constant), result="constant")
    source = _source(rule, document)
    if rule.when is not None and not (source is not ABSENT and rule.when.fullmatch(str(source))):
        return _done(rule, run, ABSENT, result="left out")
    if rule.each is not None and not is_empty(source):
        return _done(rule, run, _each(rule, source, run), result="translated")
    if is_empty(source):
        return _nothing(rule, run)
    try:
        value = rule.verb(source) if rule.verb else source
    except MisfitError as exc:
        run.problems.append(_problem(rule, run, exc))
        return _done(rule, run, ABSENT, result="misfit")
    return _done(rule, run, value, result="translated")


def _source(rule: Rule, document: Any) -> Any:
    present = [value for path in rule.sources if not is_empty(value := read(document, path))]
    if rule.joined is not None:
        return rule.joined.join(str(value).strip() for value in present) if present else ABSENT
    return present[0] if present else ABSENT


def _nothing(rule: Rule, run: _Run) -> Any:
    if rule.default is not ABSENT:
        return _done(rule, run, copy.deepcopy(rule.default), result="default")
    if rule.required:
        run.problems.append(_problem(rule, run, nothing_said()))
        return _done(rule, run, ABSENT, result="missing")
    return _done(rule, run, ABSENT, result="left out")


def _each(rule: Rule, source: Any, run: _Run) -> list[Any]:
    items = source if isinstance(source, list) else [source]
    name = _pointer(rule, run)
    return [
        _apply(rule.each or (), item, _Run(run.steps, run.problems, f"{name}/{number}"))
        for number, item in enumerate(items)
    ]


def _done(rule: Rule, run: _Run, value: Any, *, result: str) -> Any:
    run.steps.append(Step(".".join(rule.to), rule.source_names, rule.verb_name, result))
    return value


def _problem(rule: Rule, run: _Run, misfit: MisfitError) -> FieldProblem:
    return FieldProblem(_pointer(rule, run), str(misfit), misfit.detail_vi)


def _pointer(rule: Rule, run: _Run) -> str:
    """Where in the document a rule reads."""
    return f"{run.prefix}/{'/'.join(rule.sources[0])}"
