"""Who may come in: tokens, the gate, and the keys of the authorisation server."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.alarms.service import Alarms
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.clients.acts import ClientActs
from gateway.clients.authenticate import Authenticator
from gateway.clients.gate import Gate
from gateway.clients.settings import OauthSettings
from gateway.clients.usage import Usage
from gateway.exchange.transport import HttpTransport, Transport
from gateway.sdk import ProtocolViolation, SystemSettings, WireRequest

if TYPE_CHECKING:
    from gateway.clients.tokens import Tokens
    from gateway.signing.jwks import Fetch

MOST_KEY_BYTES = 262_144


def authenticator(ground: Ground, stores: Stores) -> Authenticator:
    return Authenticator(
        stores.clients, ground.keyring, clock=utc_now, tenant=ground.tenant, tokens=_tokens(ground.settings.oauth)
    )


def gate(ground: Ground, stores: Stores, alarms: Alarms) -> Gate:
    quotas = ground.settings.quotas
    return Gate(
        Usage(stores.usage, per_minute=quotas.per_minute, per_day=quotas.per_day, clock=utc_now),
        quotas=quotas,
        networks={system: tuple(map(str, own.allow)) for system, own in ground.settings.inbound.items()},
        alarms=alarms,
        recorder=ground.recorder,
        clock=utc_now,
        monotonic=time.monotonic,
    )


def client_acts(ground: Ground, stores: Stores) -> ClientActs:
    return ClientActs(
        stores.clients,
        authenticator(ground, stores),
        stores.receivers,
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        operations=_operations,
        clock=utc_now,
    )


def _operations() -> Collection[str]:
    """Every operation id of the API."""
    from gateway.api.app import build  # the whole of it, for this one question

    paths = build(None).openapi()["paths"].values()
    return {operation["operationId"] for path in paths for operation in path.values()}


def _tokens(settings: OauthSettings) -> Tokens | None:
    if not settings.issuer:
        return None
    from gateway.clients.tokens import Tokens  # their library takes long to load, and not every province has any
    from gateway.signing.jwks import Freshness, Jwks, file_of

    fetch = (
        file_of(settings.jwks_file) if settings.jwks_file else keys_at(settings.jwks_url, timeout_s=settings.timeout_s)
    )
    kept = timedelta(seconds=settings.keys_kept_s)
    freshness = Freshness(fresh=kept, stale=kept + timedelta(seconds=settings.keys_stale_s))
    return Tokens(settings, Jwks(fetch, clock=utc_now, freshness=freshness), clock=utc_now)


def keys_at(url: str, *, timeout_s: float, transport: Transport | None = None) -> Fetch:
    """Of an issuer. The transport of national systems: bounded, verified, without proxies, redirects and cookies. A
    connection of its own each time: keys are asked for once an hour."""

    async def fetch() -> bytes:
        limits = SystemSettings(
            base_url="",
            timeout_s=timeout_s,
            connect_timeout_s=timeout_s,
            max_reply_bytes=MOST_KEY_BYTES,
            max_connections=1,
        )
        way = transport or HttpTransport(limits)
        try:
            reply = await way.send(WireRequest(method="GET", url=url))
        finally:
            await way.close()
        if reply.status != 200:
            raise ProtocolViolation("The issuer of the tokens did not give its keys.")
        return reply.content

    return fetch
