"""What is deleted once its time is over."""

from __future__ import annotations

from datetime import timedelta

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.lookups import policy_of
from gateway.bootstrap.stores import Stores
from gateway.exchange.postgres_replays import PostgresReplays

DAYS_KEPT = 400
"""Days on which a client called, for the yearly review of rights (SEC-12)."""


async def forget(ground: Ground, stores: Stores) -> None:
    """Delete marks, copies and told events whose time is over."""
    now = utc_now()
    await PostgresReplays(ground.database).sweep(ground.tenant, before=now)
    kept = policy_of(ground.settings.restraint).kept_for
    await stores.restraint.sweep(ground.tenant, before=now - kept)
    await stores.copies.expire(ground.tenant, now=now)
    told = timedelta(days=ground.settings.rechecks.keep_days)
    await stores.events.expire(ground.tenant, before=now - told)


async def forget_usage(stores: Stores) -> None:
    now = utc_now()
    await stores.usage.expire(minutes_before=now - timedelta(hours=1), days_before=now - timedelta(days=DAYS_KEPT))
