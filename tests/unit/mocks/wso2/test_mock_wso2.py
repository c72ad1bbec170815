"""The NGSP/LGSP mock: each token dialect, what is checked on a data call, its faults, and what is passed on."""

from __future__ import annotations

import base64
import json
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.errors import ConnectionCut, SettingNotKnown
from mocks.wso2 import app as wso2

BASIC = httpx.BasicAuth("demo_key", "demo_secret")
FORM = {"grant_type": "client_credentials"}
KEYS = {
    "AccessKey": "demo_access_key",
    "SecretKey": "demo_secret_key",
    "AppName": "demo_app",
    "PartnerCode": "demo_partner",
    "PartnerCodeCus": "demo_partner_cus",
}


def packed(keys: Any) -> str:
    return base64.b64encode(json.dumps(keys).encode()).decode()


async def echo(request: Request) -> Response:
    """The system behind: tells what reached it."""
    body = (await request.body()).decode()
    told = {"path": request.url.path, "query": request.url.query, "headers": dict(request.headers), "body": body}
    return JSONResponse(told, 207, headers={"X-Own": "yes", "Connection": "X-Hop", "X-Hop": "no"})


async def hang_up(_: Request) -> Response:
    raise ConnectionCut("the system behind hangs up")


BEHIND = Starlette(
    routes=[Route("/firms/gone", hang_up), Route("/{path:path}", echo, methods=["GET", "POST", "DELETE"])]
)


def platform(clock: Any = None, **settings: Any) -> Starlette:
    given = {"upstreams": {"/api": "http://behind/firms"}, **settings}
    more = {} if clock is None else {"clock": clock}
    return wso2.create_app(given, transport=httpx.ASGITransport(BEHIND), **more)


async def login(client: httpx.AsyncClient, dialect: str) -> dict[str, str]:
    """The headers of a data call in this dialect."""
    if dialect == "T1":
        token = (await client.post("/token", data=FORM, auth=BASIC)).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}
    if dialect == "T2":
        keys = {"lgspaccesstoken": packed(KEYS)}
        token = (await client.post("/getToken", data=FORM, headers=keys)).json()["access_token"]
        return {"Authorization": f"Bearer {token}", **keys}
    if dialect == "T3":
        reply = await client.post("/api/v1/Authentication/Token", headers={"Auth": "demo_auth_key"})
        return {"Authorization": f"Bearer {reply.json()['token']}"}
    return {} if dialect == "T4" else {"Authorization": "Bearer demo_bearer"}


@pytest.mark.parametrize("dialect", ["T1", "T2", "T3", "T4", "T6"])
async def test_a_data_call_in_its_dialect_reaches_the_system_without_the_platforms_credentials(
    before: Any, dialect: str
) -> None:
    client = before(platform(dialect=dialect))
    headers = {**await login(client, dialect), "Timestamp": "1", "X-Mock-Fault": "refuse"}
    reply = await client.post("/api/one%2Ftwo?msdn=99&x=%20", content="<a/>", headers=headers)
    told = reply.json()
    assert (reply.status_code, told["path"], told["query"], told["body"]) == (
        207, "/firms/one/two", "msdn=99&x=%20", "<a/>",
    )  # fmt: skip
    assert (told["headers"]["timestamp"], told["headers"]["x-mock-fault"]) == ("1", "refuse")
    assert not {"authorization", "lgspaccesstoken"} & set(told["headers"])
    assert (reply.headers["x-own"], "x-hop" in reply.headers) == ("yes", False)


async def test_without_a_token_of_its_own_a_platform_passes_the_systems_authorization_on(before: Any) -> None:
    client = before(platform(dialect="T4"))
    told = (await client.get("/api/x", headers={"Authorization": "Basic c3lzdGVt"})).json()
    assert told["headers"]["authorization"] == "Basic c3lzdGVt"


async def test_each_dialect_gives_its_own_reply_to_a_token_call(before: Any, clock: Any) -> None:
    t1 = await before(platform()).post("/token", data=FORM, auth=BASIC)
    assert {**t1.json(), "access_token": ""} == {
        "access_token": "", "token_type": "Bearer", "expires_in": 3600, "scope": "am_application_scope default",
    }  # fmt: skip
    t2 = await before(platform(dialect="T2")).post("/getToken", data=FORM, headers={"lgspaccesstoken": packed(KEYS)})
    assert set(t2.json()) == {"access_token"}
    client = before(platform(clock, dialect="T3"))
    t3 = await client.post("/api/v1/Authentication/Token", headers={"Auth": "demo_auth_key"})
    assert set(t3.json()) == {"token", "refreshToken", "expiryDate"}
    assert t3.json()["expiryDate"] == "2026-11-23T03:00:00Z"


@pytest.mark.parametrize(
    ("dialect", "path", "sent", "status"),
    [
        ("T1", "/token", {"data": FORM}, 401),
        ("T1", "/token", {"data": FORM, "auth": httpx.BasicAuth("demo_key", "other")}, 401),
        ("T1", "/token", {"data": {"grant_type": "password"}, "auth": BASIC}, 400),
        ("T1", "/token", {"content": b"grant_type=client_credentials", "auth": BASIC}, 400),
        ("T2", "/getToken", {"data": FORM, "auth": BASIC}, 401),
        ("T2", "/getToken", {"data": FORM, "headers": {"lgspaccesstoken": packed({**KEYS, "AppName": "x"})}}, 401),
        ("T2", "/getToken", {"data": FORM, "headers": {"lgspaccesstoken": packed({**KEYS, "More": "x"})}}, 401),
        ("T2", "/getToken", {"data": FORM, "headers": {"lgspaccesstoken": packed([])}}, 401),
        ("T2", "/getToken", {"data": FORM, "headers": {"lgspaccesstoken": "no base64"}}, 401),
        ("T2", "/getToken", {"headers": {"lgspaccesstoken": packed(KEYS)}}, 400),
        ("T3", "/api/v1/Authentication/Token", {}, 401),
        ("T3", "/api/v1/Authentication/Token", {"headers": {"Auth": "other"}}, 401),
        ("T3", "/api/v1/Authentication/Token", {"headers": {"Auth": "demo_auth_key"}, "data": FORM}, 400),
    ],
)
async def test_a_token_call_that_is_not_the_dialects_gets_no_token(
    before: Any, dialect: str, path: str, sent: Any, status: int
) -> None:
    client = before(platform(dialect=dialect))
    reply = await client.post(path, **sent)
    assert (reply.status_code, "MOCK-TOKEN" in reply.json()["error_description"]) == (status, True)
    (entry,) = (await client.get("/_mock/journal")).json()["entries"]
    assert entry["facts"] == {"token_request": 1, "issued": False}


@pytest.mark.parametrize("dialect", ["T1", "T2", "T3", "T6"])
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_data_call_without_a_good_token_gets_wso2s_fault_in_both_formats(
    before: Any, dialect: str, form: str
) -> None:
    client = before(platform(dialect=dialect, fault_format=form))
    good = await login(client, dialect)
    without = {name: value for name, value in good.items() if name != "Authorization"}
    assert fault(await client.get("/api/x", headers=without), form) == (401, 900902)
    wrong = {**good, "Authorization": "Bearer made-up"}
    assert fault(await client.get("/api/x", headers=wrong), form) == (401, 900901)


def fault(reply: httpx.Response, form: str = "json") -> tuple[int, int]:
    if form == "json":
        return reply.status_code, reply.json()["fault"]["code"]
    code = ElementTree.fromstring(reply.content).findtext("{http://wso2.org/apimanager/security}code")
    return reply.status_code, int(code or 0)


async def test_a_t2_data_call_needs_its_keys_beside_the_token(before: Any) -> None:
    client = before(platform(dialect="T2"))
    good = await login(client, "T2")
    bare = {"Authorization": good["Authorization"]}
    assert fault(await client.get("/api/x", headers=bare)) == (401, 900902)
    other = {**good, "lgspaccesstoken": packed({})}
    assert fault(await client.get("/api/x", headers=other)) == (401, 900901)


async def test_a_token_ends_when_its_time_is_over(before: Any, clock: Any) -> None:
    client = before(platform(clock, expires_in=60))
    headers = await login(client, "T1")
    clock.pass_s(59)
    assert (await client.get("/api/x", headers=headers)).status_code == 207
    clock.pass_s(1)
    assert fault(await client.get("/api/x", headers=headers)) == (401, 900901)


async def test_a_token_is_revoked_mid_flight_by_the_fault_and_by_another_epoch(before: Any) -> None:
    client = before(platform())
    headers = await login(client, "T1")
    struck = await client.get("/api/x", headers={**headers, "X-Mock-Fault": "wso2/expire_token"})
    assert fault(struck) == fault(await client.get("/api/x", headers=headers)) == (401, 900901)
    fresh = await login(client, "T1")
    assert (await client.get("/api/x", headers=fresh)).status_code == 207
    await client.post("/_mock/settings", json={"token_epoch": 1})
    assert fault(await client.get("/api/x", headers=fresh)) == (401, 900901)


async def test_a_planned_expiry_strikes_a_data_call_and_not_the_token_call(before: Any) -> None:
    client = before(platform())
    await client.post("/_mock/faults", json={"fault": "expire_token"})
    headers = await login(client, "T1")
    assert fault(await client.get("/api/x", headers=headers)) == (401, 900901)
    assert (await client.get("/api/x", headers=await login(client, "T1"))).status_code == 207


async def test_token_requests_are_counted_and_keys_are_masked(before: Any) -> None:
    client = before(platform(dialect="T2"))
    await login(client, "T2")
    await login(client, "T2")
    entries = (await client.get("/_mock/journal?path=/getToken")).json()["entries"]
    assert [entry["facts"]["token_request"] for entry in entries] == [1, 2]
    assert packed(KEYS) not in str([entry["headers"] for entry in entries])


async def test_a_path_that_no_api_has_and_an_api_that_is_blocked(before: Any) -> None:
    client = before(platform(blocked=["/api/closed"]))
    headers = await login(client, "T1")
    assert fault(await client.get("/apis/x", headers=headers)) == (404, 900906)
    assert fault(await client.get("/api/closed/x", headers=headers)) == (403, 700700)
    assert (await client.get("/api/open", headers=headers)).status_code == 207


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("refuse", 403, 700700), ("wso2_fault:900900", 401, 900900), ("wso2_fault:900906", 404, 900906),
        ("throttled:7", 429, "MOCK-THROTTLED"),
    ],
)  # fmt: skip
async def test_the_platforms_faults_on_demand(before: Any, name: str, status: int, code: Any) -> None:
    client = before(platform(dialect="T4"))
    reply = await client.get("/api/x", headers={"X-Mock-Fault": f"wso2/{name}"})
    assert (reply.status_code, reply.json()["fault"]["code"]) == (status, code)
    assert reply.headers.get("retry-after") == ("7" if status == 429 else None)


async def test_a_fault_code_that_the_contract_does_not_have_is_refused(before: Any) -> None:
    reply = await before(platform(dialect="T4")).get("/api/x", headers={"X-Mock-Fault": "wso2/wso2_fault:900800"})
    assert (reply.status_code, reply.json()["error"]) == (400, "MOCK-UNKNOWN-FAULT")


async def test_a_system_that_hangs_up_shows_as_a_502_of_the_platform(before: Any) -> None:
    reply = await before(platform(dialect="T4")).get("/api/gone")
    assert (reply.status_code, reply.json()["fault"]["code"]) == (502, "MOCK-UPSTREAM")


@pytest.mark.parametrize("dialect", ["T5", "t1", ""])
def test_a_dialect_whose_token_call_is_unknown_is_not_offered(dialect: str) -> None:
    with pytest.raises(SettingNotKnown):
        wso2.create_app({"dialect": dialect})
