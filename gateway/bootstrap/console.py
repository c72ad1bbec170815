"""What the console's pages call, put together."""

from __future__ import annotations

from gateway.api import Services
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.diagnosing import book_of, diagnostics_of
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.console.desk import Desk
from gateway.diagnostics.signatures import Signatures


def desk_of(ground: Ground, stores: Stores, *, able: Capabilities, services: Services) -> Desk:
    return Desk(
        services=services,
        operators=able.staffing.operators,
        outbox=stores.outbox,
        targets=tuple(ground.exchange.targets),
        book=book_of(ground, stores),
        diagnostics=diagnostics_of(ground, stores),
        signatures=Signatures(
            ground.exchange.systems, recorder=ground.recorder, digester=ground.keyring, clock=utc_now
        ),
    )
