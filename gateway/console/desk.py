"""Everything that the pages call; `bootstrap` fills it in."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.api.services import Services
from gateway.console.money_desk import MoneyDesk
from gateway.delivery.store import Outbox
from gateway.operators.service import Operators


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Bàn điều khiển: the services of the API, and what people see beyond it."""

    services: Services
    operators: Operators
    outbox: Outbox
    money: MoneyDesk
    targets: tuple[str, ...]
    """Ids of the configured systems."""
