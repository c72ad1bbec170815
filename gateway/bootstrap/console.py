"""What the console's pages call, put together."""

from __future__ import annotations

from datetime import timedelta

from gateway.api import Services
from gateway.audit.journal import size_of
from gateway.bootstrap.administering import administration
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.console_money import money_desk
from gateway.bootstrap.diagnosing import diagnostics_of
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.maintaining import maintenance, status_page
from gateway.bootstrap.mappings import book_of
from gateway.bootstrap.retaining import retention_of
from gateway.bootstrap.searching import searching
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.watching import board_of
from gateway.console.delivery_desk import DeliveryDesk
from gateway.console.desk import Desk
from gateway.console.live import Live, Pace
from gateway.console.pages.overview import shown
from gateway.diagnostics.signatures import Signatures
from gateway.dossiers.progress import Progress
from gateway.sdk.port import Kind
from gateway.traffic.public import PublicSight

SENT = {Kind.SUBMIT, Kind.NOTIFY}


def desk_of(ground: Ground, stores: Stores, *, able: Capabilities, services: Services) -> Desk:
    maintained = maintenance(ground, stores)
    board, own = board_of(ground, stores, maintenance=maintained), ground.settings.traffic
    found = searching(ground, stores)
    return Desk(
        services=services,
        operators=able.staffing.operators,
        outbox=stores.outbox,
        alarms=able.alarms,
        settling=able.settling,
        alerts=able.alerts,
        board=board,
        live=Live(lambda: shown(board, ground.tenant), Pace(every_s=own.live_s, most=own.streams)),
        traffic=stores.office.traffic,
        delivery=_delivery(ground, stores, able),
        admin=administration(ground, stores, able=able),
        money=money_desk(ground, stores, able),
        targets=tuple(ground.exchange.targets),
        progress=Progress(store=stores.dossiers, tenant=ground.tenant),
        maintenance=maintained,
        status=status_page(ground, maintained, seen=PublicSight(board, stores.office.traffic, tenant=ground.tenant)),
        systems=ground.exchange.systems,
        transactions=found.transactions,
        courses=found.courses,
        contents=found.contents,
        book=book_of(ground, stores),
        diagnostics=diagnostics_of(ground, stores),
        signatures=Signatures(
            ground.exchange.systems, recorder=ground.recorder, digester=ground.keyring, clock=utc_now
        ),
        scores=able.scores,
        drift=stores.catalogues,
        takeover=able.takeover,
        checks=able.overseeing.checks,
        reviews=able.overseeing.reviews,
        packages=able.protecting.packages,
        privacy_acts=able.protecting.acts,
        retention=retention_of(ground, stores, able.approvals),
        spooled=lambda: size_of(ground.settings.state / "spool"),
        unused=timedelta(days=ground.settings.operators.unused_days),
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
        ledger=stores.office.ledger,
        names={name: (manifest.title_vi, manifest.title) for name, manifest in manifests.items()},
        operations=tuple(sorted(set().union(*sent.values()))),
        targets=tuple(name for name in ground.exchange.targets if sent[name]),
    )
