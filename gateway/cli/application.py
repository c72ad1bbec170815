"""All that one API process serves, put together. What few callers ask for is made when the first one asks."""

from __future__ import annotations

from collections.abc import Awaitable
from math import ceil
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.app import build, create_app
from gateway.api.door import Door, as_problem
from gateway.api.edge import takes_file
from gateway.api.late import Late
from gateway.api.peer import Front
from gateway.api.room import Room
from gateway.bootstrap import Gateway, utc_now
from gateway.console.addresses import PREFIXES, STAFF
from gateway.facade import PATH
from gateway.sdk import GatewayError

if TYPE_CHECKING:  # Prometheus' library takes long to load
    from gateway.facade.app import Facade
    from gateway.observability.metrics import Look, Metrics


def application(gateway: Gateway) -> ASGIApp:
    """The API, the SOAP façade and the console's pages beside each other, a door in front that can be full, and before
    all of it what tells where a call really comes from."""
    own = gateway.ground.settings.api
    api = create_app(gateway.services)
    soap, pages = Late(lambda: _facade(gateway, api)), Late(lambda: _pages(gateway, api))

    def by_address(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path = scope["path"] if scope["type"] == "http" else ""
        return (soap if path == PATH else pages if path.startswith(PREFIXES) else api)(scope, receive, send)

    def as_fault(error: GatewayError, trace_id: str) -> Response:
        return (soap.made.refusal if soap.made else as_problem)(error, trace_id)

    def door(app: ASGIApp) -> Door:
        held, most = own.max_held_bytes, own.max_under_way
        room = Room(app, most=held, each=ceil(held * own.share_of_one), streams=takes_file, staff=(STAFF,))
        made = Door(room, most=most, each=own.most_of_one, staff=(STAFF,), refusals={PATH: as_fault})
        if (metrics := gateway.ground.metrics) is not None:
            metrics.looks.append(refused_look(made, room))
        return made

    return Front(
        by_address,
        door=door,
        proxies=tuple(map(str, own.trusted_proxies)),
        certificates=own.proxy_certificates,
        trust=gateway.ground.trusting.trust.get(own.tls.client_ca),
        own_tls=bool(own.tls.key),
        clock=utc_now,
    )


def refused_look(door: Door, room: Room) -> Look:
    async def look(metrics: Metrics) -> None:
        metrics.refused.set(door.refused + room.refused)

    return look


def _facade(gateway: Gateway, api: ASGIApp) -> Facade:
    """Its contract is made from the OpenAPI document, which takes as long as all the rest."""
    from gateway.facade.app import Facade
    from gateway.facade.contract import Contract

    own, services = gateway.ground.settings.api, gateway.services
    contract = Contract(build(None).openapi(), namespace=own.soap_namespace)
    return Facade(api, contract, max_body_bytes=services.max_body_bytes, url=own.soap_url)


def _pages(gateway: Gateway, api: ASGIApp) -> ASGIApp:
    from gateway.console.app import Console

    return Console(gateway.desk, api)
