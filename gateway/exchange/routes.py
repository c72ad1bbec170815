"""Which system an operation goes to, by procedure and day (SYN-10). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.exchange.system import System


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


def offering(systems: Mapping[str, System], operation: str) -> tuple[Sequence[str], str]:
    """Those that offer it, and the one that is used where no rule says otherwise; empty: there is none, or no one."""
    found = [name for name, system in systems.items() if operation in system.operations]
    usual = [name for name in found if systems[name].connector.manifest.yields_to not in found]
    return found, usual[0] if len(usual) == 1 else ""
