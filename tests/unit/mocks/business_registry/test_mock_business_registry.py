"""The business registry mock: its token, both generations of the reply, its faults (contract, 2, 4 and 6)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from mocks._kit.scenarios import load
from mocks.business_registry import app as registry

SAMPLES = Path(registry.__file__).parent / "samples"
BASIC = httpx.BasicAuth("demo_key", "demo_secret")
FORM = {"grant_type": "client_credentials"}
STATUS_WORDS = {
    "Đang hoạt động",
    "Tạm ngừng kinh doanh",
    "Không còn hoạt động kinh doanh tại địa chỉ đã đăng ký",
    "Bị thu hồi Giấy chứng nhận đăng ký doanh nghiệp do cưỡng chế về quản lý thuế",
    "Đang làm thủ tục giải thể, đã bị chia, bị hợp nhất, bị sáp nhập",
    "Đã giải thể, phá sản, chấm dứt tồn tại",
}


async def token(client: httpx.AsyncClient) -> str:
    return str((await client.post("/token", data=FORM, auth=BASIC)).json()["access_token"])


async def detail(client: httpx.AsyncClient, code: str, bearer: str = "", **headers: str) -> httpx.Response:
    return await client.get(
        "/apiCSDLDKDN/1.0/chiTietDoanhNghiep",
        params={"msdn": code},
        headers={"Authorization": f"Bearer {bearer or await token(client)}", **headers},
    )


async def test_a_token_request_gets_the_contracts_reply(before: Any) -> None:
    reply = await before(registry.create_app()).post("/token", data=FORM, auth=BASIC)
    expected = json.loads((SAMPLES / "token_reply.json").read_text())
    assert reply.status_code == 200
    assert {**reply.json(), "access_token": expected["access_token"]} == expected


@pytest.mark.parametrize("auth", [None, httpx.BasicAuth("demo_key", "other"), httpx.BasicAuth("other", "demo_secret")])
async def test_wrong_credentials_get_no_token(before: Any, auth: httpx.Auth | None) -> None:
    reply = await before(registry.create_app()).post("/token", data=FORM, auth=auth)
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")


async def test_a_token_request_without_its_form_is_refused_unless_tolerated(before: Any) -> None:
    content, kind = b"grant_type=client_credentials", {"Content-Type": "text/plain"}
    strict = before(registry.create_app())
    assert (await strict.post("/token", content=content, headers=kind, auth=BASIC)).json()["error"] == "invalid_request"
    assert (await strict.post("/token", data={"grant_type": "password"}, auth=BASIC)).status_code == 400
    tolerant = before(registry.create_app({"tolerate_content_type": True}))
    assert (await tolerant.post("/token", content=content, headers=kind, auth=BASIC)).status_code == 200


async def test_a_token_counts_until_it_expires(before: Any, clock: Any) -> None:
    client = before(registry.create_app({"expires_in": 60}, clock=clock))
    bearer = await token(client)
    clock.pass_s(59)
    assert (await detail(client, "9900000016", bearer)).status_code == 200
    clock.pass_s(1)
    expired = await detail(client, "9900000016", bearer)
    assert (expired.status_code, expired.json()["fault"]["code"]) == (401, 900901)


@pytest.mark.parametrize(
    ("authorization", "code", "message"),
    [("", 900902, "Missing Credentials"), ("Bearer made-up", 900901, "Invalid Credentials")],
)
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_call_without_a_good_token_gets_the_wso2_fault(
    before: Any, authorization: str, code: int, message: str, form: str
) -> None:
    client = before(registry.create_app({"fault_format": form}))
    reply = await client.get("/apiCSDLDKDN/1.0/chiTietDoanhNghiep", headers={"Authorization": authorization})
    assert reply.status_code == 401
    if form == "json":
        fault = reply.json()["fault"]
        assert (fault["code"], fault["message"]) == (code, message)
        assert set(fault) == {"code", "message", "description"}
    else:
        root = ElementTree.fromstring(reply.content)
        space = "{http://wso2.org/apimanager/security}"
        assert (root.tag, root.findtext(f"{space}code")) == (f"{space}fault", str(code))


async def test_another_path_is_no_resource(before: Any) -> None:
    reply = await before(registry.create_app()).get("/apiCSDLDKDN/2.0/chiTietDoanhNghiep")
    assert (reply.status_code, reply.json()["fault"]["code"]) == (404, 900906)


@pytest.mark.parametrize("generation", ["v1", "v2"])
async def test_the_contracts_firm_has_the_contracts_reply(before: Any, generation: str) -> None:
    reply = await detail(before(registry.create_app({"generation": generation})), "9900000016")
    assert reply.json() == json.loads((SAMPLES / f"{generation}.json").read_text())


async def test_a_firm_chooses_its_generation(before: Any) -> None:
    client = before(registry.create_app())
    assert "Data" in (await detail(client, "9900000016")).json()
    assert "GetEntCert" in (await detail(client, "9900000048")).json()


async def test_a_branch_is_found_with_and_without_the_dash(before: Any) -> None:
    client = before(registry.create_app())
    with_dash, without = (await detail(client, "9900000016-001")).json(), (await detail(client, "9900000016001")).json()
    assert with_dash == without
    assert with_dash["Data"]["MainInformation"]["ENTERPRISE_GDT_CODE"] == "9900000016-001"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"Data": {"MainInformation": None}, "DataCount": 0, "Status": "1", "Message": "success"}),
        ({"not_found": "missing"}, {"Data": {}, "DataCount": 0, "Status": "1", "Message": "success"}),
        ({"generation": "v2"}, {"GetEntCert": None}),
        ({"generation": "v2", "not_found": "missing"}, {}),
    ],
)
async def test_an_unknown_firm_is_not_found_in_either_shape(before: Any, settings: Any, expected: Any) -> None:
    reply = await detail(before(registry.create_app(settings)), "9900000087")
    assert (reply.status_code, reply.json()) == (200, expected)


@pytest.mark.parametrize(("code", "marker"), [("9900000062", "MOCK-STATUS-0"), ("12345", "MOCK-MSDN")])
async def test_a_refusal_is_status_0_with_http_200(before: Any, code: str, marker: str) -> None:
    reply = await detail(before(registry.create_app()), code)
    assert (reply.status_code, reply.json()["Status"], reply.json()["Data"]) == (200, "0", None)
    assert reply.json()["Message"].startswith(marker)


async def test_the_fault_refuse_is_status_0(before: Any) -> None:
    reply = await detail(before(registry.create_app()), "9900000016", **{"X-Mock-Fault": "refuse"})
    assert reply.json()["Message"].startswith("MOCK-REFUSED")


async def test_the_fault_expire_token_revokes_every_token(before: Any) -> None:
    client = before(registry.create_app())
    bearer = await token(client)
    assert (await detail(client, "9900000016", bearer, **{"X-Mock-Fault": "expire_token"})).status_code == 401
    assert (await detail(client, "9900000016", bearer)).status_code == 401
    assert (await detail(client, "9900000016")).status_code == 200


async def test_a_planned_expiry_waits_for_a_call_with_a_token(before: Any) -> None:
    """The token request before it cannot carry it out, so it does not use it up."""
    client = before(registry.create_app())
    await client.post("/_mock/faults", json={"fault": "expire_token"})
    bearer = await token(client)
    assert (await detail(client, "9900000016", bearer)).status_code == 401
    assert (await client.get("/_mock/faults")).json()["planned"] == []


async def test_another_epoch_revokes_every_token(before: Any) -> None:
    client = before(registry.create_app())
    bearer = await token(client)
    await client.post("/_mock/settings", json={"token_epoch": 1})
    assert (await detail(client, "9900000016", bearer)).status_code == 401


async def test_token_requests_are_counted_and_the_secret_is_masked(before: Any) -> None:
    client = before(registry.create_app())
    await token(client)
    await token(client)
    entries = (await client.get("/_mock/journal?path=/token")).json()["entries"]
    assert [entry["facts"]["token_request"] for entry in entries] == [1, 2]
    assert BASIC._auth_header not in json.dumps([entry["headers"] for entry in entries])


async def test_the_firms_are_listed_with_the_registrys_words(before: Any) -> None:
    firms = (await before(registry.create_app()).get("/_mock/firms")).json()
    assert {"code": "9900000016", "status": "Đang hoạt động"} in firms
    assert {"code": "9900000023", "status": "Đã giải thể, phá sản, chấm dứt tồn tại"} in firms
    assert {firm["status"] for firm in firms} - {None} <= STATUS_WORDS
    assert [firm["code"] for firm in firms if firm["status"] is None] == ["9900000062"]


def test_every_firms_code_is_made_up_and_has_a_right_check_digit() -> None:
    """And a household's is a number of nobody: prefix 099."""
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    for code in load(registry.__file__)["firms"]:
        assert code.startswith("099" if len(code) == 12 else "99")
        if len(code) == 12:
            continue
        digits = [int(digit) for digit in code[:10]]
        assert digits[9] == 10 - sum(d * w for d, w in zip(digits, weights, strict=False)) % 11
