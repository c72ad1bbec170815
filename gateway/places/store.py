"""The port to recorded units. Writes join the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.places.lineage import Unit


class PlaceStore(Protocol):
    async def all(self, tenant: str) -> Sequence[Unit]:
        """Every period of every code, by code and first day."""

    async def lock(self, tenant: str) -> None:
        """Whoever else wants to import waits for our transaction's end."""

    async def save(self, tenant: str, units: Sequence[Unit]) -> None:
        """Add periods, or complete recorded ones; never what a recorded one says already."""
