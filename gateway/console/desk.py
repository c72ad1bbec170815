"""Everything that the pages call; `bootstrap` fills it in."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.api.services import Services
from gateway.catalogues.acting import Takeover
from gateway.catalogues.store import CatalogueStore
from gateway.delivery.store import Outbox
from gateway.operators.service import Operators
from gateway.scores.service import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Bàn điều khiển: the services of the API, and what people see beyond it."""

    services: Services
    operators: Operators
    outbox: Outbox
    targets: tuple[str, ...]
    """Ids of the configured systems."""
    scores: Scores
    drift: CatalogueStore
    """The code lists, their changes, and what waits for a code."""
    takeover: Takeover
