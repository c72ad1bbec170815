"""What the console's pages call, put together."""

from __future__ import annotations

from gateway.api import Services
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.maintaining import maintenance, status_page
from gateway.bootstrap.stores import Stores
from gateway.console.desk import Desk
from gateway.dossiers.progress import Progress


def desk_of(ground: Ground, stores: Stores, *, able: Capabilities, services: Services) -> Desk:
    maintained = maintenance(ground, stores)
    return Desk(
        services=services,
        operators=able.staffing.operators,
        outbox=stores.outbox,
        targets=tuple(ground.exchange.targets),
        progress=Progress(store=stores.dossiers, tenant=ground.tenant),
        maintenance=maintained,
        status=status_page(ground, maintained),
    )
