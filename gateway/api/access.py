"""Who calls, and whether they may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.api.deadline import check_time
from gateway.api.peer import peer_of
from gateway.api.services import Services
from gateway.clients.model import Client, Scope
from gateway.domain import Context, Purpose
from gateway.sdk.errors import NotAllowedError

bearer = HTTPBearer(
    auto_error=False, bearerFormat="lt_<tenant>_<client>_<secret>", description="Key from `lienthong clients add`."
)
"""Declares the scheme in the OpenAPI document; the header itself is read by the authenticator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A client that was recognised and has the scope of the endpoint. What it turns out to speak about is left in the
    request's state, where the edge finds it for the audit log."""

    request: Request
    services: Services
    client: Client
    context: Context

    def about(self, reference: str) -> None:
        """Name the dossier or payment that this call is about."""
        self.request.state.reference = reference

    def concerns(self, subjects: tuple[str, ...]) -> None:
        """Say by their personal numbers whom this call is about; its leaf is found by them, refused or not."""
        self.request.state.subjects = subjects

    def begins_nothing(self) -> None:
        """So far, or because it only asks: should the database fail, nothing of this request was done."""
        self.request.state.begun = False

    def with_purpose(self, purpose: Purpose, subjects: tuple[str, ...] = ()) -> Context:
        """The context of a look-up about `subjects`; `NotAllowedError` unless the client may act for that agency
        (POP-06). The leaf of that refusal says what was claimed, too (POP-12)."""
        self.begins_nothing()
        self.about(purpose.dossier_code)
        self.concerns(subjects)
        self.request.state.purpose = purpose
        self.acts_for(purpose.agency_id)
        self.works_on(purpose.procedure_code)
        return replace(self.context, purpose=purpose, subjects=subjects)

    def needs(self, scope: Scope) -> None:
        """`NotAllowedError` unless the key has it: where the body or what was found decides which one it takes."""
        if scope not in self.client.scopes:
            raise _lacks(scope)
        self.services.gate.usage.used(self.client, frozenset({scope}))

    def acts_for(self, agency_id: str) -> None:
        """`NotAllowedError` when the client is bound to other agencies."""
        if self.client.agencies and agency_id not in self.client.agencies:
            raise NotAllowedError(
                "This key may not act for that agency.", vi="Khoá này không được dùng cho cơ quan đó.", what="agency"
            )

    def works_on(self, procedure_code: str) -> None:
        """`NotAllowedError` when the client is there for other procedures."""
        if self.client.procedures and procedure_code not in self.client.procedures:
            raise NotAllowedError(
                "This client may not act in that procedure.",
                vi="Hệ thống này không được dùng cho thủ tục đó.",
                what="procedure",
            )

    def bills_for(self, dossier_code: str) -> None:
        """`NotAllowedError` when the client is bound to agencies and the dossier is of another one, as its code says.
        Where an agency collects for dossiers that another takes in, the client is bound to both."""
        self.acts_for(dossier_code.partition("-")[0])


def services_of(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def _lacks(*scopes: Scope) -> NotAllowedError:
    names = ", ".join(scope.value for scope in scopes)
    return NotAllowedError(f"This key lacks the scope {names}.", vi=f"Khoá này không có quyền {names}.", what="scope")


def allowed(*scopes: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, if its key has one of `scopes`; 401 or 403 otherwise."""

    async def check(
        request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None
    ) -> Caller:
        return await admitted(request, services_of(request), scopes)

    check.scopes = scopes  # type: ignore[attr-defined]  # read by the lean routes, which solve no dependencies
    return check


async def admitted(request: Request, services: Services, scopes: tuple[Scope, ...]) -> Caller:
    """The caller of `request`, whose route is known, if its key has one of `scopes`."""
    peer = peer_of(request.scope)
    client = await services.authenticator.authenticate(request.headers.get("authorization"), peer=peer)
    request.state.client = client
    await services.gate.admit(client, peer, operation=request.scope["route"].operation_id)
    if client.scopes.isdisjoint(scopes):
        raise _lacks(*scopes)
    if len(scopes) == 1:  # of several, the endpoint tells which one it took (`needs`)
        services.gate.usage.used(client, frozenset(scopes))
    if refused := getattr(request.state, "refused", None):
        raise refused
    check_time(request.scope)
    request.state.begun = request.method != "GET"
    context = request.state.trace.context(tenant=client.tenant, actor=client.client_id, until=request.state.until)
    return Caller(request=request, services=services, client=client, context=context)
