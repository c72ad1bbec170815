"""Whose figures one looks at: an agency, whatever stands below it, or a place that agencies lie in. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain import AgencyId
from gateway.places.lineage import Lineage, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """An agency or place to choose: its code, its name where the register of places knows one, and which agencies of
    the dossiers it stands for (None: all)."""

    code: str
    name: str = ""
    agencies: tuple[str, ...] | None = None


def scopes_of(agencies: Sequence[str], lineage: Lineage) -> list[Scope]:
    """Every agency, the bodies above it as its id says, and the places that it lies in, by code."""
    units: Mapping[str, list[Unit]] = defaultdict(list)
    for unit in lineage.units:
        for name in {unit.code, unit.alias} - {""}:
            units[name].append(unit)
    within: dict[str, list[str]] = defaultdict(list)
    for agency in filter(None, agencies):
        for code in {agency, *_above(agency, units.get(agency, ()), lineage)}:
            within[code].append(agency)
    return [
        Scope(code=code, name=_name(units.get(code, ())), agencies=tuple(sorted(found)))
        for code, found in sorted(within.items())
    ]


def _name(units: Sequence[Unit]) -> str:
    return max(units, key=lambda unit: unit.valid_from).name if units else ""


def _above(agency: str, units: Sequence[Unit], lineage: Lineage) -> set[str]:
    found = {upper.code for unit in units for upper in lineage.lies_in(unit)}
    if AgencyId.PATTERN.fullmatch(agency):
        found |= {level.value for level in AgencyId(agency).levels}
    return found
