"""NGSP, or a provincial LGSP: an API gateway that checks the token of a call and passes it on to the system behind.

Source: contract page `population_and_business.md`, 1, 2 and 7. Which product and version NGSP runs is UNKNOWN; the
faults are those of WSO2.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.errors import UpstreamFailed
from mocks._kit.forward import Forwarder, Passed, address, end_to_end, longest
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.wso2 import dialects
from mocks.wso2.dialects import CREDENTIALS, Desk
from mocks.wso2.tokens import BLOCKED, INVALID, NO_RESOURCE, STATUS, THROTTLED, TokenDesk

PORT = 7106
FAULTS = ("refuse", "expire_token", "throttled", "wso2_fault")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

DEFAULTS: dict[str, object] = {
    "dialect": "T1",  # T1 | T2 | T3 | T4 | T6
    "token_paths": {"T1": "/token", "T2": "/getToken", "T3": "/api/v1/Authentication/Token"},  # T2's is MOCK-PATHS
    "consumer_key": "demo_key",  # T1
    "consumer_secret": "demo_secret",
    "lgsp_keys": load(__file__)["lgsp_keys"],  # T2
    "auth_key": "demo_auth_key",  # T3
    "bearer": "demo_bearer",  # T6
    "expires_in": 3600,  # seconds
    "token_epoch": 0,  # change it, and every token issued so far is revoked
    "fault_format": "json",  # json | xml
    "tolerate_content_type": False,  # the token call may come without its form Content-Type
    "blocked": [],  # path prefixes whose API is blocked (700700)
    "upstreams": load(__file__)["upstreams"],  # path prefix -> base URL that takes its place
    "upstream_timeout_s": 60.0,
}


class ApiGateway:
    """The platform: its tokens, and the way on."""

    def __init__(self, settings: Settings, clock: Clock, forwarder: Forwarder) -> None:
        self._settings = settings
        self._forwarder = forwarder
        self.tokens = TokenDesk(settings, clock)
        self._desk = Desk(settings, self.tokens)

    async def serve(self, request: Request) -> Response:
        if self._desk.is_token_call(request.method, request.url.path):
            return await self._token(request)
        refusal = self._on_demand(request) or self._desk.refusal(request.headers) or self._blocked(request)
        if refusal is not None:
            note(request, dialect=self._desk.dialect, passed=False)
            return refusal
        return await self._pass(request)

    async def _token(self, request: Request) -> Response:
        response = self._desk.issue(request.headers, (await request.body()).decode("utf-8", errors="replace"))
        note(request, token_request=self.tokens.requests, issued=response.status_code == 200)
        return response

    def _on_demand(self, request: Request) -> Response | None:
        """The faults of the platform's own that a data call can meet."""
        if fault_of(request, "expire_token"):
            self.tokens.revoke_all()
            return self.tokens.fault(INVALID)
        if fault_of(request, "refuse"):
            return self.tokens.fault(BLOCKED)
        if fault := fault_of(request, "throttled"):
            response = self.tokens.fault(THROTTLED)
            response.headers.update({"Retry-After": fault.argument} if fault.argument else {})
            return response
        if fault := fault_of(request, "wso2_fault"):
            return self._named(fault.argument)
        return None

    def _named(self, code: str) -> Response:
        what = next((what for what in STATUS if str(what[0]) == code), None)
        if what is None:
            return JSONResponse({"error": "MOCK-UNKNOWN-FAULT", "message": "no such code on the contract page"}, 400)
        return self.tokens.fault(what)

    def _blocked(self, request: Request) -> Response | None:
        if longest(self._settings.texts("blocked"), request.url.path) is None:
            return None
        return self.tokens.fault(BLOCKED)

    async def _pass(self, request: Request) -> Response:
        url = address(self._settings.table("upstreams"), request.scope["raw_path"].decode("latin-1"))
        note(request, dialect=self._desk.dialect, passed=url is not None)
        if url is None:
            return self.tokens.fault(NO_RESOURCE)
        passed = Passed(
            method=request.method,
            url=url,
            query=request.scope["query_string"].decode("latin-1"),
            headers=end_to_end(request.headers.items(), without=CREDENTIALS[self._desk.dialect]),
            body=await request.body(),
        )
        try:
            response = await self._forwarder.send(passed, timeout_s=self._settings.number("upstream_timeout_s"))
        except UpstreamFailed as exc:
            note(request, upstream_failed=True)
            return JSONResponse({"fault": {"code": "MOCK-UPSTREAM", "message": "MOCK", "description": str(exc)}}, 502)
        note(request, upstream_status=response.status_code)
        return response


def create_app(
    settings: Mapping[str, object] | None = None,
    *,
    clock: Clock = utc_now,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """`transport` takes the place of real sockets towards the systems behind."""
    switches = Settings(DEFAULTS, settings, check=dialects.check)
    gateway = ApiGateway(switches, clock, Forwarder(transport))
    route = Route("/{path:path}", gateway.serve, methods=METHODS)
    return build([route], name="wso2", settings=switches, faults=FAULTS, reset=gateway.tokens.forget)


if __name__ == "__main__":
    sys.exit(alone.main(["wso2", *sys.argv[1:]]))
