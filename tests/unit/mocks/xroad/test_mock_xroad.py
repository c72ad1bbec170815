"""The X-Road security server mock: who may ask for what, its headers, its errors in both generations (contract, 5)."""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mocks._kit.errors import ConnectionCut, SettingNotKnown
from mocks.xroad import app as xroad
from mocks.xroad import errors

CLIENT = "VN/GOV/000.00.00.H99/EXAMPLE-LGSP"
SERVICE = "VN/GOV/EXAMPLE/SUB/TraCuu"
WITHOUT_SUBSYSTEM = "VN/GOV/OTHER/TraCuu"


async def echo(request: Request) -> Response:
    if request.url.path.endswith("/gone"):
        raise ConnectionCut("the service hangs up")
    if request.url.path.endswith("/moved"):
        return RedirectResponse("http://elsewhere/")
    body = (await request.body()).decode()
    told = {"path": request.url.path, "query": request.url.query, "headers": dict(request.headers), "body": body}
    return JSONResponse(told, 207, headers={"Server": "behind", "X-Own": "yes", "Keep-Alive": "1"})


def server(**settings: Any) -> Starlette:
    behind = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    services = {SERVICE: "http://behind/csdldc/TraCuu", WITHOUT_SUBSYSTEM: "http://behind/other"}
    given = {"upstreams": services, **settings}
    return xroad.create_app(given, transport=httpx.ASGITransport(behind))


async def asked(before: Any, path: str = SERVICE, app: Starlette | None = None, **headers: str) -> httpx.Response:
    named = {"X-Road-Client": CLIENT, **{name.replace("_", "-"): value for name, value in headers.items()}}
    reply: httpx.Response = await before(app or server()).post(f"/r1/{path}", content="<a/>", headers=named)
    return reply


async def test_a_call_reaches_the_service_with_the_users_headers_unmodified(before: Any) -> None:
    reply = await asked(before, f"{SERVICE}/more%2Fof?q=%20", Authorization="Basic eA==", Timestamp="1", ApiKey="k")
    told = reply.json()
    assert (reply.status_code, told["path"], told["query"], told["body"]) == (
        207, "/csdldc/TraCuu/more/of", "q=%20", "<a/>",
    )  # fmt: skip
    headers = told["headers"]
    assert (headers["authorization"], headers["timestamp"], headers["apikey"]) == ("Basic eA==", "1", "k")
    assert (headers["x-road-client"], "user-agent" in headers) == (CLIENT, False)


async def test_a_service_without_a_subsystem_is_found_too(before: Any) -> None:
    assert (await asked(before, f"{WITHOUT_SUBSYSTEM}/x")).json()["path"] == "/other/x"


async def test_the_reply_carries_the_platforms_headers(before: Any) -> None:
    reply = await asked(before, X_Road_Id="id-1", X_Road_UserId="VN099185000001", X_Road_Issue="HS-1")
    headers = reply.headers
    assert (headers["x-road-client"], headers["x-road-service"], headers["x-road-id"]) == (CLIENT, SERVICE, "id-1")
    assert (headers["x-road-userid"], headers["x-road-issue"]) == ("VN099185000001", "HS-1")
    assert uuid.UUID(headers["x-road-request-id"])
    hashed = hashlib.sha512(f"POST /r1/{SERVICE}\n<a/>".encode()).digest()
    assert headers["x-road-request-hash"] == base64.b64encode(hashed).decode()
    assert "x-road-error" not in headers
    assert (headers["x-own"], "keep-alive" in headers, headers.get("server")) == ("yes", False, None)


async def test_an_id_that_the_caller_leaves_out_is_made_up(before: Any) -> None:
    assert uuid.UUID((await asked(before)).headers["x-road-id"])


async def test_a_missing_accept_becomes_json_and_another_one_stays(before: Any) -> None:
    client = before(server())
    del client.headers["accept"]
    bare = await client.post(f"/r1/{SERVICE}", headers={"X-Road-Client": CLIENT})
    assert bare.json()["headers"]["accept"] == "application/json"
    assert (await asked(before, Accept="text/xml")).json()["headers"]["accept"] == "text/xml"


async def test_redirects_are_not_followed(before: Any) -> None:
    assert (await asked(before, f"{SERVICE}/moved")).status_code == 307


async def test_of_two_client_headers_the_last_counts(before: Any) -> None:
    headers = [("X-Road-Client", "nonsense"), ("X-Road-Client", CLIENT)]
    assert (await before(server()).post(f"/r1/{SERVICE}", headers=headers)).headers["x-road-client"] == CLIENT
    other_way = await before(server()).post(f"/r1/{SERVICE}", headers=headers[::-1])
    assert other_way.headers["x-road-error"] == "Client.BadRequest"


@pytest.mark.parametrize(
    ("client", "settings", "code"),
    [
        ("", {}, "Client.BadRequest"),
        ("VN/GOV", {}, "Client.BadRequest"),
        ("VN/GOV/A/B/C", {}, "Client.BadRequest"),
        ("VN:GOV:A:B", {}, "Client.BadRequest"),
        ("VN/GOV/A B", {}, "Client.BadRequest"),
        (CLIENT, {"clients": ["VN/GOV/OTHER"]}, "Server.ClientProxy.UnknownMember"),
        (CLIENT, {"denied": [CLIENT]}, "Server.ServerProxy.AccessDenied"),
    ],
)
async def test_a_client_that_may_not_ask_gets_an_error(before: Any, client: str, settings: Any, code: str) -> None:
    reply = await asked(before, app=server(**settings), X_Road_Client=client)
    assert reply.headers["x-road-error"] == code
    assert reply.status_code == (500 if code.startswith("Server.") else 400)


async def test_a_call_that_does_not_say_who_asks_gets_an_error(before: Any) -> None:
    reply = await before(server()).post(f"/r1/{SERVICE}")
    assert (reply.status_code, reply.headers["x-road-error"]) == (400, "Client.MissingHeader")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("VN/GOV/EXAMPLE", "Client.InvalidRest"),
        ("VN/GOV/EX_AMPLE/SUB/TraCuu", "Client.InvalidRest"),
        ("VN/GOV/NOBODY/SUB/TraCuu", "Server.ClientProxy.UnknownMember"),
        ("VN/GOV/EXAMPLE/SUB/Other", "Server.ServerProxy.UnknownService"),
        (f"{SERVICE}/gone", "Server.ServerProxy.ServiceFailed.HttpError"),
    ],
)
async def test_a_service_that_is_not_there_gets_an_error(before: Any, path: str, code: str) -> None:
    assert (await asked(before, path)).headers["x-road-error"] == code


async def test_a_path_without_r1_and_a_service_that_is_switched_off(before: Any) -> None:
    reply = await before(server()).get(f"/{SERVICE}", headers={"X-Road-Client": CLIENT})
    assert reply.headers["x-road-error"] == "Client.InvalidRest"
    off = await asked(before, app=server(disabled=[SERVICE]))
    assert off.headers["x-road-error"] == "Server.ServerProxy.ServiceDisabled"


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/xml", "application/xml, */*", "text/*"])
async def test_an_error_is_json_or_by_accept_xml(before: Any, accept: str) -> None:
    reply = await asked(before, X_Mock_Fault="xroad/xroad_error", Accept=accept)
    assert (reply.status_code, reply.headers["x-road-error"]) == (500, "Server.ServerProxy.NetworkError")
    if "xml" in accept or "text/*" in accept:
        parts = {part.tag: part.text for part in ElementTree.fromstring(reply.content)}
    else:
        parts = reply.json()
    assert (set(parts), parts["type"]) == ({"type", "message", "detail"}, "Server.ServerProxy.NetworkError")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Server.ServerProxy.AccessDenied", "server.serverproxy.access_denied"),
        ("Server.ClientProxy.ServiceFailed.MissingBody", "server.clientproxy.service_failed.missing_body"),
        ("Client.IOError", "client.io_error"),
        ("Server.ClientProxy.OutdatedGlobalConf", "server.clientproxy.global_conf_outdated"),
        ("Signer.SslAuthenticationFailed", "signer.ssl_authentication_failed"),
    ],
)
def test_version_8_spells_codes_in_small_letters(old: str, new: str) -> None:
    assert (errors.spelled(old, "snake"), errors.spelled(old, "dotted")) == (new, old)


async def test_the_switch_turns_every_error_into_the_newer_spelling(before: Any) -> None:
    newer = server(generation="snake")
    denied = await asked(before, app=newer, X_Mock_Fault="xroad/refuse")
    assert (denied.status_code, denied.headers["x-road-error"]) == (500, "server.serverproxy.access_denied")
    missing = await before(newer).post(f"/r1/{SERVICE}")
    assert (missing.status_code, missing.json()["type"]) == (400, "client.missing_header")


async def test_a_code_on_demand_is_spelled_as_it_is_named(before: Any) -> None:
    reply = await asked(before, X_Mock_Fault="xroad/xroad_error:client.bad_request")
    assert (reply.status_code, reply.headers["x-road-error"]) == (400, "client.bad_request")


@pytest.mark.parametrize("code", ["Server.ServerProxy.ServiceFailed", "server.serverproxy.service_failed"])
async def test_a_soap_fault_comes_with_http_200(before: Any, code: str) -> None:
    reply = await asked(before, X_Mock_Fault=f"xroad/xroad_fault:{code}")
    fault = ElementTree.fromstring(reply.content)[0][0]
    assert (reply.status_code, "x-road-error" in reply.headers) == (200, False)
    assert (fault.findtext("faultcode"), fault.findtext("faultactor")) == (code, "")
    assert fault.findtext("detail/faultDetail")


def test_a_generation_that_is_not_known_is_refused() -> None:
    with pytest.raises(SettingNotKnown):
        xroad.create_app({"generation": "v9"})
