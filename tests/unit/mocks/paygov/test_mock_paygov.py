"""The PayGov mock's partner side: vectors, creations, receipts, CheckSumUrlReturn and refusals (4.1 to 4.3)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks.paygov import app as paygov
from mocks.paygov import checksum

SAMPLES = Path(paygov.__file__).parent / "samples"
KEYS = {"AccessKey": "AKDEMO", "SecretKey": "SKDEMO", "AppName": "", "PartnerCode": "PAYGOV-DEMO", "PartnerCodeCus": ""}
NEW = {"requestCode": "7001785569405124"}
"""The contract page's own requestCode is there from the start, paid."""


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def token(**changes: str) -> str:
    return base64.b64encode(json.dumps({**KEYS, **changes}).encode()).decode()


def resigned(message: Mapping[str, Any], order: tuple[str, ...], secret: str = "SKDEMO") -> dict[str, Any]:
    text = secret + "".join(str(message[name]) for name in order[1:])
    return {**message, "checksum": hashlib.sha256(text.encode()).hexdigest()}


def create(**changes: Any) -> dict[str, Any]:
    return resigned({**sample("create"), **NEW, **changes}, checksum.CREATE)


def receipt(**changes: Any) -> dict[str, Any]:
    return resigned({**sample("receipt"), **changes}, checksum.RECEIPT)


def encoded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


async def post(client: httpx.AsyncClient, path: str, message: Any, **headers: str) -> Any:
    return (await client.post(path, json=message, headers={"lgspaccesstoken": token(), **headers})).json()


@pytest.mark.parametrize(("name", "order"), [("create", checksum.CREATE), ("receipt", checksum.RECEIPT)])
def test_a_vector_of_the_contract_comes_out(name: str, order: tuple[str, ...]) -> None:
    message = sample(name)
    assert checksum.checksum({**message, "secretKey": "SKDEMO"}, order) == message["checksum"]
    assert checksum.verify(message, order, [{"secretKey": "other"}, {"secretKey": "SKDEMO"}])


@pytest.mark.parametrize(
    "joined",
    [
        "SKDEMO|AKDEMO|PAYGOV-DEMO|000.00.99.H99-H99.01-260801-0007-01|7001785569405123|150000",
        "AKDEMOPAYGOV-DEMO000.00.99.H99-H99.01-260801-0007-017001785569405123150000SKDEMO",
        "SKDEMOPAYGOV-DEMOAKDEMO000.00.99.H99-H99.01-260801-0007-017001785569405123150000",
        "SKDEMOAKDEMOPAYGOV-DEMO0.00.99.H99-H99.01-260801-0007-017001785569405123150000",
        "SKDEMOAKDEMOPAYGOV-DEMO000.00.99.H99-H99.01-260801-0007-017001785569405123150000.0",
    ],
    ids=["separators", "secret last", "swapped", "zero lost", "float"],
)
def test_a_negative_vector_does_not_verify(joined: str) -> None:
    message = {**sample("create"), "checksum": hashlib.sha256(joined.encode()).hexdigest()}
    assert not checksum.verify(message, checksum.CREATE, [{"secretKey": "SKDEMO"}])


@pytest.mark.parametrize("name", ["create", "create_lgsp"])
async def test_both_creations_of_the_contract_open_a_pay_page(before: Any, name: str) -> None:
    client = before(paygov.create_app(new_token=lambda: "91c2"))
    message = {**sample(name), **NEW}
    message = resigned(message, checksum.CREATE) if "checksum" in message else message
    assert await post(client, "/pg/create", message) == {"data": {"url": "http://mock/pg/pay/91c2"}}
    page = await client.get("/pg/pay/91c2")
    assert (page.status_code, "150.000" in page.text, "script" in page.text) == (200, True, False)


@pytest.mark.parametrize(
    "message",
    [
        {**create(), "amount": "150000"},
        create(amount=0),
        create(amount=150000.5),
        create(amount=True),
        {**create(), "requestCode": 7001785569405124},
        create(requestCode="A-1"),
        create(orderId="H99.01-260801-0007-01"),
        create(orderInfo="Nộp phí"),
        create(returnUrl="dvc.example.vn"),
        create(ipAddress="somewhere"),
        create(accessKey="OTHER"),
        {key: value for key, value in create().items() if key != "serviceCode"},
        {key: value for key, value in sample("create_lgsp").items() if key != "beneficiaryCode"},
        {**sample("create_lgsp"), **NEW, "accountPay": ""},
        [],
    ],
)
async def test_content_that_breaks_the_page_is_refused_without_its_value(before: Any, message: Any) -> None:
    reply = await post(before(paygov.create_app()), "/pg/create", message)
    assert (reply["error_code"], reply["error_message"].startswith("MOCK-CONTENT")) == ("FAILED", True)
    assert "Nộp phí" not in reply["error_message"]


async def test_a_wrong_checksum_and_a_known_request_code_are_refused(before: Any) -> None:
    client = before(paygov.create_app())
    forged = {**create(), "checksum": "0" * 64}
    assert (await post(client, "/pg/create", forged))["error_code"] == "SIGNATURE_WRONG"
    assert (await post(client, "/pg/create", resigned(create(), checksum.CREATE, "SKOTHER")))["error_code"] != "FAILED"
    assert "data" in await post(client, "/pg/create", create())
    assert "MOCK-DUPLICATE" in (await post(client, "/pg/create", create(amount=1)))["error_message"]


@pytest.mark.parametrize(
    "header",
    ["", "x", token(SecretKey="wrong"), token(PartnerCode="PAYGOV-OTHER"), base64.b64encode(b"[]").decode()],
)
async def test_keys_that_are_nobodys_are_refused(before: Any, header: str) -> None:
    client = before(paygov.create_app())
    reply = await client.post("/pg/create", json=create(), headers={"lgspaccesstoken": header})
    assert (reply.status_code, "lgspaccesstoken" in reply.json()["error_message"]) == (401, True)


async def test_keys_do_not_stand_in_the_journal(before: Any) -> None:
    client = before(paygov.create_app())
    await post(client, "/pg/create", create(), Authorization="Bearer t0ken")
    (entry,) = (await client.get("/_mock/journal")).json()["entries"]
    assert token() not in json.dumps(entry["headers"])
    assert "t0ken" not in json.dumps(entry["headers"])


async def test_the_bearer_token_is_demanded_when_it_is_set(before: Any) -> None:
    client = before(paygov.create_app({"bearer_token": "t0ken"}))
    assert "MOCK-401" in (await post(client, "/pg/create", create()))["error_message"]
    assert "data" in await post(client, "/pg/create", create(), Authorization="Bearer t0ken")


async def test_the_receipt_call_of_the_contract_gives_a_link_to_a_pdf_that_dies(before: Any, clock: Any) -> None:
    client = before(paygov.create_app(clock=clock, new_token=lambda: "91c2"))
    reply = await post(client, "/pg/receipt", sample("receipt"))
    assert reply == {"transactionReceipt": "http://mock/pg/receipt/91c2.pdf"}
    file = await client.get(reply["transactionReceipt"])
    assert (file.status_code, file.content[:5], len(file.content) > 10_000) == (200, b"%PDF-", True)
    clock.pass_s(300)
    assert (await client.get(reply["transactionReceipt"])).status_code == 404
    assert (await client.get("/pg/receipt/MOCK-RECEIPT.pdf")).status_code == 200


@pytest.mark.parametrize(
    "message",
    [
        receipt(payerId=""),
        receipt(payerName="Nguyễn Văn A"),
        receipt(decisionDate="2026-08-01"),
        receipt(decisionDate="31-02-2026"),
        receipt(paids="TC260801000123"),
        receipt(paids=encoded([])),
        receipt(paids=encoded([1])),
        receipt(otherInfo=encoded({"beneficiaryUnitCode": "X"})),
        receipt(partnerCode="NOBODY"),
        receipt(paids=encoded(["TC0"])),
        resigned(
            {**sample("receipt"), "partnerCode": "PAYGOV-OTHER", "accessKey": "AKOTHER"}, checksum.RECEIPT, "SKOTHER"
        ),
    ],
)
async def test_a_receipt_call_that_breaks_the_page_or_is_about_anothers_money_is_refused(
    before: Any, message: dict[str, Any]
) -> None:
    client = before(paygov.create_app({"need_lgsp_token": False}))
    assert (await post(client, "/pg/receipt", message))["error_code"] == "FAILED"


async def test_a_receipt_call_with_the_creations_order_is_wrongly_signed(before: Any) -> None:
    order = ("secretKey", "accessKey", "partnerCode", *checksum.RECEIPT[3:])
    client = before(paygov.create_app())
    assert (await post(client, "/pg/receipt", resigned(sample("receipt"), order)))["error_code"] == "SIGNATURE_WRONG"


async def test_the_lgsp_vouches_for_what_paygov_signed_and_for_nothing_else(before: Any) -> None:
    client = before(paygov.create_app())
    link = (await client.get("/_mock/transactions/7001785569405123")).json()["return_link"]
    query = dict(httpx.URL(link).params)
    assert {**query, "amount": 150000, "checksum": ""} == {**sample("ipn"), "checksum": ""}
    path = "/api/v1/PayGov/CheckSumUrlReturn"
    assert await post(client, path, query) == {"error_code": "SUCCESSFUL", "error_message": ""}
    assert await post(client, path, {**query, "amount": 150000}) == {"error_code": "SUCCESSFUL", "error_message": ""}
    for lie in ({"amount": "15000"}, {"requestCode": "X"}, {"checksum": ""}):
        assert (await post(client, path, {**query, **lie}))["error_code"] == "SIGNATURE_WRONG"
    for noise in ({}, [], {"checksum": None}):
        assert (await post(client, path, noise))["error_code"] == "SIGNATURE_WRONG"
    assert (await client.post(path, json=query)).status_code == 401


async def test_refuse_strikes_every_call(before: Any) -> None:
    client = before(paygov.create_app())
    for path, message in (("/pg/create", create()), ("/pg/receipt", sample("receipt"))):
        reply = await post(client, path, message, **{"X-Mock-Fault": "refuse"})
        assert reply["error_message"].startswith("MOCK-REFUSE")


async def test_reset_forgets_what_came_and_keeps_what_was_there(before: Any) -> None:
    client = before(paygov.create_app())
    await post(client, "/pg/create", create())
    await client.post("/_mock/reset")
    known = (await client.get("/_mock/transactions")).json()["transactions"]
    assert [(found["requestCode"], found["state"]) for found in known] == [("7001785569405123", "paid")]


@pytest.mark.parametrize("change", [{"dialect": "soap"}, {"partners": {"X": {"access_key": "A", "secrets": []}}}])
async def test_an_impossible_setting_is_refused(before: Any, change: dict[str, Any]) -> None:
    assert (await before(paygov.create_app()).post("/_mock/settings", json=change)).status_code == 422
