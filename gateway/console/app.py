"""The console in front of the API: what begins with `/console`, and the public pages; everything else is not."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api import problems
from gateway.console import pages
from gateway.console.addresses import PREFIXES
from gateway.console.desk import Desk
from gateway.console.edge import ConsoleEdge
from gateway.console.failing import failed
from gateway.console.view import HERE
from gateway.sdk.errors import GatewayError, NotFoundError, RequestError

MODULES = tuple(import_module(f"{pages.__name__}.{found.name}") for found in iter_modules(pages.__path__))
"""A module in `pages` is its registration; each has a `router`, and no address of one is taken for another's."""


class Console:
    """Pages for people; the rest goes on to `others`."""

    def __init__(self, desk: Desk, others: ASGIApp) -> None:
        self._pages = ConsoleEdge(build(), desk)
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["path"].startswith(PREFIXES)
        await (self._pages if is_page else self._others)(scope, receive, send)


def build() -> FastAPI:
    """The pages alone."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.mount("/console/static", _Static(directory=HERE / "static"), name="static")
    for module in MODULES:
        app.include_router(module.router)
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    return app


class _Static(StaticFiles):
    """Their addresses change with their content (`view.static`)."""

    def file_response(self, *args: object, **named: object) -> Response:
        response = super().file_response(*args, **named)  # type: ignore[arg-type]  # handed on as it came
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


async def _gateway_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, GatewayError)
    request.state.code = exc.error_code
    return failed(request.scope, exc)


async def _validation_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    return await _gateway_error(request, problems.of_validation(exc.errors()))


async def _http_exception(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    error: RequestError = NotFoundError("There is no such page.", vi="Không có trang này.")
    if exc.status_code != 404:
        error = RequestError("The browser asked in a way that this page does not take.", vi="Yêu cầu không phù hợp.")
    response = await _gateway_error(request, error)
    response.status_code = exc.status_code
    return response
