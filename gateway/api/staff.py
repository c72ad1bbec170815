"""Which operator calls, and whether they may. Endpoints for staff stand under `/v1/admin/`, and every call there is a
leaf, reading too (SEC-09, PDP-03)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.api.access import services_of
from gateway.api.deadline import check_time
from gateway.api.services import LateServices, Services
from gateway.approvals.service import PERSONAL
from gateway.domain import Context
from gateway.operators.model import Operator, Right
from gateway.operators.oidc import NUMBER
from gateway.sdk.errors import NotAllowedError

session = HTTPBearer(
    scheme_name="OperatorSession",
    auto_error=False,
    bearerFormat="lts_<token>",
    description="Session of `POST /v1/admin/sessions`, or a token of the configured identity provider.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """An operator who was recognised and has the right of the endpoint."""

    request: Request
    services: Services
    late: LateServices
    operator: Operator
    context: Context

    def about(self, reference: str) -> None:
        """Name what this call is about, for its leaf; never a personal number."""
        self.request.state.reference = reference

    def about_typed(self, kind: str, text: str) -> None:
        """The same of what a person typed: what may be a personal number is left out, for a leaf is for ever."""
        may_be_personal = PERSONAL.search(text) or (kind and NUMBER.search(text))
        self.about("" if may_be_personal or "\0" in text else f"{kind}{text}")

    def needs(self, right: Right) -> None:
        """`NotAllowedError` unless one of their roles has it."""
        if right not in self.operator.rights:
            raise lacks(right)


def lacks(*rights: Right) -> NotAllowedError:
    names = ", ".join(right.value for right in rights)
    return NotAllowedError(f"This takes the right {names}.", vi=f"Cần có quyền {names}.", what="right")


def staff(*rights: Right, secret: bool = False) -> Callable[..., Awaitable[Staff]]:
    """A dependency: the operator, if their roles have one of `rights`; 401 or 403 otherwise. `secret`: what is sent and
    answered holds a password or the like, and is not kept beside the leaf, whether it was taken or refused."""

    async def check(
        request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(session)] = None
    ) -> Staff:
        services = services_of(request)
        request.state.secret = secret
        late = services.late()
        operator = await late.operators.authenticate(request.headers.get("authorization"))
        request.state.operator = operator
        if operator.rights.isdisjoint(rights):
            raise lacks(*rights)
        if refused := getattr(request.state, "refused", None):
            raise refused
        check_time(request.scope)
        request.state.begun = request.method != "GET"
        context = request.state.trace.context(tenant=operator.tenant, actor=operator.actor)
        return Staff(request=request, services=services, late=late, operator=operator, context=context)

    check.rights = frozenset(rights)  # type: ignore[attr-defined]  # read by whoever lists what an endpoint takes
    return check
