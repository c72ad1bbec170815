"""Who calls, and whether they may: dependencies of the endpoints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.api.services import Services
from gateway.clients.model import Client, Scope
from gateway.domain import Context, Purpose
from gateway.sdk.errors import NotAllowedError

bearer = HTTPBearer(
    auto_error=False, bearerFormat="lt_<tenant>_<client>_<secret>", description="Key from `lienthong clients add`."
)
"""Declares the scheme in the OpenAPI document; the header itself is read by the authenticator."""


def services_of(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services_of)]


def allowed(scope: Scope) -> Callable[..., Awaitable[Context]]:
    """A dependency: the context of a client that has `scope`; 401 or 403 otherwise."""

    async def check(
        request: Request,
        services: ServicesDep,
        _: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None,
    ) -> Context:
        client = await services.authenticator.authenticate(request.headers.get("authorization"))
        request.state.client = client
        if scope not in client.scopes:
            raise NotAllowedError(
                f"This key lacks the scope {scope.value}.", vi=f"Khoá này không có quyền {scope.value}.", what="scope"
            )
        trace = request.state.trace
        return Context(
            tenant=client.tenant,
            actor=client.client_id,
            trace_id=trace.trace_id,
            traceparent=trace.traceparent,
            tracestate=trace.tracestate,
        )

    return check


def for_purpose(request: Request, context: Context, purpose: Purpose) -> Context:
    """The context with its purpose, if the client may act for that agency (POP-06)."""
    may_act_for(request, purpose.agency_id)
    request.state.purpose = purpose
    request.state.reference = purpose.dossier_code
    return Context(
        tenant=context.tenant,
        actor=context.actor,
        trace_id=context.trace_id,
        traceparent=context.traceparent,
        tracestate=context.tracestate,
        purpose=purpose,
    )


def may_act_for(request: Request, agency_id: str) -> None:
    """`NotAllowedError` when the client is bound to other agencies."""
    client: Client = request.state.client
    if client.agencies and agency_id not in client.agencies:
        raise NotAllowedError(
            "This key may not act for that agency.", vi="Khoá này không được dùng cho cơ quan đó.", what="agency"
        )
