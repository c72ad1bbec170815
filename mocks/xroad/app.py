"""An X-Road security server in REST mode: it checks who asks and for what, and passes the call on to the service.

Source: contract page `population_and_business.md`, 5.1 and 5.3. The signing and the transport between two security
servers are not shown: a consumer does not see them.
"""

from __future__ import annotations

import base64
import hashlib
import sys
import uuid
from collections.abc import Mapping
from urllib.parse import quote

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.errors import SettingNotKnown, UpstreamFailed
from mocks._kit.forward import Forwarder, Passed, end_to_end
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.xroad import errors, identifiers
from mocks.xroad.identifiers import Asked, XRoadRefusal

PORT = 7108
FAULTS = ("refuse", "xroad_error", "xroad_fault")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
ECHOED = ("x-road-userid", "x-road-issue", "x-road-represented-party")
NOT_PASSED = ("user-agent",)

DEFAULTS: dict[str, object] = {
    "upstreams": load(__file__)["upstreams"],  # service -> URL of the service
    "clients": [],  # registered X-Road-Client identifiers; empty: any well-formed one
    "denied": [],  # clients without the right to any service
    "disabled": [],  # services that are switched off
    "generation": "dotted",  # dotted | snake: how error codes are spelled
    "upstream_timeout_s": 60.0,
}


class SecurityServer:
    """The consumer's side of the platform."""

    def __init__(self, settings: Settings, forwarder: Forwarder) -> None:
        self._settings = settings
        self._forwarder = forwarder

    async def serve(self, request: Request) -> Response:
        try:
            if (on_demand := self._on_demand(request)) is not None:
                return on_demand
            return await self._pass(request)
        except XRoadRefusal as refusal:
            note(request, refused=refusal.code)
            code = errors.spelled(refusal.code, self._settings.text("generation"))
            return errors.rest_error(code, request.headers.get("accept", ""), refusal.message)

    def _on_demand(self, request: Request) -> Response | None:
        """A code named by the fault goes out as it is named."""
        default = errors.spelled(errors.DEFAULT, self._settings.text("generation"))
        if fault_of(request, "refuse"):
            raise XRoadRefusal("Server.ServerProxy.AccessDenied", "MOCK-XROAD refused on demand")
        if fault := fault_of(request, "xroad_error"):
            return errors.rest_error(fault.argument or default, request.headers.get("accept", ""))
        if fault := fault_of(request, "xroad_fault"):
            return errors.soap_fault(fault.argument or default)
        return None

    async def _pass(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode("latin-1")
        upstreams = self._settings.table("upstreams")
        client = identifiers.client(request.headers.getlist("x-road-client"), self._settings.texts("clients"))
        service = identifiers.asked(path, upstreams)
        self._check_rights(client, service)
        added = {"X-Road-Client": client, "X-Road-Request-Id": str(uuid.uuid4())}
        added["X-Road-Id"] = request.headers.get("x-road-id") or str(uuid.uuid4())
        note(request, client=client, service=service.service, request_id=added["X-Road-Request-Id"])
        response = await self._send(request, f"{upstreams[service.service]}/{service.rest}".rstrip("/"), added)
        note(request, upstream_status=response.status_code)
        response.headers.update({name: request.headers[name] for name in ECHOED if name in request.headers})
        response.headers.update(added)
        response.headers["X-Road-Service"] = quote(service.service)
        response.headers["X-Road-Request-Hash"] = request_hash(request.method, path, await request.body())
        return response

    def _check_rights(self, client: str, asked: Asked) -> None:
        if client in self._settings.texts("denied"):
            raise XRoadRefusal("Server.ServerProxy.AccessDenied", "MOCK-XROAD the client has no right to the service")
        if asked.service in self._settings.texts("disabled"):
            raise XRoadRefusal("Server.ServerProxy.ServiceDisabled", "MOCK-XROAD the service is switched off")

    async def _send(self, request: Request, url: str, added: Mapping[str, str]) -> Response:
        """User-defined headers go on as they came; a missing Accept becomes JSON."""
        kept = end_to_end(request.headers.items(), without=(*NOT_PASSED, *added))
        accept = [] if any(name == "accept" for name, _ in kept) else [("accept", "application/json")]
        passed = Passed(
            method=request.method,
            url=url,
            query=request.scope["query_string"].decode("latin-1"),
            headers=[*kept, *accept, *added.items()],
            body=await request.body(),
        )
        try:
            return await self._forwarder.send(passed, timeout_s=self._settings.number("upstream_timeout_s"))
        except UpstreamFailed as exc:
            raise XRoadRefusal("Server.ServerProxy.ServiceFailed.HttpError", f"MOCK-XROAD {exc}") from exc


def request_hash(method: str, path: str, body: bytes) -> str:
    """MOCK-REQUEST-HASH: Base64 of SHA-512, as the contract says; that it is over method, path and body is ours."""
    return base64.b64encode(hashlib.sha512(f"{method} {path}\n".encode() + body).digest()).decode()


def check(values: Mapping[str, object]) -> None:
    if values["generation"] not in errors.GENERATIONS:
        raise SettingNotKnown(f"generation is one of {', '.join(errors.GENERATIONS)}")


def create_app(
    settings: Mapping[str, object] | None = None,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """`transport` takes the place of real sockets towards the services."""
    switches = Settings(DEFAULTS, settings, check=check)
    server = SecurityServer(switches, Forwarder(transport))
    return build([Route("/{path:path}", server.serve, methods=METHODS)], name="xroad", settings=switches, faults=FAULTS)


if __name__ == "__main__":
    sys.exit(alone.main(["xroad", *sys.argv[1:]]))
