"""Which fields of a body may be shown: ours by their classification, theirs through the mapping that made them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from gateway.mapping import Mappings
from gateway.mapping.model import Direction, Rule
from gateway.privacy.kinds import FieldKinds
from gateway.privacy.shown import STANDS_FOR
from gateway.transactions.masking import Shows

OURS = frozenset({"request", "reply", "reply_translated"})
"""Bodies in our own vocabulary; the others are in that of the national system."""


class ShownFields:
    """Of the systems as they are configured."""

    def __init__(self, mappings: Mapping[str, Mappings], kinds: FieldKinds) -> None:
        self._mappings = mappings
        self._kinds = kinds

    def of(self, body: str, *, system: str, operation: str) -> Shows:
        """For a body of that name, of that operation."""
        if body in OURS:
            return lambda path: self._is_public(path, operation)
        known = self._theirs(system, operation)
        return lambda path: _ends_in(known, path)

    def _is_public(self, path: str, operation: str) -> bool:
        kinds = [self._kinds.of(path, operation=name) for name in (operation, *STANDS_FOR.get(operation, ()))]
        return all(kind is not None and not kind.personal for kind in kinds)

    def _theirs(self, system: str, operation: str) -> Mapping[str, bool]:
        """Their fields by path: whether every field of ours that has to do with one is public."""
        mappings = self._mappings.get(system)
        if mappings is None or operation not in mappings.operations:
            return {}
        found: dict[str, bool] = defaultdict(lambda: True)
        for direction in Direction:
            for ours, theirs in _pairs(mappings.rules(operation, direction), direction):
                kind = self._kinds.of(ours, operation=operation)
                found[theirs] = found[theirs] and kind is not None and not kind.personal
        return dict(found)


def _ends_in(known: Mapping[str, bool], path: str) -> bool:
    """What was exchanged stands in envelopes that no mapping knows, so that the ends of paths are compared. All fields
    that a path may be have to be public, and there has to be one."""
    steps = path.split(".")
    fits = [known[end] for at in range(len(steps)) if (end := ".".join(steps[at:])) in known]
    return bool(fits) and all(fits)


def _pairs(
    rules: Sequence[Rule], direction: Direction, inside: tuple[str, str] = ("", "")
) -> Iterator[tuple[str, str]]:
    """A canonical path, and the path that it is or becomes there."""
    for rule in rules:
        canonical, theirs = ((rule.to,), rule.sources) if direction is Direction.REPLY else (rule.sources, (rule.to,))
        for ours in canonical:
            for other in theirs:
                pair = inside[0] + ".".join(ours), inside[1] + _without_places(other)
                if rule.each is None:
                    yield pair
                else:
                    yield from _pairs(rule.each, direction, (f"{pair[0]}.", f"{pair[1]}."))


def _without_places(path: Sequence[str]) -> str:
    """A list's items have no number here."""
    return ".".join(step for step in path if not step.isdigit())
