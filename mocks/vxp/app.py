"""The adapter of VDXP: `/XrdAdapter/RestService/forward/<provider path>?dstcode=…`, passed on to that provider.

Source: contract pages `population_and_business.md`, 1.1, and `national_portal.md`, 1.1 and 1.2. What the adapter
answers when it refuses is UNKNOWN: its errors are all ours and say so with `MOCK-VXP-…`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.errors import UpstreamFailed
from mocks._kit.forward import Forwarder, Passed, end_to_end
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.xroad import errors

PORT = 7107
FAULTS = ("refuse", "xroad_error", "xroad_fault")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
FORWARD = re.compile(r"/(?:XrdAdapter|VXPAdapter)/RestService/forward/(?P<provider>.*)")
DSTCODE = re.compile(r"[A-Za-z]{2}:(?:GOV:[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}|COM:[0-9]{10}):[A-Za-z0-9_.-]+")
"""Instance, class, agency code or tax code, subsystem (1.1)."""

DEFAULTS: dict[str, object] = {
    "upstreams": load(__file__)["upstreams"],  # dstcode -> base URL
    "dstcode_in": "both",  # both | query | header: where the adapter looks for it; which one does what is UNKNOWN
    "require_providerurl": False,
    "providerurls": {},  # dstcode -> the base URL that providerurl must name; none: any http address
    "upstream_timeout_s": 60.0,
}


class AdapterRefusal(Exception):  # noqa: N818 - names the fact
    """The adapter does not pass the call on; status, code and message are all ours."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the query: `raw` as it was sent, `name` and `value` decoded."""

    raw: str
    name: str
    value: str


class Adapter:
    """The way from the province to the providers."""

    def __init__(self, settings: Settings, forwarder: Forwarder) -> None:
        self._settings = settings
        self._forwarder = forwarder

    async def serve(self, request: Request) -> Response:
        try:
            if (on_demand := _on_demand(request)) is not None:
                return on_demand
            return await self._pass(request)
        except AdapterRefusal as refusal:
            note(request, refused=refusal.code)
            return JSONResponse({"error": refusal.code, "message": refusal.message}, refusal.status)

    async def _pass(self, request: Request) -> Response:
        matched = FORWARD.fullmatch(request.scope["raw_path"].decode("latin-1"))
        if matched is None:
            raise AdapterRefusal(404, "MOCK-VXP-PATH", "the path is not /XrdAdapter/RestService/forward/…")
        parameters = _parameters(request.scope["query_string"].decode("latin-1"))
        dstcode = self._dstcode(request, parameters)
        self._check_provider(_values(parameters, "providerurl"), dstcode)
        note(request, dstcode=dstcode, provider_path=matched["provider"])
        passed = Passed(
            method=request.method,
            url=f"{self._settings.table('upstreams')[dstcode].rstrip('/')}/{matched['provider']}",
            query="&".join(one.raw for one in parameters if one.name not in ("dstcode", "providerurl")),
            headers=end_to_end(request.headers.items(), without=("dstcode",)),
            body=await request.body(),
        )
        return await self._send(request, passed)

    def _dstcode(self, request: Request, parameters: Iterable[Parameter]) -> str:
        """The address of the provider, from where the switch says. Raises `AdapterRefusal`."""
        places = {"query": _values(parameters, "dstcode"), "header": set(request.headers.getlist("dstcode")) - {""}}
        wanted = self._settings.text("dstcode_in")
        found = {code for place, codes in places.items() for code in codes if wanted in ("both", place)}
        if len(found) != 1:
            raise AdapterRefusal(400, "MOCK-VXP-DSTCODE", "dstcode is missing, or there are two that differ")
        (dstcode,) = found
        if not DSTCODE.fullmatch(dstcode):
            raise AdapterRefusal(400, "MOCK-VXP-DSTCODE-FORM", "dstcode is not VN:GOV:<agency>:<subsystem>")
        if dstcode not in self._settings.table("upstreams"):
            raise AdapterRefusal(404, "MOCK-VXP-UNKNOWN", "no provider has this dstcode")
        return dstcode

    def _check_provider(self, urls: Collection[str], dstcode: str) -> None:
        """`providerurl` by the switches: there or not, an http address, the one agreed. Raises `AdapterRefusal`."""
        if not urls and self._settings.flag("require_providerurl"):
            raise AdapterRefusal(400, "MOCK-VXP-PROVIDERURL", "providerurl is missing")
        if not all(urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname for url in urls):
            raise AdapterRefusal(400, "MOCK-VXP-PROVIDERURL", "providerurl is no http address")
        agreed = self._settings.table("providerurls").get(dstcode, "").rstrip("/")
        if agreed and any(url.rstrip("/") != agreed for url in urls):
            raise AdapterRefusal(400, "MOCK-VXP-PROVIDERURL", "providerurl is not this provider's")

    async def _send(self, request: Request, passed: Passed) -> Response:
        try:
            response = await self._forwarder.send(passed, timeout_s=self._settings.number("upstream_timeout_s"))
        except UpstreamFailed as exc:
            raise AdapterRefusal(502, "MOCK-VXP-UPSTREAM", str(exc)) from exc
        note(request, upstream_status=response.status_code)
        return response


def _on_demand(request: Request) -> Response | None:
    """Whether the adapter passes X-Road's errors on is UNKNOWN: on demand it does."""
    if fault_of(request, "refuse"):
        raise AdapterRefusal(403, "MOCK-VXP-REFUSED", "refused on demand")
    if fault := fault_of(request, "xroad_error"):
        return errors.rest_error(fault.argument or errors.DEFAULT, request.headers.get("accept", ""))
    if fault := fault_of(request, "xroad_fault"):
        return errors.soap_fault(fault.argument or errors.DEFAULT)
    return None


def _parameters(query: str) -> list[Parameter]:
    split = [(part, *part.partition("=")[::2]) for part in query.split("&") if part]
    return [Parameter(part, unquote_plus(name), unquote_plus(value)) for part, name, value in split]


def _values(parameters: Iterable[Parameter], name: str) -> set[str]:
    return {parameter.value for parameter in parameters if parameter.name == name and parameter.value}


def create_app(
    settings: Mapping[str, object] | None = None,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """`transport` takes the place of real sockets towards the providers."""
    switches = Settings(DEFAULTS, settings)
    adapter = Adapter(switches, Forwarder(transport))
    return build([Route("/{path:path}", adapter.serve, methods=METHODS)], name="vxp", settings=switches, faults=FAULTS)


if __name__ == "__main__":
    sys.exit(alone.main(["vxp", *sys.argv[1:]]))
