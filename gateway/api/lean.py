"""The short way to the endpoints that are called most: the same declaration, the same checks, without what FastAPI does
anew for each request.

A route of this class is an ordinary one for the OpenAPI document and for FastAPI itself, and the oracle of the tests:
what is answered here is what FastAPI would answer, byte for byte. What is known before a request comes is found out
once, when the route is declared. The steps are FastAPI's in its order: the caller is checked, the path, the headers and
the body are validated by FastAPI's own fields, the endpoint is called, its answer is written by the field of its model.
What is left out: a stack of middlewares and exit stacks that nothing here uses, a search along all routes, a second
reading of the body, dependencies found out again, a model that is valid validated again.

A declaration that says more than this class understands stops the program at once (`ConfigurationError`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import ResponseValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined
from starlette.convertors import StringConvertor
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import Scope

from gateway.api import problems
from gateway.api.access import admitted
from gateway.api.reply import Reply
from gateway.api.services import Services
from gateway.sdk.errors import ConfigurationError

NOTHING: Any = PydanticUndefined
"""The value of a body that is none."""

_LEFT_ALONE = ("query_params", "cookie_params")
_NOT_HANDED_OVER = (
    "request_param_name",
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)
_AS_USUAL = {
    "response_model_include": None,
    "response_model_exclude": None,
    "response_model_by_alias": True,
    "response_model_exclude_unset": False,
    "response_model_exclude_defaults": False,
    "response_model_exclude_none": False,
    "max_body_size": None,
    "is_sse_stream": False,
    "is_json_stream": False,
}


class LeanRoute(APIRoute):
    """One endpoint. It takes a caller (`allowed`), parts of the path, headers and one body of JSON; it answers a model
    or a `Response`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _check(self)
        caller = self.dependant.dependencies[0]
        self._caller = str(caller.name)
        self._scopes = caller.call.scopes  # type: ignore[union-attr]  # `_check` has seen it
        self._takes = _model_of(self.body_field)
        self._answers = _model_of(self.response_field)
        self._status = self.status_code or 200

    async def answer(self, scope: Scope, services: Services, value: Any) -> Reply:
        """`value` is what the body says; `scope` has the parts of the path. `GatewayError` where FastAPI would have
        had it turned into an answer."""
        scope["route"], scope["endpoint"] = self, self.endpoint
        request = Request(scope)
        values = {self._caller: await admitted(request, services, self._scopes)}
        errors: list[Any] = []
        parts = self.dependant
        for fields, received in ((parts.path_params, request.path_params), (parts.header_params, request.headers)):
            if fields:
                found, wrong = request_params_to_args(fields, received)
                values |= found
                errors += wrong
        if self.body_field:
            values[self.body_field.name], wrong = self._body(value)
            errors += wrong
        if errors:
            raise problems.of_validation(errors)
        return self._said(await self.endpoint(**values))

    def _body(self, value: Any) -> tuple[Any, list[Any]]:
        field = self.body_field
        if field is None or (value is NOTHING and field.field_info.is_required()):
            return None, [{"type": "missing", "loc": ("body",)}]
        if self._takes is not None:
            with contextlib.suppress(ValidationError):  # what is wrong, and where, is the field's to say
                return self._takes.__pydantic_validator__.validate_python(value, from_attributes=True), []
        return field.validate(value, {}, loc=("body",))

    def _said(self, found: Any) -> Reply:
        field = self.response_field
        if isinstance(found, Response) or field is None:
            return Reply.of(found)  # what says no model answers a `Response`, as `_check` saw
        if self._answers is not None and type(found) is self._answers:  # a model that was made, hence valid
            return Reply.json(self._status, self._answers.__pydantic_serializer__.to_json(found, by_alias=True))
        found, errors = field.validate(found, {}, loc=("response",))
        if errors:
            raise ResponseValidationError(errors=errors)
        return Reply.json(self._status, field.serialize_json(found))


class Shortcuts:
    """Finds the lean route of a request, if it has one."""

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        """`ConfigurationError` when another route could be meant by the same address: the first that is declared would
        be taken by FastAPI, and not here."""
        routes = [route for router in routers for route in router.routes]
        lean = [route for route in routes if isinstance(route, LeanRoute)]
        for route in lean:
            if any(_same(route, other) for other in routes if other is not route):
                raise _not_lean(route, "its address is not its own")
        self._exact: dict[tuple[str, str], LeanRoute] = {}
        self._shaped: dict[tuple[str, int], list[LeanRoute]] = {}
        for method, route in ((method, one) for one in lean for method in one.methods or ()):
            if route.param_convertors:
                self._shaped.setdefault((method, route.path.count("/")), []).append(route)
            else:
                self._exact[method, route.path] = route

    def find(self, scope: Scope) -> LeanRoute | None:
        """Leaves the parts of the path in `scope`."""
        method, path = scope["method"], scope["path"]
        if found := self._exact.get((method, path)):
            scope["path_params"] = {}
            return found
        for route in self._shaped.get((method, path.count("/")), ()):
            if match := route.path_regex.match(path):
                scope["path_params"] = match.groupdict()
                return route
        return None


def _model_of(field: Any) -> type[BaseModel] | None:
    return field.field_info.annotation if field else None


def _check(route: LeanRoute) -> None:
    takes, gives = route.dependant, route.response_field
    if any(getattr(takes, name) for name in (*_LEFT_ALONE, *_NOT_HANDED_OVER)):
        raise _not_lean(route, "it takes more than a caller, parts of the path, headers and a body")
    if len(takes.dependencies) != 1 or not _is_caller(takes.dependencies[0]):
        raise _not_lean(route, "it does not take one caller")
    if any(not isinstance(convertor, StringConvertor) for convertor in route.param_convertors.values()):
        raise _not_lean(route, "a part of its path is not a word")
    if len(takes.body_params) > 1 or route._embed_body_fields or not _is_model(route.body_field):
        raise _not_lean(route, "its body is not one model")
    if not _is_model(gives) or any(getattr(route, name) != usual for name, usual in _AS_USUAL.items()):
        raise _not_lean(route, "it does not answer a model as it is")
    if gives is None and route.endpoint.__annotations__.get("return") not in {Response, "Response"}:
        raise _not_lean(route, "it does not say what it answers")
    if route.status_code not in {None, 200, 201, 202}:
        raise _not_lean(route, "its status may have no body")


def _is_caller(dependency: Dependant) -> bool:
    return bool(getattr(dependency.call, "scopes", ())) and dependency.name is not None


def _is_model(field: Any) -> bool:
    """Or nothing at all."""
    annotation = _model_of(field) if field else BaseModel
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _same(route: LeanRoute, other: BaseRoute) -> bool:
    """Whether a request could be meant for either."""
    if not isinstance(other, APIRoute):
        return True  # what it takes is not said in a way that we could compare
    if not (route.methods or set()) & (other.methods or set()):
        return False
    ours, theirs = route.path.split("/"), other.path.split("/")
    if ":path}" in other.path:
        ours, theirs = ours[: len(theirs) - 1], theirs[:-1]
    return len(ours) == len(theirs) and all(a == b or "{" in a + b for a, b in zip(ours, theirs, strict=True))


def _not_lean(route: LeanRoute, why: str) -> ConfigurationError:
    return ConfigurationError(f"{route.operation_id} cannot be a lean route: {why}.", what="lean_route")
