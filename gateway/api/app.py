"""The HTTP application: endpoints inside the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp

from gateway.api import problems
from gateway.api.edge import Edge
from gateway.api.late import Late
from gateway.api.lean import Shortcuts
from gateway.api.openapi import DESCRIPTION, TITLE
from gateway.api.routes import bills, dossiers, files, health, inbound, lookups, payer, payments
from gateway.api.schemas.problem import ProblemOut
from gateway.api.services import Services
from gateway.clients.idempotency import LONGEST_KEY
from gateway.sdk.errors import GatewayError, NotFoundError, RequestError

VERSION = "1.0.0"
FIRST = tuple(module.router for module in (health, lookups, bills, payments, dossiers, files, inbound, payer))
"""What is asked all day, loaded with the program. No address of theirs is one of the others, too. The first probe waits
for nothing that routers make when they are first looked through: `health` stands before them."""


def create_app(services: Services, *, lean: bool = True) -> ASGIApp:
    """The application with everything around it. What few callers ask for is loaded when the first one asks. Without
    `lean` all of it is there at once, and every request goes through FastAPI, which is slower and answers the same:
    what the tests compare with."""
    if not lean:
        return Edge(build(services), services)
    first = _build(services, FIRST, document=None)
    first.router.default = Late(lambda: _rest(services))
    return Edge(first, services, shortcuts=Shortcuts(FIRST))


def _rest(services: Services) -> FastAPI:
    services.late()  # beside the loop, as all of it
    return build(services)


def build(services: Services | None) -> FastAPI:
    """All endpoints, without anything around them. Without services it can still describe itself (`openapi()`)."""
    from gateway.api.whole import ROUTERS  # takes as long to load as all that is asked every day

    app = _build(services, ROUTERS, document="/openapi.json")
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend the document
    return app


def _build(services: Services | None, routers: Sequence[APIRouter], *, document: str | None) -> FastAPI:
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=VERSION,
        openapi_url=document,
        docs_url=None,  # its pages load scripts from elsewhere; a province's network has no elsewhere
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.services = services
    app.state.routers = routers
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    return app


def _document(app: FastAPI) -> dict[str, object]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        model = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(model.pop("$defs", {}))
        schemas["ProblemOut"] = model
        _require_key(document)
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        app.openapi_schema = document
    return app.openapi_schema


def _require_key(document: Mapping[str, Any]) -> None:
    """The key is optional to FastAPI alone, so that its absence is our 400 and not a 422."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for parameter in (parameter for operation in operations for parameter in operation.get("parameters", ())):
        if parameter["name"] == "Idempotency-Key":
            schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]([ -~]*[!-~])?$"}
            parameter.update(required=True, schema=schema)


async def _gateway_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, GatewayError)
    request.state.code = exc.error_code
    content = problems.problem(exc, trace_id=request.state.trace.trace_id)
    return Response(content, status_code=exc.http_status, headers=problems.headers(exc))


async def _validation_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    return await _gateway_error(request, problems.of_validation(exc.errors()))


async def _http_exception(request: Request, exc: Exception) -> Response:
    """What Starlette answers by itself: no such path, no such method, a body it cannot read."""
    assert isinstance(exc, HTTPException)
    error: RequestError = NotFoundError("There is nothing at this address.", vi="Không có gì ở địa chỉ này.")
    if exc.status_code == 405:
        error = _MethodError("This address does not take that method.", vi="Địa chỉ này không nhận phương thức đó.")
    elif exc.status_code != 404:
        error = RequestError("The body could not be read.", vi="Không đọc được nội dung.", what="malformed_json")
    response = await _gateway_error(request, error)
    response.headers.update(exc.headers or {})
    if exc.status_code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return response


def _methods(request: Request) -> set[str]:
    """Of every route at this address: Starlette names those of the first one only."""
    routers = request.app.state.routers
    routes = [
        route for router in routers for route in router.routes if route.matches(request.scope)[0] is not Match.NONE
    ]
    return {method for route in routes for method in getattr(route, "methods", None) or ()}


class _MethodError(RequestError):
    code = "caller.method_not_allowed"
    http_status = 405
    title_vi = "Phương thức không được hỗ trợ"
