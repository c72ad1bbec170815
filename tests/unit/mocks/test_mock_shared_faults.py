"""Every fault of the kit on every mock: what the caller sees, and whether the call was processed."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import rfc3161_client
from starlette.applications import Starlette

from mocks._kit.discover import discover
from mocks._kit.faults import AROUND, INSTEAD, SHARED

ROOT = Path(importlib.import_module("mocks").__file__ or "").parent
NOT_PROCESSED = {
    "unavailable": 503, "error": 500, "html": 502, "garbage": 200, "empty": 200, "cut": 500,
    "json_error": 500, "json_error:200": 200, "xml_fault": 500, "xml_fault:401": 401, "big:70000": 200, "deep:9": 200,
}  # fmt: skip
PROCESSED = {
    "slow:0": 200, "late_success": 500,  # 500: this transport's way to show a dropped connection
    "truncated": 200, "charset": 200, "doctype": 200, "entity": 200, "bomb": 200,
}  # fmt: skip


def sample(name: str) -> bytes:
    return (ROOT / name).read_bytes()


def population() -> dict[str, Any]:
    operation, moment = "XacThucThongTinCongDan", "1700000000000"
    path = f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{operation}"
    hashed = hashlib.sha256(f"{path}demo_user{moment}demo_secret".encode()).hexdigest()
    pair = base64.b64encode(f"demo_user:{hashed}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Timestamp": moment, "Content-Type": "application/xml"}
    return {
        "url": f"/csdldc/{operation}", "headers": headers, "content": sample("population/samples/verify_request.xml"),
    }  # fmt: skip


def business_registry() -> dict[str, Any]:
    pair = base64.b64encode(b"demo_key:demo_secret").decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
    return {"url": "/token", "headers": headers, "content": b"grant_type=client_credentials"}


def national_portal() -> dict[str, Any]:
    return {
        "url": "/XrdAdapter/RestService/forward/mapi/MOCK-data",
        "headers": {"dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider"},
        "content": sample("national_portal/samples/find_dossier.json"),
    }


def payment() -> dict[str, Any]:
    return {"url": "/pp/init", "headers": {}, "content": sample("payment/samples/init.json")}


def vnpay() -> dict[str, Any]:
    return {"url": "/merchant_webapi/api/transaction", "headers": {}, "content": sample("vnpay/samples/querydr.json")}


def paygov() -> dict[str, Any]:
    """Its creation; the contract page's own requestCode is taken."""
    keys = {
        "AccessKey": "AKDEMO", "SecretKey": "SKDEMO", "AppName": "", "PartnerCode": "PAYGOV-DEMO", "PartnerCodeCus": "",
    }  # fmt: skip
    headers = {"lgspaccesstoken": base64.b64encode(json.dumps(keys).encode()).decode()}
    message = {**json.loads(sample("paygov/samples/create_lgsp.json")), "requestCode": "PG26K7Q2M0001"}
    return {"url": "/pg/create", "headers": headers, "content": json.dumps(message).encode()}


def portal_adapter() -> dict[str, Any]:
    """Its steps are behind a token; the log-in is a call like the others."""
    return {
        "url": "/MOCK-adapter/MOCK-GetToken",
        "headers": {},
        "content": sample("portal_adapter/samples/token_request.json"),
    }


def tax_authority() -> dict[str, Any]:
    return {
        "url": "/MOCK-TAX/bang-tong-hop",
        "headers": {"Authorization": "Bearer MOCK-TAX-token"},
        "content": sample("tax_authority/samples/submit.json"),
    }


def wso2() -> dict[str, Any]:
    """Its own token call."""
    return business_registry()


def vxp() -> dict[str, Any]:
    asked = population()
    query = "dstcode=VN:GOV:000.00.00.G99:csdldc"
    return {**asked, "url": f"/VXPAdapter/RestService/forward{asked['url']}?{query}"}


def xroad() -> dict[str, Any]:
    asked = population()
    headers = {**asked["headers"], "X-Road-Client": "VN/GOV/000.00.00.H99/EXAMPLE-LGSP"}
    return {**asked, "headers": headers, "url": f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{asked['url'].rpartition('/')[2]}"}


def tsa() -> dict[str, Any]:
    asked = rfc3161_client.TimestampRequestBuilder().data(b"MOCK").build().as_bytes()
    return {"url": "/MOCK-TSA/tsr", "content": asked, "headers": {"Content-Type": "application/timestamp-query"}}


def witness() -> dict[str, Any]:
    root = base64.b64encode(bytes(32)).decode()
    return {
        "url": "/MOCK-WITNESS/add-checkpoint",
        "headers": {},
        "content": f"old 0\n\nexample/log\n1\n{root}\n\n— x AAAAAAA=\n".encode(),
    }


def identity_provider() -> dict[str, Any]:
    form = b"grant_type=client_credentials&client_id=lienthong"
    return {"url": "/MOCK-IDP/token", "headers": {}, "content": form}


SYSTEMS = (
    population,
    business_registry,
    national_portal,
    payment,
    paygov,
    portal_adapter,
    tax_authority,
    tsa,
    identity_provider,
    vnpay,
    witness,
)
PLATFORMS = (wso2, vxp, xroad)
CALLS = {call.__name__: call for call in SYSTEMS + PLATFORMS}


def made(mock: str) -> Starlette:
    """The mock; a platform has the population's mock behind it."""
    module = discover()[mock]
    if mock not in {platform.__name__ for platform in PLATFORMS}:
        return module.create_app()
    behind = httpx.ASGITransport(discover()["population"].create_app())
    return module.create_app(transport=behind)


def named(mock: str, fault: str) -> str:
    """A platform carries out what names it; a plain fault is for the system behind it."""
    return f"{mock}/{fault}" if mock in {platform.__name__ for platform in PLATFORMS} else fault


async def struck(client: httpx.AsyncClient, mock: str, fault: str) -> tuple[httpx.Response, Any]:
    """One good call with a fault in its header, and its journal entry."""
    call = CALLS[mock]()
    call["headers"] = {**call["headers"], "X-Mock-Fault": named(mock, fault)}
    reply = await client.post(**call)
    (entry,) = (await client.get("/_mock/journal")).json()["entries"]
    return reply, entry


def test_no_mock_and_no_fault_is_forgotten_here() -> None:
    assert set(CALLS) == set(discover())
    assert {name.partition(":")[0] for name in NOT_PROCESSED} == INSTEAD
    assert {name.partition(":")[0] for name in PROCESSED} == AROUND


@pytest.mark.parametrize("mock", CALLS)
@pytest.mark.parametrize("fault", NOT_PROCESSED)
async def test_a_fault_in_place_of_the_answer_processes_nothing(before: Any, mock: str, fault: str) -> None:
    reply, entry = await struck(before(made(mock)), mock, fault)
    assert reply.status_code == NOT_PROCESSED[fault]
    assert (entry["fault"], entry["facts"]) == (fault, {})


@pytest.mark.parametrize("mock", CALLS)
@pytest.mark.parametrize("fault", PROCESSED)
async def test_a_fault_around_the_answer_processes_the_call(before: Any, mock: str, fault: str) -> None:
    reply, entry = await struck(before(made(mock)), mock, fault)
    assert reply.status_code == PROCESSED[fault]
    assert entry["facts"]
    assert entry["facts"].get("unsent_status") == (200 if fault == "late_success" else None)


@pytest.mark.parametrize("mock", CALLS)
async def test_every_mock_offers_refuse_and_the_shared_faults(before: Any, mock: str) -> None:
    health = (await before(made(mock)).get("/_mock/health")).json()
    assert set(health["faults"]) >= SHARED | {"refuse"}
    assert health["mock"] == mock


@pytest.mark.parametrize("mock", CALLS)
async def test_a_fault_that_names_another_mock_is_left_to_that_one(before: Any, mock: str) -> None:
    call = CALLS[mock]()
    other = "payment" if mock != "payment" else "population"
    call["headers"] = {**call["headers"], "X-Mock-Fault": f"{other}/error"}
    assert (await before(made(mock)).post(**call)).status_code == 200


@pytest.mark.parametrize("mock", CALLS)
async def test_a_fault_that_names_no_mock_is_refused(before: Any, mock: str) -> None:
    call = CALLS[mock]()
    call["headers"] = {**call["headers"], "X-Mock-Fault": "nobody/error"}
    reply = await before(made(mock)).post(**call)
    assert (reply.status_code, reply.json()["error"]) == (400, "MOCK-UNKNOWN-FAULT")


@pytest.mark.parametrize("mock", ["vxp", "xroad"])
async def test_a_plain_fault_passes_a_platform_and_strikes_the_system_behind_it(before: Any, mock: str) -> None:
    call = CALLS[mock]()
    call["headers"] = {**call["headers"], "X-Mock-Fault": "refuse"}
    client = before(made(mock))
    assert "MOCK-NOT-PERMITTED" in (await client.post(**call)).text
    (entry,) = (await client.get("/_mock/journal")).json()["entries"]
    assert (entry["fault"], entry["facts"]["upstream_status"]) == (None, 200)
