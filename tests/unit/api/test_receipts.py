"""Receipts over the API, and by the code that stands on them."""

from __future__ import annotations

import hashlib

import httpx
import pytest
from province import TENANT, Province
from receipts_house import PAYER, ReceiptHouse

from gateway.clients.model import Scope


@pytest.fixture
async def house(province: Province) -> ReceiptHouse:
    """On the province's own store."""
    opened = ReceiptHouse(province.receipts, tenant=TENANT)
    await opened.register(1, 100)
    await opened.collect()
    return opened


async def test_what_is_due_is_shown_and_has_no_file_yet(caller: httpx.AsyncClient, house: ReceiptHouse) -> None:
    listed = (await caller.get("/v1/payments/P00001/receipts")).json()["receipts"]
    assert [(one["id"], one["state"], one["number"]) for one in listed] == [
        ("P00001-C", "due", None),
        ("P00001-F", "due", None),
    ]
    missing = await caller.get("/v1/receipts/P00001-F/file")
    assert (missing.status_code, missing.json()["code"]) == (409, "caller.receipt_not_issued")


async def test_an_issued_one_is_shown_without_who_paid(caller: httpx.AsyncClient, house: ReceiptHouse) -> None:
    """PAY-15 (part): ready to be looked up and printed."""
    await house.issue()
    answer = await caller.get("/v1/receipts/P00001-F")
    said = answer.json()
    assert (said["symbol"], said["number"], said["amount"], said["state"]) == ("26TAA", 2, 120_000, "issued")
    assert (said["collected_on"], said["agency_id"]) == ("2026-11-23", "000.00.05.H99")
    assert PAYER["full_name"] not in answer.text


async def test_the_file_is_given_out_with_its_digest_and_leaves_a_leaf(
    province: Province, caller: httpx.AsyncClient, house: ReceiptHouse
) -> None:
    await house.issue()
    answer = await caller.get("/v1/receipts/P00001-F/file")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    leaf = province.recorder.entries[-1]
    assert (leaf.operation, leaf.reference) == ("get_receipt_file", "P00001-F")
    assert leaf.facts["file_sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert "reply" not in leaf.bodies


async def test_adjusted_receipts_stay_in_the_list(caller: httpx.AsyncClient, house: ReceiptHouse) -> None:
    """PAY-16, F34."""
    await house.issue()
    await house.refund("RF1", fee=20_000)
    await house.issue()
    listed = (await caller.get("/v1/payments/P00001/receipts")).json()["receipts"]
    told = {one["id"]: (one["state"], one["amount"], one["supersedes"], one["refund_id"]) for one in listed}
    assert told["P00001-F"] == ("adjusted", 120_000, None, None)
    assert told["P00001-F-RF1"] == ("issued", 100_000, "P00001-F", "RF1")


async def test_anybody_with_the_code_sees_state_and_amount_and_no_more(province: Province, house: ReceiptHouse) -> None:
    """PAY-15 (part), PDP: no key is needed, and no person is named."""
    await house.issue()
    receipt = (await house.of())[1]
    async with province.client() as anybody:
        answer = await anybody.get(f"/bien-lai/{receipt.lookup_code}")
        for unknown in ("0" * 20, "x", "0" * 19 + "l"):
            assert (await anybody.get(f"/bien-lai/{unknown}")).status_code in {404, 422}
    assert answer.json() == {
        "state": "issued",
        "state_vi": "Có hiệu lực",
        "symbol": "26TAA",
        "number": 2,
        "amount": 120_000,
        "day": "2026-11-23",
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_what_nobody_paid_has_no_receipts(province: Province, caller: httpx.AsyncClient) -> None:
    assert (await caller.get("/v1/payments/P77/receipts")).json() == {"receipts": []}
    assert (await caller.get("/v1/receipts/P77-F")).status_code == 404
    async with province.client(await province.issue("khac", Scope.DOSSIERS)) as other:
        assert (await other.get("/v1/receipts/P77-F/file")).json()["code"] == "caller.scope"
