"""What the console's pages call, put together."""

from __future__ import annotations

from gateway.api import Services
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.maintaining import maintenance, status_page
from gateway.bootstrap.stores import Stores
from gateway.console.delivery_desk import DeliveryDesk
from gateway.console.desk import Desk
from gateway.dossiers.progress import Progress
from gateway.sdk.port import Kind

SENT = {Kind.SUBMIT, Kind.NOTIFY}


def desk_of(ground: Ground, stores: Stores, *, able: Capabilities, services: Services) -> Desk:
    maintained = maintenance(ground, stores)
    return Desk(
        services=services,
        operators=able.staffing.operators,
        outbox=stores.outbox,
        delivery=_delivery(ground, stores, able),
        targets=tuple(ground.exchange.targets),
        progress=Progress(store=stores.dossiers, tenant=ground.tenant),
        maintenance=maintained,
        status=status_page(ground, maintained),
    )


def _delivery(ground: Ground, stores: Stores, able: Capabilities) -> DeliveryDesk:
    manifests = {name: system.connector.manifest for name, system in ground.exchange.systems.items()}
    sent = {
        name: {operation.name for operation in manifest.operations if operation.kind in SENT}
        for name, manifest in manifests.items()
    }
    own = able.delivering
    return DeliveryDesk(
        outbox=stores.outbox,
        board=own.board,
        control=own.control,
        jobs=own.jobs,
        dismissing=own.dismissing,
        dossiers=stores.dossiers,
        ledger=stores.ledger,
        names={name: (manifest.title_vi, manifest.title) for name, manifest in manifests.items()},
        operations=tuple(sorted(set().union(*sent.values()))),
        targets=tuple(name for name in ground.exchange.targets if sent[name]),
    )
