"""What a comparison found, field by field, and what may be said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain import SAME, Likeness, Verdict
from gateway.lookups.model import Difference, Gap, Unchecked


@dataclass(frozen=True, slots=True)
class Finding:
    """One field that was given: how it compares (None: it could not be compared) and what of it stays open."""

    field: str
    likeness: Likeness | None
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """All fields that were given."""

    items: tuple[Finding, ...]

    @classmethod
    def of(cls, items: Iterable[Finding]) -> Findings:
        return cls(tuple(items))

    @property
    def compared(self) -> tuple[str, ...]:
        return tuple(item.field for item in self.items if item.likeness is not None)

    @property
    def differences(self) -> tuple[Difference, ...]:
        return tuple(
            Difference(field=item.field, how=item.likeness.how, why=item.likeness.why)
            for item in self.items
            if item.likeness is not None and item.likeness.how != "same"
        )

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        return tuple(Unchecked(field=item.field, gap=item.gap) for item in self.items if item.gap is not None)

    @property
    def verdict(self) -> Verdict:
        """Nothing could be compared: undetermined. Nothing differs: match. All that differs is similar, or may be
        another name of one place: a person reviews. Otherwise: mismatch."""
        if not self.compared:
            return Verdict.UNDETERMINED
        ways = {difference.how for difference in self.differences}
        if "different" in ways:
            return Verdict.MISMATCH
        return Verdict.NEEDS_REVIEW if ways or self.has_unknown_place else Verdict.MATCH

    @property
    def has_unknown_place(self) -> bool:
        return any(item.gap is Gap.UNKNOWN_PLACE for item in self.items)


def not_held(field: str) -> Finding:
    """The register's record does not hold it, or we may not see it: nothing is known about it."""
    return Finding(field, None, Gap.NOT_IN_RECORD)


def put_to_register(asked: Mapping[str, Any], fields: Sequence[str], *, beside: Sequence[str] = ()) -> Findings:
    """What a register compared by itself: it says one yes or no to all of `fields` together, and to nothing `beside`
    that was given, too."""
    given = [Finding(field, None, Gap.NOT_ASKED) for field in beside if asked.get(field)]
    return Findings.of([*(Finding(field, SAME) for field in fields), *given])
