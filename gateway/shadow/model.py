"""What came of a look-up that went two ways. Names of fields and counts only; no value of any answer is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class How(StrEnum):
    """How the tried way did beside the used one."""

    SAME = "same"
    DIFFERS = "differs"
    """Another outcome, or the same with other content."""
    WORSE = "worse"
    """No answer where the used way had one."""
    BETTER = "better"
    """An answer where the used way had none."""
    BOTH_FAILED = "both_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one way told: the kind of its outcome (`answered`, `absent`, `refused`), or a code of an error."""

    outcome: str
    is_answer: bool
    canonical: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One look-up. `call_id` is that of the used way; the leaf of the tried one names it, too."""

    tenant: str
    at: datetime
    system: str
    operation: str
    used: str
    tried: str
    call_id: str
    how: How
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often something came out, for a report. `fields`: which differed, and how often each."""

    operation: str
    used: str
    tried: str
    how: How
    count: int
    fields: Mapping[str, int]


def compare(used: Told, tried: Told) -> tuple[How, tuple[str, ...]]:
    """Pure. The names of the fields in which two answers differ, without their values."""
    if not used.is_answer or not tried.is_answer:
        both = not used.is_answer and not tried.is_answer
        return (How.BOTH_FAILED if both else How.BETTER if tried.is_answer else How.WORSE), ()
    fields = tuple(sorted(set(_differing(used.canonical, tried.canonical, ""))))
    if used.outcome != tried.outcome:
        fields = ("outcome", *fields)
    return (How.DIFFERS if fields else How.SAME), fields


def _differing(one: Any, other: Any, path: str) -> Iterator[str]:
    """Lists are compared item by item and named once: `activities.name`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in one.keys() | other.keys():
            yield from _differing(one.get(name), other.get(name), f"{path}.{name}" if path else str(name))
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for pair in zip(one, other, strict=True):
            yield from _differing(*pair, path)
    elif one != other:
        yield path
