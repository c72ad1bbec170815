"""Which fields are of persons: read from data as a process begins."""

from __future__ import annotations

from gateway.bootstrap.ground import Ground
from gateway.privacy.kinds import FieldKinds, load_kinds
from gateway.registry import mappings_directory


def kinds_of(ground: Ground) -> FieldKinds:
    """The classification that comes with the gateway, and what systems bring along."""
    systems = ground.exchange.systems
    own = [mappings_directory(type(system.connector)) / "privacy" / "fields.yaml" for system in systems.values()]
    return load_kinds(*(file for file in own if file.exists()))
