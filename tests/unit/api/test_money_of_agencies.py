"""A key that is bound to agencies reads and moves no money of another one."""

from __future__ import annotations

import uuid

import httpx
import pytest
from province import TENANT, Province
from receipts_house import ReceiptHouse
from refund_examples import PAYMENT

from gateway.api.schemas.payments import EXAMPLE
from gateway.clients.model import Scope

OWN, OTHER = "000.00.05.H99", "000.00.99.H99"
BILL = "B7Q2M0001ABCDEFGHIJK"
RECEIPT = "P00001-F"
READS = (
    f"/v1/bills/{BILL}",
    f"/v1/payments/{PAYMENT}",
    f"/v1/payments/{PAYMENT}/refunds",
    f"/v1/payments/{PAYMENT}/receipts",
    f"/v1/payments/{PAYMENT}/vouchers",
    f"/v1/payments/{PAYMENT}/vouchers/{'0' * 64}/file",
    f"/v1/receipts/{RECEIPT}",
    f"/v1/receipts/{RECEIPT}/file",
)
WRITES = (
    ("/v1/bills", EXAMPLE),
    (f"/v1/bills/{BILL}/payments", {}),
    (f"/v1/bills/{BILL}/cancellation", {"exempt": False, "reason": "lập nhầm"}),
    ("/v1/payments", EXAMPLE),
    (f"/v1/payments/{PAYMENT}/check", {}),
)


async def client_of(province: Province, agency: str) -> httpx.AsyncClient:
    receipts = ReceiptHouse(province.receipts, tenant=TENANT)
    await receipts.register(1, 100)
    await receipts.collect()
    await receipts.issue()
    return province.client(await province.issue("xa", Scope.PAYMENTS, Scope.PAYMENTS_READ, agencies=(agency,)))


@pytest.mark.parametrize("path", READS)
async def test_a_key_for_another_agency_reads_none_of_its_money(province: Province, path: str) -> None:
    """SEC-17 (part), PAY-18 (part): the file names the payer."""
    async with await client_of(province, OTHER) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "caller.agency")


@pytest.mark.parametrize("path", READS)
async def test_a_key_for_this_agency_reads_its_money(province: Province, path: str) -> None:
    async with await client_of(province, OWN) as client:
        answer = await client.get(path)
    assert answer.status_code in {200, 404}, answer.text


@pytest.mark.parametrize(("path", "body"), WRITES)
async def test_a_key_for_another_agency_moves_none_of_its_money(
    province: Province, path: str, body: dict[str, object]
) -> None:
    """SEC-17 (part)."""
    async with await client_of(province, OTHER) as client:
        answer = await client.post(path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert (answer.status_code, answer.json()["code"]) == (403, "caller.agency")
