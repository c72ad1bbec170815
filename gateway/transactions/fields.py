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
        return lambda path: known.get(path.rpartition(".")[2], False)

    def _is_public(self, path: str, operation: str) -> bool:
        kinds = [self._kinds.of(path, operation=name) for name in (operation, *STANDS_FOR.get(operation, ()))]
        return all(kind is not None and not kind.personal for kind in kinds)

    def _theirs(self, system: str, operation: str) -> Mapping[str, bool]:
        """Names of their fields: whether every field of ours that has to do with it is public. A name that several
        fields have counts for all of them."""
        mappings = self._mappings.get(system)
        if mappings is None or operation not in mappings.operations:
            return {}
        found: dict[str, bool] = defaultdict(lambda: True)
        for direction in Direction:
            for ours, theirs in _pairs(mappings.rules(operation, direction), direction):
                kind = self._kinds.of(ours, operation=operation)
                found[theirs] = found[theirs] and kind is not None and not kind.personal
        return found


def _pairs(rules: Sequence[Rule], direction: Direction, prefix: str = "") -> Iterator[tuple[str, str]]:
    """A canonical path, and the last name of what it is called there."""
    for rule in rules:
        targets, sources = [rule.to], rule.sources
        canonical, theirs = (targets, sources) if direction is Direction.REPLY else (sources, targets)
        for ours in canonical:
            name = prefix + ".".join(ours)
            if rule.each is not None:
                yield from _pairs(rule.each, direction, f"{name}.")
            else:
                yield from ((name, path[-1]) for path in theirs if path)
