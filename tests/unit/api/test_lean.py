"""The short way answers as FastAPI does: the same request to the same application, built both ways, the oracle beside
the oracle. And what it does not understand stops the program."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from operations import DOCUMENT, OPERATIONS, Operation
from province import TENANT, Province
from services import NOW, ListedRecorder, atomically

from gateway.api.access import Caller, allowed
from gateway.api.app import create_app
from gateway.api.batch import answered
from gateway.api.lean import LeanRoute, Shortcuts
from gateway.api.schemas.base import PurposeIn
from gateway.api.schemas.dossiers import TakenOut
from gateway.api.whole import ROUTERS
from gateway.clients.idempotency import Once
from gateway.clients.memory_answers import MemoryAnswers
from gateway.clients.model import Scope
from gateway.clients.together import Together
from gateway.dossiers.batches import Batches
from gateway.dossiers.model import ToldStep
from gateway.sdk import ConfigurationError, GatewayError

LEAN = {route.operation_id: route for router in ROUTERS for route in router.routes if isinstance(route, LeanRoute)}
OURS = [operation for operation in OPERATIONS if operation.name in LEAN]
TRACE = {"traceparent": f"00-{'a1' * 16}-{'b2' * 8}-01", "tracestate": "motcua=1"}
JSON = {"Content-Type": "application/json"}
ODD: list[Any] = [
    None,
    "",
    0,
    -1,
    1.5,
    10**30,
    True,
    [],
    {},
    {"a": 1},
    ["x"],
    "x" * 5000,
    "a\0b",
    "Trần\u0300 Thị",
    " 099185000001 ",
    "2026-13-45",
    "\ud800",
]
each = pytest.mark.parametrize("operation", OURS, ids=str)
each_bodied = pytest.mark.parametrize("operation", [operation for operation in OURS if operation.body], ids=str)


class Kept:
    """A service that says the same thing again to whoever asks the same, be it an answer or an error."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._said: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._inner, name)

        async def call(*given: Any, context: Any, **named: Any) -> Any:
            asked = repr((name, given, named, context.actor, context.purpose, context.subjects))
            if asked not in self._said:
                try:
                    self._said[asked] = await method(*given, context=context, **named)
                except GatewayError as exc:
                    self._said[asked] = exc
            if isinstance(self._said[asked], Exception):
                raise self._said[asked]
            return self._said[asked]

        return call


class Apart:
    """Steps that come together, one by one: so they can be `Kept`."""

    def __init__(self, dossiers: Any) -> None:
        self._dossiers = dossiers

    async def add_together(self, steps: Sequence[ToldStep]) -> list[Any]:
        return [
            taken
            for step in steps
            for taken in await self._dossiers.add_events([(step.code, step.event)], context=step.context)
        ]


class Way:
    """The application built one way, with a log and kept answers of its own."""

    def __init__(self, services: Any, *, lean: bool) -> None:
        self.recorder = ListedRecorder()
        once = Once(MemoryAnswers(), clock=lambda: NOW)
        dossiers: Any = Apart(services.dossiers)
        steps: Together[ToldStep] = Together(
            MemoryAnswers(), act=partial(answered, dossiers), atomically=atomically, clock=lambda: NOW
        )
        batches = Batches(services.dossiers, atomically=atomically)
        own = replace(services, recorder=self.recorder, once=once, steps=steps, batches=batches, clock=lambda: NOW)
        transport = httpx.ASGITransport(create_app(own, lean=lean))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://gateway")

    async def ask(self, method: str, path: str, content: bytes | None, headers: Sequence[tuple[str, bytes]]) -> Any:
        self.recorder.entries.clear()
        answer = await self.client.request(
            method, path, content=content, headers=[(name.encode(), value) for name, value in headers]
        )
        return answer.status_code, answer.headers.raw, answer.content, self.recorder.entries[:]


class Both:
    """The two ways, and a key."""

    def __init__(self, province: Province, key: str) -> None:
        kept = {name: Kept(getattr(province.services, name)) for name in ("lookups", "dossiers", "payments", "refunds")}
        services: Any = replace(province.services, **kept)
        self.key = key
        self.lean, self.plain = Way(services, lean=True), Way(services, lean=False)

    async def same(
        self, operation: Operation, content: bytes | None = None, *, without: str = "", **changes: str
    ) -> tuple[int, bytes]:
        """Ask both, hold one answer against the other, and return it."""
        headers = {**TRACE, "Authorization": f"Bearer {self.key}", **(JSON if content or operation.body else {})}
        headers |= {"Idempotency-Key": "K1"} if operation.takes_key else {}
        headers |= {name.replace("_", "-"): value for name, value in changes.items() if name not in {"method", "path"}}
        given = [(name, value.encode("latin-1")) for name, value in headers.items() if name != without]
        method, path = changes.get("method", operation.method), changes.get("path", operation.path)
        content = operation.content if content is None else content
        lean = await self.lean.ask(method, path, content, given)
        assert lean == await self.plain.ask(method, path, content, given)
        return lean[0], lean[2]


@pytest.fixture
async def both(province: Province) -> Both:
    return Both(province, await province.issue())


def changed(body: Any, path: tuple[Any, ...] = ()) -> Iterator[Any]:
    """The body with each part of it missing, or replaced by something odd, in turn."""
    inside = body
    for part in path:
        inside = inside[part]
    pairs = inside.items() if isinstance(inside, dict) else enumerate(inside) if isinstance(inside, list) else ()
    for key, _ in pairs:
        for odd in (..., *ODD):
            fresh = copy.deepcopy(body)
            place = fresh
            for part in path:
                place = place[part]
            if odd is ...:
                del place[key]
            else:
                place[key] = odd
            yield fresh
        yield from changed(body, (*path, key))


def test_the_calls_that_are_many_are_lean() -> None:
    assert {"verify_citizen", "lookup_citizen", "lookup_enterprise", "put_dossier", "create_payment"} <= LEAN.keys()
    assert {"add_status_event", "add_status_events"} <= LEAN.keys()


@each
async def test_the_example_is_answered_alike(both: Both, operation: Operation) -> None:
    if operation.path.startswith("/v1/dossiers/"):
        await both.same(next(other for other in OURS if other.name == "put_dossier"))
    assert (await both.same(operation))[0] < 400
    assert (await both.same(operation))[0] < 400  # once more: kept answers, and dossiers that are known
    assert both.lean.recorder.entries == both.plain.recorder.entries


@each_bodied
async def test_whatever_is_wrong_in_a_body_is_told_alike(both: Both, operation: Operation) -> None:
    statuses = set()
    for number, body in enumerate(changed(operation.body)):
        content = json.dumps(body).encode()
        statuses.add((await both.same(operation, content, Idempotency_Key=f"K{number}"))[0])
    assert 422 in statuses


BAD = [b"", b"null", b"[]", b'"x"', b"1", b"{", b"{}", b'{"a": 1, "a": 1}', b'{"a": NaN}', b"\xff", b"\xef\xbb\xbf{}"]
BAD += [b"[" * 5000, b'{"\\ud800": 1}', b" ", b'{"a":' * 300 + b"1" + b"}" * 300, b"x" * 200_000]


@each_bodied
@pytest.mark.parametrize("content", BAD, ids=[repr(content[:12]) for content in BAD])
async def test_what_is_no_body_is_refused_alike(both: Both, operation: Operation, content: bytes) -> None:
    assert (await both.same(operation, content))[0] >= 400


@each
async def test_who_may_not_is_refused_alike(both: Both, province: Province, operation: Operation) -> None:
    assert (await both.same(operation, without="Authorization"))[0] == 401
    assert (await both.same(operation, Authorization=f"Bearer lt_{TENANT}_motcua_{'0' * 48}"))[0] == 401
    assert (await both.same(operation, b"{", Authorization="Basic eA=="))[0] in {400, 401}
    key = await province.issue("other", Scope.FEEDBACK)
    assert (await both.same(operation, b"{}", Authorization=f"Bearer {key}"))[0] == 403
    elsewhere = await province.issue("elsewhere", agencies=("000.00.09.H99",))
    await both.same(operation, Authorization=f"Bearer {elsewhere}")


@each
async def test_headers_are_read_alike(both: Both, operation: Operation) -> None:
    for kind in (
        "text/plain",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json;charset=latin1",
    ):
        await both.same(operation, Content_Type=kind)
    await both.same(operation, without="Content-Type")
    await both.same(operation, Content_Encoding="gzip")
    await both.same(operation, without="Idempotency-Key")
    for key in ("", '"quoted"', "x" * 300, "\xe1"):
        await both.same(operation, Idempotency_Key=key)


@each
async def test_addresses_and_methods_are_told_apart_alike(both: Both, operation: Operation) -> None:
    for method in ("GET", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"):
        await both.same(operation, method=method)
    for tail in ("/", "?a=1", "%0A", "//", "/x", "%2F", "%20"):
        await both.same(operation, path=operation.path + tail)
    if "{" in LEAN[operation.name].path:
        for part in ("x", "%20", "000.00.05.H99-261123-0007%0A", "Trần"):
            await both.same(
                operation, path=LEAN[operation.name].path.replace("{", "").replace("}", "").replace("code", part)
            )


@pytest.mark.parametrize("path", [re.sub(r"{\w+}", "x", path) for path in DOCUMENT["paths"]])
async def test_what_is_loaded_when_it_is_asked_for_answers_alike(both: Both, path: str) -> None:
    """Also by whatever method: `Allow` names those of all endpoints at an address."""
    for method in ("GET", "PUT", "POST", "DELETE", "PATCH"):
        await both.same(OURS[0], b"", without="Authorization", method=method, path=path)


@each
async def test_what_fails_on_our_side_is_told_alike(
    both: Both, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(Kept, "__getattr__", lambda self, name: broken)
    status, content = await both.same(operation)
    assert status == 500
    assert json.loads(content)["code"] == "ours.unexpected"


def endpoint(path: str = "/v1/x", **said: Any) -> Callable[[Callable[..., Any]], APIRouter]:
    def declare(function: Callable[..., Any]) -> APIRouter:
        router = APIRouter(route_class=LeanRoute)
        router.post(path, operation_id="x", **said)(function)
        return router

    return declare


Who = Annotated[Caller, Depends(allowed(Scope.CITIZENS))]


class TestWhatIsNotUnderstoodStopsTheProgram:
    def test_what_is_understood(self) -> None:
        async def fine(caller: Who, body: PurposeIn, key: Annotated[str | None, Header()] = None) -> TakenOut: ...

        assert len(endpoint()(fine).routes) == 1

    def test_parameters(self) -> None:
        async def query(caller: Who, page: Annotated[int, Query()]) -> TakenOut: ...
        async def request(caller: Who, request: Request) -> TakenOut: ...
        async def nobody(body: PurposeIn) -> TakenOut: ...
        async def others(caller: Who, other: Who) -> TakenOut: ...
        async def two(caller: Who, one: PurposeIn, other: PurposeIn) -> TakenOut: ...
        async def listed(caller: Who, body: list[PurposeIn]) -> TakenOut: ...

        for function in (query, request, nobody, others, two, listed):
            with pytest.raises(ConfigurationError):
                endpoint()(function)

    def test_answers(self) -> None:
        async def listed(caller: Who) -> list[TakenOut]: ...
        async def nothing(caller: Who) -> None: ...
        async def unsaid(caller: Who): ...  # type: ignore[no-untyped-def]  # which is the point
        async def model(caller: Who) -> TakenOut: ...
        async def raw(caller: Who) -> Response: ...

        for function in (listed, nothing, unsaid):
            with pytest.raises(ConfigurationError):
                endpoint()(function)
        for said in ({"status_code": 206}, {"response_model_exclude_none": True}, {"response_model_by_alias": False}):
            with pytest.raises(ConfigurationError):
                endpoint(**said)(model)
        assert endpoint()(raw).routes

    def test_a_part_of_the_path_that_is_more_than_a_word(self) -> None:
        async def whole(caller: Who, name: str) -> TakenOut: ...

        with pytest.raises(ConfigurationError):
            endpoint("/v1/{name:path}")(whole)

    @pytest.mark.parametrize("other", ["/v1/{name}", "/v1/x", "/{name:path}", "/v1/{name:path}"])
    def test_an_address_that_is_another_routes_too(self, other: str) -> None:
        async def mine(caller: Who) -> TakenOut: ...
        async def theirs(name: str = "") -> TakenOut: ...

        plain = APIRouter()
        plain.post(other)(theirs)
        with pytest.raises(ConfigurationError):
            Shortcuts([plain, endpoint()(mine)])
