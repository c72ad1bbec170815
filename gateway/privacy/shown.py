"""Which personal fields an operation sends and is told: read from the mappings as they are configured (PDP-06, PDP-09).

An operation of the province's API has the name of the one at the national system, or stands for several of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.mapping import Mappings
from gateway.mapping.model import Direction
from gateway.privacy.kinds import FieldKind, FieldKinds

STANDS_FOR: Mapping[str, tuple[str, ...]] = {
    "lookup_account": ("find_account",),
    "verify_enterprise": ("lookup_enterprise",),
    "verify_representative": ("lookup_enterprise",),
    "search_registrations": ("list_registrations", "list_registrations_today"),
    "put_dossier": ("sync_dossier",),
    "put_status_event": ("report_progress",),
}
"""What an operation of the API is carried out by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The fields of one operation at one system."""

    sent: Mapping[FieldKind, list[str]]
    told: Mapping[FieldKind, list[str]]
    unclassified: tuple[str, ...]

    @property
    def kinds(self) -> frozenset[FieldKind]:
        return frozenset({*self.sent, *self.told})

    @property
    def sensitive(self) -> bool:
        return any(kind.sensitive for kind in self.kinds)


class Fields:
    """Looks operations up in the mappings of the configured systems."""

    def __init__(self, mappings: Mapping[str, Mappings], kinds: FieldKinds) -> None:
        self._mappings = mappings
        self._kinds = kinds

    def shown(self, system: str, operation: str) -> Shown:
        mappings = self._mappings[system]
        sent = mappings.fields(operation, Direction.REQUEST)
        told = mappings.fields(operation, Direction.REPLY)
        return Shown(
            sent=self._kinds.personal(sent, operation=operation),
            told=self._kinds.personal(told, operation=operation),
            unclassified=tuple(self._kinds.unclassified(sent | told, operation=operation)),
        )

    def kinds_of(self, operation: str, *, system: str = "") -> frozenset[FieldKind]:
        """Of all systems that have it where none is named; empty for what no mapping speaks of."""
        names = (operation, *STANDS_FOR.get(operation, ()))
        places = [system] if system in self._mappings else list(self._mappings)
        return frozenset(kind for place in places for name in names for kind in self.shown(place, name).kinds)
