"""What the console's pages call, put together."""

from __future__ import annotations

from datetime import timedelta

from gateway.api import Services
from gateway.audit.journal import size_of
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.retaining import retention_of
from gateway.bootstrap.stores import Stores
from gateway.console.desk import Desk


def desk_of(ground: Ground, stores: Stores, *, able: Capabilities, services: Services) -> Desk:
    return Desk(
        services=services,
        operators=able.staffing.operators,
        outbox=stores.outbox,
        targets=tuple(ground.exchange.targets),
        checks=able.overseeing.checks,
        reviews=able.overseeing.reviews,
        packages=able.protecting.packages,
        privacy_acts=able.protecting.acts,
        retention=retention_of(ground, stores, able.approvals),
        spooled=lambda: size_of(ground.settings.state / "spool"),
        unused=timedelta(days=ground.settings.operators.unused_days),
    )
