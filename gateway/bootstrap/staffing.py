"""Operators and four eyes, put together."""

from __future__ import annotations

from datetime import timedelta

from gateway.alarms.service import Alarms
from gateway.approvals.service import FourEyes
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.operators.log import AccountLog
from gateway.operators.parts import House, Kept, Staffing
from gateway.operators.policy import Policy


def four_eyes(ground: Ground, stores: Stores, alarms: Alarms) -> FourEyes:
    lasts = timedelta(hours=ground.settings.approvals.hours)
    return FourEyes(stores.approvals, recorder=ground.recorder, alarms=alarms, clock=utc_now, lasts=lasts)


def staffing(ground: Ground, stores: Stores, alarms: Alarms) -> Staffing:
    return Staffing.on(
        Kept(accounts=stores.accounts, sessions=stores.sessions, failures=stores.failures),
        ground.keyring,
        log=AccountLog(ground.recorder, alarms, clock=utc_now),
        house=House(tenant=ground.tenant, policy=Policy.of(ground.settings.operators), clock=utc_now),
    )
