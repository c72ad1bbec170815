"""The HTTP application: endpoints inside the edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp

from gateway.api import problems
from gateway.api.edge import Edge
from gateway.api.lean import Shortcuts
from gateway.api.openapi import DESCRIPTION, TITLE
from gateway.api.routes import (
    agreements,
    arrivals,
    audit,
    bills,
    dossiers,
    evidence,
    feedback,
    files,
    health,
    inbound,
    lookups,
    operators,
    payer,
    payments,
    privacy,
    procedures,
    receipts,
    rechecks,
    refunds,
    registers,
    vouchers,
)
from gateway.api.schemas.problem import ProblemOut
from gateway.api.services import Services
from gateway.clients.idempotency import LONGEST_KEY
from gateway.sdk.errors import GatewayError, NotFoundError, RequestError

VERSION = "1.0.0"
MODULES = (
    health,  # before the others: the first probe waits for nothing that they make when they are first looked through
    lookups,
    rechecks,
    bills,
    payments,
    refunds,
    receipts,
    vouchers,
    dossiers,
    registers,
    procedures,
    feedback,
    files,
    arrivals,
    inbound,
    payer,
    operators,
    evidence,
    audit,
    privacy,
    agreements,
)
ROUTERS = tuple(module.router for module in MODULES)


def create_app(services: Services, *, lean: bool = True) -> ASGIApp:
    """The application with everything around it. Without `lean` every request goes through FastAPI, which is slower and
    answers the same: what the tests compare with."""
    return Edge(build(services), services, shortcuts=Shortcuts(ROUTERS) if lean else None)


def build(services: Services | None) -> FastAPI:
    """The endpoints alone. Without services it can still describe itself (`openapi()`)."""
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=VERSION,
        openapi_url="/openapi.json",
        docs_url=None,  # its pages load scripts from elsewhere; a province's network has no elsewhere
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.services = services
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend the document
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
    routes = [
        route for router in ROUTERS for route in router.routes if route.matches(request.scope)[0] is not Match.NONE
    ]
    return {method for route in routes for method in getattr(route, "methods", None) or ()}


class _MethodError(RequestError):
    code = "caller.method_not_allowed"
    http_status = 405
    title_vi = "Phương thức không được hỗ trợ"
