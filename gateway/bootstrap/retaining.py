"""Retention on its stores."""

from __future__ import annotations

from gateway.approvals.model import Approvals
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.retention.nightly import ScheduledErasure
from gateway.retention.service import Retention


def retention_of(ground: Ground, stores: Stores, approvals: Approvals) -> Retention:
    return Retention(stores.retention, approvals, ground.recorder, clock=utc_now)


def scheduled_erasure(ground: Ground, stores: Stores) -> ScheduledErasure:
    own = ground.settings.retention
    return ScheduledErasure(stores.retention, ground.recorder, tenant=ground.tenant, settings=own, clock=utc_now)
