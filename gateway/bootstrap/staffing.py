"""Operators and four eyes, put together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from gateway.alarms.service import Alarms
from gateway.approvals.service import FourEyes
from gateway.bootstrap.access import keys_at
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.exchange.transport import HttpTransport
from gateway.operators.browser import Ask, CodeFlow, no_answer
from gateway.operators.log import AccountLog
from gateway.operators.oidc import OidcTokens
from gateway.operators.parts import House, Kept, Staffing
from gateway.operators.policy import Policy
from gateway.sdk import (
    ConfigurationError,
    ProtocolViolation,
    SystemSettings,
    TransientRemoteError,
    Unsettled,
    WireRequest,
)
from gateway.signing.jwks import Jwks, file_of

JWKS_TIMEOUT_S = 10.0
MOST_TOKEN_BYTES = 65_536
RETURN = "/console/oidc/return"


def four_eyes(ground: Ground, stores: Stores, staffing: Staffing, *, alarms: Alarms) -> FourEyes:
    return FourEyes(
        stores.office.approvals,
        recorder=ground.recorder,
        alarms=alarms,
        clock=utc_now,
        lasts=timedelta(hours=ground.settings.approvals.hours),
        enrolled_by=staffing.accounts.enrolled_by,
    )


def staffing(ground: Ground, stores: Stores, alarms: Alarms) -> Staffing:
    return Staffing.on(
        Kept(accounts=stores.office.accounts, sessions=stores.office.sessions, failures=stores.office.failures),
        ground.keyring,
        log=AccountLog(ground.recorder, alarms, clock=utc_now),
        house=House(
            tenant=ground.tenant,
            policy=Policy.of(ground.settings.operators),
            clock=utc_now,
            tokens=_tokens(ground, stores),
        ),
    )


def code_flow(ground: Ground, staff: Staffing) -> CodeFlow | None:
    """The log-in with a browser, if the provider is set for it."""
    own, api = ground.settings.operators.oidc, ground.settings.api
    if not own.serves_browsers or staff.tokens is None:
        return None
    if not api.public_url:
        raise ConfigurationError(
            "operators.oidc serves browsers, which come back to api.public_url: set it.",
            vi="operators.oidc cho đăng nhập bằng trình duyệt: hãy đặt api.public_url để trình duyệt quay về.",
            what="public_url",
        )
    return CodeFlow(
        own,
        returns_to=f"{api.public_url.rstrip('/')}{RETURN}",
        tokens=staff.tokens,
        entrance=staff.entrance,
        ask=_asking(own.token_endpoint, timeout_s=own.timeout_s),
        digester=ground.keyring,
        log=staff.log,
        clock=utc_now,
    )


def _asking(url: str, *, timeout_s: float) -> Ask:
    """The transport of national systems: bounded, verified, without redirects, proxies and cookies."""

    async def ask(headers: Mapping[str, str], form: bytes) -> tuple[int, bytes]:
        limits = {"timeout_s": timeout_s, "connect_timeout_s": timeout_s, "max_reply_bytes": MOST_TOKEN_BYTES}
        way = HttpTransport(SystemSettings(base_url="", max_connections=1, **limits))
        try:
            reply = await way.send(WireRequest(method="POST", url=url, headers=headers, content=form))
        except (TransientRemoteError, Unsettled, ProtocolViolation) as exc:
            raise no_answer() from exc
        finally:
            await way.close()
        return reply.status, reply.content

    return ask


def _tokens(ground: Ground, stores: Stores) -> OidcTokens | None:
    """Those of the province's identity provider, if it has one."""
    own = ground.settings.operators.oidc
    if not own.issuer:
        return None
    keys = Jwks(file_of(own.jwks) if own.jwks else keys_at(own.jwks_url, timeout_s=JWKS_TIMEOUT_S), clock=utc_now)
    return OidcTokens(own, keys, stores.office.accounts, tenant=ground.tenant, clock=utc_now)
