"""Operators and four eyes, put together."""

from __future__ import annotations

from datetime import timedelta

from gateway.alarms.service import Alarms
from gateway.approvals.service import FourEyes
from gateway.bootstrap.access import keys_at
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.operators.log import AccountLog
from gateway.operators.oidc import OidcTokens
from gateway.operators.parts import House, Kept, Staffing
from gateway.operators.policy import Policy
from gateway.signing.jwks import Jwks, file_of

JWKS_TIMEOUT_S = 10.0


def four_eyes(ground: Ground, stores: Stores, staffing: Staffing, *, alarms: Alarms) -> FourEyes:
    return FourEyes(
        stores.approvals,
        recorder=ground.recorder,
        alarms=alarms,
        clock=utc_now,
        lasts=timedelta(hours=ground.settings.approvals.hours),
        enrolled_by=staffing.accounts.enrolled_by,
    )


def staffing(ground: Ground, stores: Stores, alarms: Alarms) -> Staffing:
    return Staffing.on(
        Kept(accounts=stores.accounts, sessions=stores.sessions, failures=stores.failures),
        ground.keyring,
        log=AccountLog(ground.recorder, alarms, clock=utc_now),
        house=House(
            tenant=ground.tenant,
            policy=Policy.of(ground.settings.operators),
            clock=utc_now,
            tokens=_tokens(ground, stores),
        ),
    )


def _tokens(ground: Ground, stores: Stores) -> OidcTokens | None:
    """Those of the province's identity provider, if it has one."""
    own = ground.settings.operators.oidc
    if not own.issuer:
        return None
    keys = Jwks(file_of(own.jwks) if own.jwks else keys_at(own.jwks_url, timeout_s=JWKS_TIMEOUT_S), clock=utc_now)
    return OidcTokens(own, keys, stores.accounts, tenant=ground.tenant, clock=utc_now)
