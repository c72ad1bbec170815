"""The port to stored arrivals. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.arrivals.model import Arrival, ArrivalView


class ArrivalStore(Protocol):
    async def keep(self, tenant: str, arrival: Arrival, *, digest: bytes) -> ArrivalView:
        """Store it, with its cursor and version; or, where this content came before under the same system, event and
        key, count the delivery of that one. The view says which: a first delivery is new.

        Cursors are given in the order of commits: whoever read up to one misses nothing that comes later."""

    async def after(self, tenant: str, *, cursor: int, limit: int, everything: bool) -> Sequence[ArrivalView]:
        """Oldest first, behind `cursor`; `everything`: acknowledged ones, too."""

    async def find(self, tenant: str, arrival_id: str) -> Arrival | None: ...

    async def acknowledge(self, tenant: str, arrival_id: str, *, by: str, now: datetime) -> ArrivalView | None:
        """Mark it; one that is marked stays as it is. None: there is none."""
