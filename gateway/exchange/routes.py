"""Which system an operation goes to, by procedure and day (SYN-10). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Route:
    """One rule: from the day `since` on, operations about `procedures` (national codes; none: about anything) go `to`
    this system."""

    to: str
    since: date = date.min
    procedures: frozenset[str] = frozenset()


def choose(routes: Sequence[Route], *, on: date, procedure: str) -> str | None:
    """The youngest rule in force wins; one that names the procedure wins over one that names none."""
    fitting = [
        (bool(route.procedures), route.since, place, route.to)
        for place, route in enumerate(routes)
        if route.since <= on and (not route.procedures or procedure in route.procedures)
    ]
    return max(fitting)[-1] if fitting else None
