"""Units in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gateway.places.lineage import Unit


class MemoryPlaces:
    def __init__(self) -> None:
        self._units: dict[tuple[str, str, date], Unit] = {}

    async def all(self, tenant: str) -> Sequence[Unit]:
        return [unit for key, unit in sorted(self._units.items(), key=lambda item: item[0]) if key[0] == tenant]

    async def lock(self, tenant: str) -> None: ...

    async def save(self, tenant: str, units: Sequence[Unit]) -> None:
        self._units.update({(tenant, *unit.key): unit for unit in units})
