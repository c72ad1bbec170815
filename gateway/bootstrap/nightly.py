"""The chores of one gateway."""

from __future__ import annotations

from datetime import timedelta

from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.expiring import ExpiryWatch
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.retaining import chores_of
from gateway.bootstrap.scoring import score_chores
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.taxing import transmission_watch
from gateway.catalogues.model import question
from gateway.catalogues.nightly import takeovers
from gateway.chores.nightly import run_due
from gateway.clients.nightly import KeyWatch
from gateway.ledger.nightly import comparisons
from gateway.procedures.nightly import refreshment
from gateway.rechecks.nightly import Erasure
from gateway.reconciliation.nightly import DailyRound


async def run_nightly(ground: Ground, stores: Stores, able: Capabilities) -> list[str]:
    """Do what is due; a system that is not configured has no chores."""
    tenant, own = ground.tenant, ground.settings.sync
    targets = [target for target in own.reconcile if target in ground.exchange.targets]
    lists = [name for name in own.catalogues if question(name)[0] in ground.exchange.operations]
    keep = timedelta(days=ground.settings.rechecks.keep_days)
    erasure = Erasure(stores.office.rechecks, ground.recorder, tenant=tenant, keep=keep, clock=utc_now)
    reads = own.catalogues and "read_procedure" in ground.exchange.operations
    days = able.money_days
    daily = DailyRound(days.reconciliation, able.alarms, rails=days.rails, tenant=tenant, clock=utc_now)
    due = (
        *([refreshment(able.procedures, tenant=tenant, at=own.catalogues_at)] if reads else []),
        *takeovers(able.catalogues, lists, tenant=tenant, at=own.catalogues_at),
        *comparisons(able.ledger, targets, tenant=tenant, at=own.reconcile_at),
        erasure.chore(ground.settings.rechecks.erase_at),
        *chores_of(ground, stores, able.alarms),
        *daily.chores(ground.settings.reconciliation.at),
        *transmission_watch(ground, stores, able.alarms).chores(),
        *able.protecting.chores,
        *score_chores(ground, stores, able),
        *able.overseeing.chores,
        KeyWatch(stores.clients, able.alarms, tenant=tenant, clock=utc_now).chore(),
        ExpiryWatch(ground.trusting.held, able.alarms, tenant=tenant, clock=utc_now).chore(),
    )
    return await run_due(stores.office.chores, due, tenant=tenant, now=utc_now())
