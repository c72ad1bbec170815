"""What the console's pages call, put together."""

from __future__ import annotations

from gateway.api import Services
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.console_money import money_desk
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.console.desk import Desk


def desk_of(ground: Ground, stores: Stores, *, able: Capabilities, services: Services) -> Desk:
    return Desk(
        services=services,
        operators=able.staffing.operators,
        outbox=stores.outbox,
        money=money_desk(ground, stores, able),
        targets=tuple(ground.exchange.targets),
    )
