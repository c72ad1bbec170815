"""One's own account: roles in plain words, sessions, password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.api.peer import peer_of
from gateway.console import cookies
from gateway.console.people import RIGHTS, ROLES
from gateway.console.visit import Visit, visit
from gateway.operators.entrance import Credentials
from gateway.operators.model import Right
from gateway.sdk.errors import NotAuthenticatedError, NotFoundError, RequestError, UnprocessableError

router = APIRouter()
Anybody = Annotated[Visit, Depends(visit(*Right))]
HERE = "/console/account"


class SessionForm(BaseModel):
    """Which of one's sessions."""

    session: str = Field(pattern="^([0-9a-f]{2}){1,64}$")


class PasswordForm(BaseModel):
    """The old password with a code, and the new one twice."""

    old: str = Field(max_length=1000, repr=False)
    code: str = Field(max_length=100, repr=False)
    new: str = Field(max_length=1000, repr=False)
    again: str = Field(max_length=1000, repr=False)


@router.get(HERE, name="account")
async def account(visitor: Anybody) -> Response:
    return await _shown(visitor)


@router.post(f"{HERE}/sessions/end", name="account_end_session")
async def end_session(visitor: Anybody, form: Annotated[SessionForm, Form()]) -> Response:
    await visitor.desk.admin.staffing.own.end(visitor.operator, bytes.fromhex(form.session))
    return visitor.back(HERE, vi="Đã đóng phiên.", en="The session is over.")


@router.post(f"{HERE}/sessions/end-others", name="account_end_others")
async def end_others(visitor: Anybody) -> Response:
    ended = await visitor.desk.admin.staffing.own.end_others(visitor.operator, but=visitor.request.state.token)
    return visitor.back(HERE, vi=f"Đã đóng {ended} phiên khác.", en=f"{ended} other sessions are over.")


@router.post(f"{HERE}/password", name="account_password")
async def change_password(visitor: Anybody, form: Annotated[PasswordForm, Form()]) -> Response:
    """All sessions end, this one too; another one begins in this browser."""
    if form.new != form.again:
        raise UnprocessableError("The two are not the same.", vi="Hai lần nhập không giống nhau.", what="password")
    who, address = visitor.operator, peer_of(visitor.request.scope).address
    said = Credentials(login=who.login, password=form.old, code=form.code, address=address)
    try:
        opened = await visitor.desk.admin.staffing.own.change_password(who, said, form.new)
    except NotAuthenticatedError as exc:
        return await _shown(visitor, refused=exc)
    response = visitor.back(HERE, vi="Đã đổi mật khẩu; mọi phiên khác đã đóng.", en="The password is changed.")
    cookies.write(response, cookies.SESSION, opened.token, is_secure=_is_secure(visitor.request))
    return response


async def _shown(visitor: Visit, *, refused: RequestError | None = None) -> Response:
    admin, who = visitor.desk.admin, visitor.operator
    try:
        own = await admin.staffing.accounts.find(who.tenant, who.login)
    except NotFoundError:  # the identity provider's alone
        own = None
    return visitor.page(
        "account/index.html",
        status=refused.http_status if refused else 200,
        account=own,
        sessions=await admin.staffing.own.sessions(who),
        current=admin.staffing.sessions.digest(who.tenant, visitor.request.state.token),
        roles=ROLES,
        rights=RIGHTS,
        policy=admin.policy,
        refused=refused,
    )


def _is_secure(request: Request) -> bool:
    return bool(request.state.is_secure)
