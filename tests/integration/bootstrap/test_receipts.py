"""Receipts of the composed gateway on a real database: due with the money, issued once, signed by the sandbox's key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from operations import BODIED
from pydantic import SecretStr
from services import CONTEXT

from gateway.bootstrap import Gateway, open_gateway
from gateway.payments.model import Source
from gateway.receipts.model import ReceiptState
from gateway.sdk import GatewayError
from gateway.settings import Settings

BILL: Any = next(operation.body for operation in BODIED if operation.name == "issue_bill")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture
async def gateway(database_url: str, state: Path) -> AsyncIterator[Gateway]:
    settings = Settings(sandbox=True, database_url=SecretStr(database_url), state=state)
    async with open_gateway(settings, database_url) as opened:
        yield opened


async def bill_of(gateway: Gateway, number: int) -> dict[str, Any]:
    """What the portal says of a bill that was paid there."""
    dossier = f"000.00.05.H99-261123-{number:04d}"
    document = {**BILL, "dossier_code": dossier}
    bill = await gateway.able.till.bills.issue(document, bill_id=f"B{number:05d}", context=CONTEXT)
    return {
        "reference": f"PORTAL{number:05d}",
        "partner_code": "",
        "status": "paid",
        "amount": bill.amount,
        "currency": "VND",
        "transaction_id": f"GD{number:05d}",
        "dossier_code": dossier,
    }


async def settled(gateway: Gateway, result: dict[str, Any]) -> str:
    handled = await gateway.able.till.settling.settle(
        result, tenant=gateway.tenant, rail="national_portal", source=Source.PUSH
    )
    return str(handled.receipt)


async def test_money_and_its_receipts_are_one_transaction(gateway: Gateway) -> None:
    """PAY-09: nothing is due for money that was not entered."""
    result = await bill_of(gateway, 1)

    async def undone() -> None:
        async with gateway.ground.database.transaction():
            await settled(gateway, result)
            raise GatewayError("the transaction fails")

    with pytest.raises(GatewayError):
        await undone()
    assert not await gateway.stores.receipts.listed(gateway.tenant, state=None, limit=10)
    await settled(gateway, result)
    due = await gateway.stores.receipts.listed(gateway.tenant, state=ReceiptState.DUE, limit=10)
    assert {receipt.bill_id for receipt in due} == {"B00001"}


async def test_a_hundred_results_of_one_payment_make_its_receipts_once(gateway: Gateway) -> None:
    """F04, F18: the notices, and two workers that issue meanwhile."""
    result = await bill_of(gateway, 2)
    limit = asyncio.Semaphore(4)

    async def told() -> None:
        async with limit:
            await settled(gateway, result)

    async def worker() -> None:
        for _ in range(5):
            await gateway.able.issuing.issue_due(gateway.tenant)

    await asyncio.gather(*(told() for _ in range(100)), worker(), worker())
    await gateway.able.issuing.issue_due(gateway.tenant)
    everything = await gateway.stores.receipts.listed(gateway.tenant, state=None, limit=100)
    ours = [receipt for receipt in everything if receipt.bill_id == "B00002"]
    kinds = {line["kind"] for line in BILL["lines"]}
    assert sorted(receipt.kind for receipt in ours) == sorted(kinds)
    assert all(receipt.state is ReceiptState.ISSUED for receipt in ours)
    numbers = sorted(receipt.number for receipt in everything if receipt.number)
    assert numbers == list(range(1, len(numbers) + 1))
    file = await gateway.services.receipts.file(ours[0].receipt_id, context=CONTEXT)
    assert file.content.startswith(b"%PDF")
