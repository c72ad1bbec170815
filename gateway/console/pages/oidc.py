"""Log in at the province's identity provider: there, and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from gateway.api.peer import peer_of
from gateway.console import cookies
from gateway.console.nav import HOME
from gateway.console.pages.enter import log_in_page, own_page
from gateway.console.view import desk_of
from gateway.operators.browser import LASTS, Answer, CodeFlow
from gateway.sdk.errors import NotAuthenticatedError, NotFoundError, TransientRemoteError, TrustError

router = APIRouter()


class ReturnQuery(BaseModel):
    """What the provider put into the address; what else it adds is left alone."""

    state: str = Field(default="", max_length=4096, repr=False)
    code: str = Field(default="", max_length=4096, repr=False)
    error: str = Field(default="", max_length=4096)
    iss: str = Field(default="", max_length=4096)


@router.get("/console/oidc/begin", name="oidc_begin")
async def begin(request: Request, next_page: Annotated[str, Query(alias="next", max_length=2000)] = HOME) -> Response:
    """To the provider's page. A link and no form: a browser follows a form's redirect to no other site (CSP)."""
    is_secure = request.state.is_secure
    door = cookies.read(request.headers, cookies.DOOR, is_secure=is_secure) or cookies.new_door()
    attempt = _flow(request).begin(door, wanted=own_page(next_page))
    response = RedirectResponse(attempt.address, status_code=303)
    cookies.write(response, cookies.DOOR, door, is_secure=is_secure)
    lasts_s = int(LASTS.total_seconds())
    cookies.write(response, cookies.ATTEMPT, attempt.cookie, is_secure=is_secure, lasts_s=lasts_s)
    return response


@router.get("/console/oidc/return", name="oidc_return")
async def come_back(request: Request, said: Annotated[ReturnQuery, Query()]) -> Response:
    """Always a new session, as after any log-in. The attempt is over, however it ends."""
    request.state.begun = True  # the code can be had for a session once
    is_secure, header = request.state.is_secure, request.headers
    answer = Answer(
        door=cookies.read(header, cookies.DOOR, is_secure=is_secure),
        attempt=cookies.read(header, cookies.ATTEMPT, is_secure=is_secure),
        state=said.state,
        code=said.code,
        error=said.error,
        issuer=said.iss,
        address=peer_of(request.scope).address,
        replaces=request.state.token,
    )
    try:
        opened, wanted = await _flow(request).finish(desk_of(request).services.tenant, answer)
    except (NotAuthenticatedError, TrustError, TransientRemoteError) as exc:
        response = log_in_page(request, wanted=HOME, refused=exc)
    else:
        response = RedirectResponse(own_page(wanted), status_code=303)
        cookies.write(response, cookies.SESSION, opened.token, is_secure=is_secure)
        cookies.drop(response, cookies.DOOR, is_secure=is_secure)
    cookies.drop(response, cookies.ATTEMPT, is_secure=is_secure)
    return response


def _flow(request: Request) -> CodeFlow:
    flow = desk_of(request).admin.provider
    if flow is None:
        raise NotFoundError("No identity provider is set.", vi="Chưa khai báo hệ thống danh tính của tỉnh.")
    return flow
