"""An arrival: something that a national system sent and that the province must pick up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from gateway.domain import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalView:
    """An arrival without what it says. `cursor` grows with each arrival of the tenant.

    `version`: 1 for the first message of its (system, event, key); a later one with other content gets the next number,
    and all of them stay. `deliveries`: how often exactly this content came.
    """

    id: str
    cursor: int = 0
    system: str
    event: str
    key: str
    version: int = 1
    received_at: datetime
    deliveries: int = 1
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A whole arrival. `body`: canonical. `original`: what was sent, byte for byte as the connector hands it over."""

    view: ArrivalView
    body: Mapping[str, Any] = field(repr=False)
    original: bytes = field(repr=False)


class ArrivalService(Protocol):
    """How the province reads what came. `NotFoundError`: no arrival has this id."""

    async def waiting(self, *, after: int, limit: int, everything: bool, context: Context) -> Sequence[ArrivalView]:
        """Oldest first, behind the cursor `after`; those that were not acknowledged yet, or all."""

    async def read(self, arrival_id: str, *, context: Context) -> Arrival: ...

    async def acknowledge(self, arrival_id: str, *, context: Context) -> ArrivalView:
        """The province has it. Said again, the first time stands."""
