"""Log in and out, and the language."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from gateway.api.peer import peer_of
from gateway.console import cookies
from gateway.console.failing import LOGIN
from gateway.console.nav import HOME
from gateway.console.view import desk_of, render
from gateway.console.visit import Visit, check_form, visit
from gateway.operators.entrance import Credentials
from gateway.operators.model import Right
from gateway.sdk.errors import GatewayError, NotAuthenticatedError

router = APIRouter()
PAGES = re.compile(r"/console(?:[/?][^\\\x00-\x1f\x7f]*)?")
"""From its very first letter: a browser takes `///console.example` for another site."""


class LogInForm(BaseModel):
    """What is asked of whoever wants in."""

    login: str = Field(max_length=100)
    password: str = Field(max_length=1000, repr=False)
    code: str = Field(max_length=100, repr=False)
    next: str = Field(default=HOME, max_length=2000)


class LanguageForm(BaseModel):
    """Which language, and where one was."""

    language: str = Field(pattern="^(vi|en)$")
    next: str = Field(default=HOME, max_length=2000)


@router.get(LOGIN, name="login")
async def login(request: Request, next_page: Annotated[str, Query(alias="next", max_length=2000)] = HOME) -> Response:
    """Whoever is in already is led on."""
    if request.state.operator is not None:
        return RedirectResponse(own_page(next_page), status_code=303)
    return log_in_page(request, wanted=own_page(next_page))


@router.post(LOGIN, name="log_in")
async def log_in(request: Request, form: Annotated[LogInForm, Form()]) -> Response:
    """Always a new session: one that was there before is over (rotation)."""
    desk, is_secure = desk_of(request), request.state.is_secure
    await check_form(request)
    said = Credentials(
        login=form.login,
        password=form.password,
        code=form.code,
        address=peer_of(request.scope).address,
        replaces=request.state.token,
    )
    try:
        opened = await desk.services.late().entrance.log_in(desk.services.tenant, said)
    except NotAuthenticatedError as exc:
        return log_in_page(request, wanted=own_page(form.next), refused=exc)
    response = RedirectResponse(own_page(form.next), status_code=303)
    cookies.write(response, cookies.SESSION, opened.token, is_secure=is_secure)
    cookies.drop(response, cookies.DOOR, is_secure=is_secure)
    return response


@router.post("/console/logout", name="log_out")
async def log_out(visitor: Annotated[Visit, Depends(visit(*Right))]) -> Response:
    """The session is over on the server, too."""
    request = visitor.request
    await visitor.desk.services.late().entrance.log_out(visitor.tenant, request.state.token)
    response = RedirectResponse(LOGIN, status_code=303)
    cookies.drop(response, cookies.SESSION, is_secure=request.state.is_secure)
    return response


@router.post("/console/language", name="choose_language")
async def choose_language(request: Request, form: Annotated[LanguageForm, Form()]) -> Response:
    """Kept in the browser alone."""
    await check_form(request)
    request.state.quiet = True
    response = RedirectResponse(own_page(form.next), status_code=303)
    cookies.remember_language(response, form.language, is_secure=request.state.is_secure)
    return response


def log_in_page(request: Request, *, wanted: str, refused: GatewayError | None = None) -> Response:
    """Tied to the browser by a door that lasts until it is closed; several tabs share it."""
    is_secure = request.state.is_secure
    door = cookies.read(request.headers, cookies.DOOR, is_secure=is_secure) or cookies.new_door()
    request.state.operator, request.state.secret = None, door
    status = refused.http_status if refused else 200
    facts = {"wanted": wanted, "refused": refused, "provider": desk_of(request).admin.provider is not None}
    response = render(request, "login.html", facts=facts, status=status)
    cookies.write(response, cookies.DOOR, door, is_secure=is_secure)
    return response


def own_page(wanted: str) -> str:
    """A page of ours, whatever the address said: nobody is led elsewhere."""
    is_ours = PAGES.fullmatch(wanted) is not None and wanted.partition("?")[0] != LOGIN
    return wanted if is_ours else HOME
