"""Scores, put together."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.chores.nightly import Chore
from gateway.places.service import Places
from gateway.scores.nightly import Mornings, reading
from gateway.scores.packs import load_scorecards
from gateway.scores.service import Policy, Scores

if TYPE_CHECKING:
    from gateway.bootstrap.capabilities import Capabilities


def scores_of(ground: Ground, stores: Stores, places: Places) -> Scores:
    """A scorecard of the province's own that cannot be read is told at once."""
    own = ground.settings.scores
    load_scorecards(own.packs)
    return Scores(
        stores.office.scores,
        lineage=places.lineage,
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
        policy=Policy(packs=own.packs, within_s=ground.settings.sync.within_s, ahead=timedelta(days=own.ahead_days)),
    )


def score_chores(ground: Ground, stores: Stores, able: Capabilities) -> tuple[Chore, ...]:
    async def read(tenant: str, limit: int) -> int:
        return await stores.dossiers.read_facts(tenant, limit=limit)

    mornings = Mornings(able.scores, able.alarms, tenant=ground.tenant)
    return reading(read, tenant=ground.tenant), mornings.chore(ground.settings.scores.alarms_at)
