"""The VDXP adapter mock: where dstcode may stand, what is refused, and what reaches the provider."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.errors import ConnectionCut
from mocks.vxp import app as vxp

DSTCODE = "VN:GOV:000.00.00.G99:csdldc"
PROVIDER = "https://provider.example/base"
FORWARD = "/XrdAdapter/RestService/forward"


async def echo(request: Request) -> Response:
    if request.url.path.endswith("/gone"):
        raise ConnectionCut("the provider hangs up")
    body = (await request.body()).decode()
    told = {"path": request.url.path, "query": request.url.query, "headers": dict(request.headers), "body": body}
    return JSONResponse(told, 207)


def adapter(**settings: Any) -> Starlette:
    behind = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    given = {"upstreams": {DSTCODE: "http://behind/base"}, **settings}
    return vxp.create_app(given, transport=httpx.ASGITransport(behind))


@pytest.mark.parametrize("name", ["XrdAdapter", "VXPAdapter"])
async def test_a_call_reaches_the_provider_under_either_name_of_the_adapter(before: Any, name: str) -> None:
    url = f"/{name}/RestService/forward/csdldc/Tra%20Cuu?a=1&dstcode={DSTCODE}&b=%26"
    headers = {"Authorization": "Basic eA==", "Timestamp": "1"}
    reply = await before(adapter()).post(url, content="<a/>", headers=headers)
    told = reply.json()
    assert (reply.status_code, told["path"], told["query"]) == (207, "/base/csdldc/Tra Cuu", "a=1&b=%26")
    assert (told["body"], told["headers"]["authorization"], told["headers"]["timestamp"]) == ("<a/>", "Basic eA==", "1")


async def test_the_dstcode_may_be_a_header_and_goes_no_further(before: Any) -> None:
    told = (await before(adapter()).get(f"{FORWARD}/x?a=1", headers={"dstcode": DSTCODE})).json()
    assert (told["path"], told["query"], "dstcode" in told["headers"]) == ("/base/x", "a=1", False)


@pytest.mark.parametrize(("wanted", "by_query", "by_header"), [("query", 207, 400), ("header", 400, 207)])
async def test_an_adapter_that_takes_one_place_refuses_the_other(
    before: Any, wanted: str, by_query: int, by_header: int
) -> None:
    client = before(adapter(dstcode_in=wanted))
    assert (await client.get(f"{FORWARD}/x?dstcode={DSTCODE}")).status_code == by_query
    assert (await client.get(f"{FORWARD}/x", headers={"dstcode": DSTCODE})).status_code == by_header


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "MOCK-VXP-DSTCODE"),
        ("?dstcode=", 400, "MOCK-VXP-DSTCODE"),
        (f"?dstcode={DSTCODE}&dstcode=VN:GOV:000.00.00.G98:other", 400, "MOCK-VXP-DSTCODE"),
        ("?dstcode=VN/GOV/000.00.00.G99/csdldc", 400, "MOCK-VXP-DSTCODE-FORM"),
        ("?dstcode=VN:GOV:G99:csdldc", 400, "MOCK-VXP-DSTCODE-FORM"),
        ("?dstcode=VN:GOV:000.00.00.G99", 400, "MOCK-VXP-DSTCODE-FORM"),
        ("?dstcode=VN:GOV:000.00.00.G98:other", 404, "MOCK-VXP-UNKNOWN"),
        ("?dstcode=VN:COM:9900000016:other", 404, "MOCK-VXP-UNKNOWN"),
    ],
)
async def test_a_dstcode_that_names_no_provider_is_refused(before: Any, query: str, status: int, code: str) -> None:
    reply = await before(adapter()).get(f"{FORWARD}/x{query}")
    assert (reply.status_code, reply.json()["error"]) == (status, code)


@pytest.mark.parametrize("path", ["/x", "/XrdAdapter/RestService/x", "/Other/RestService/forward/x"])
async def test_a_path_that_is_not_the_adapters_is_refused(before: Any, path: str) -> None:
    reply = await before(adapter()).get(f"{path}?dstcode={DSTCODE}")
    assert (reply.status_code, reply.json()["error"]) == (404, "MOCK-VXP-PATH")


@pytest.mark.parametrize(
    ("settings", "providerurl", "status"),
    [
        ({}, None, 207),
        ({}, PROVIDER, 207),
        ({}, "provider.example", 400),
        ({}, "ftp://provider.example", 400),
        ({"require_providerurl": True}, None, 400),
        ({"require_providerurl": True}, PROVIDER, 207),
        ({"providerurls": {DSTCODE: PROVIDER}}, f"{PROVIDER}/", 207),
        ({"providerurls": {DSTCODE: PROVIDER}}, "https://other.example", 400),
    ],
)
async def test_the_providerurl_is_checked_by_the_switches_and_not_passed_on(
    before: Any, settings: Any, providerurl: str | None, status: int
) -> None:
    more = "" if providerurl is None else f"&providerurl={quote(providerurl, safe='')}"
    reply = await before(adapter(**settings)).get(f"{FORWARD}/x?dstcode={DSTCODE}{more}")
    assert reply.status_code == status
    if status == 207:
        assert reply.json()["query"] == ""
    else:
        assert reply.json()["error"] == "MOCK-VXP-PROVIDERURL"


async def test_a_provider_that_hangs_up_shows_as_a_502_of_the_adapter(before: Any) -> None:
    reply = await before(adapter()).get(f"{FORWARD}/gone?dstcode={DSTCODE}")
    assert (reply.status_code, reply.json()["error"]) == (502, "MOCK-VXP-UPSTREAM")


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("vxp/refuse", 403, "MOCK-VXP-REFUSED"),
        ("vxp/xroad_error", 500, "Server.ServerProxy.NetworkError"),
        ("vxp/xroad_error:client.bad_request", 400, "client.bad_request"),
        ("vxp/xroad_fault", 200, "<faultcode>Server.ServerProxy.NetworkError</faultcode>"),
    ],
)
async def test_the_adapters_faults_on_demand(before: Any, fault: str, status: int, text: str) -> None:
    reply = await before(adapter()).get(f"{FORWARD}/x?dstcode={DSTCODE}", headers={"X-Mock-Fault": fault})
    assert reply.status_code == status
    assert text in reply.text
