"""The chores of one gateway."""

from __future__ import annotations

from gateway.bootstrap.ground import Ground, utc_now
from gateway.bootstrap.stores import Stores
from gateway.catalogues.model import question
from gateway.catalogues.nightly import takeovers
from gateway.catalogues.service import Catalogues
from gateway.chores.nightly import run_due
from gateway.ledger.nightly import comparisons
from gateway.ledger.service import Ledger
from gateway.procedures.nightly import refreshment
from gateway.procedures.service import Procedures


async def run_nightly(
    ground: Ground, stores: Stores, *, ledger: Ledger, catalogues: Catalogues, procedures: Procedures
) -> list[str]:
    """Do what is due; a system that is not configured has no chores."""
    tenant, own = ground.tenant, ground.settings.sync
    targets = [target for target in own.reconcile if target in ground.exchange.targets]
    lists = [name for name in own.catalogues if question(name)[0] in ground.exchange.operations]
    reads = own.catalogues and "read_procedure" in ground.exchange.operations
    due = (
        *([refreshment(procedures, tenant=tenant, at=own.catalogues_at)] if reads else []),
        *takeovers(catalogues, lists, tenant=tenant, at=own.catalogues_at),
        *comparisons(ledger, targets, tenant=tenant, at=own.reconcile_at),
    )
    return await run_due(stores.chores, due, tenant=tenant, now=utc_now())
