"""Alerts, put together."""

from __future__ import annotations

from datetime import timedelta

from gateway.alerts.channels import Mail, Way, Webhook
from gateway.alerts.figures import Sight
from gateway.alerts.model import Channel
from gateway.alerts.service import Alerts, Policy
from gateway.alerts.teller import AT_ONCE, Teller
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.following import Following
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.maintaining import maintenance
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.watching import board_of


def alerts_of(ground: Ground, stores: Stores) -> Alerts:
    own, board = ground.settings.alerts, board_of(ground, stores, maintenance=maintenance(ground, stores))

    async def size(tenant: str) -> int:
        return (await stores.audit.head(tenant)).size

    return Alerts(
        stores.office.alerts,
        Sight(board, ground.alarms, stores.office.traffic, size=size).read,
        policy=Policy(
            every=timedelta(seconds=own.every_s),
            keep=timedelta(days=own.keep_days),
            systems=tuple(ground.exchange.targets),
            mails=bool(own.smtp.host),
        ),
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def teller_of(ground: Ground, stores: Stores, *, name: str) -> Teller:
    told = {"tenant": ground.tenant, "public_url": ground.settings.api.public_url}
    ways: dict[Channel, Way] = {
        Channel.EMAIL: Mail(ground.settings.alerts.smtp, **told),
        Channel.WEBHOOK: Webhook(ground.to_clients, clock=utc_now, **told),
    }
    return Teller(
        stores.office.alerts,
        ways,
        tenant=ground.tenant,
        name=name,
        alarms=ground.alarms,
        recorder=ground.recorder,
        clock=utc_now,
    )


def alerting(ground: Ground, stores: Stores, alerts: Alerts, *, name: str) -> tuple[Following, ...]:
    """A mail server that is slow keeps nobody from looking at the rules."""
    teller = teller_of(ground, stores, name=name)
    return Following([lambda: alerts.step(ground.tenant)]), Following([teller.step], much=AT_ONCE)
