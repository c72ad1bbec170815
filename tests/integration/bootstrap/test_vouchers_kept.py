"""The composed gateway on a real database: the money enters, and its voucher is fetched over a real socket and kept."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from operations import BODIED
from pydantic import SecretStr
from services import CONTEXT

from gateway.bootstrap import Gateway, open_gateway
from gateway.payments.model import PaymentState
from gateway.registry import discover
from gateway.settings import Settings
from mocks._kit.serve import serving
from mocks.payment.app import create_app

DOCUMENT: Any = next(operation.body for operation in BODIED if operation.name == "create_payment")
PAYMENT = "P7Q2M0001ABCDEFGHIJK"


@pytest.fixture
def platform() -> Any:
    with serving(create_app({"receipt_time": "init"})) as url:
        yield url


@pytest.fixture
async def gateway(database_url: str, tmp_path: Path, platform: str) -> AsyncIterator[Gateway]:
    host = platform.removeprefix("http://")
    sandbox = {**discover()["payment"].manifest.sandbox, "base_url": platform}
    system = {**sandbox, "pay_hosts": [host], "voucher_hosts": [host]}
    settings = Settings(database_url=SecretStr(database_url), state=tmp_path, systems={"payment": system})
    async with open_gateway(settings, database_url) as opened:
        yield opened


async def test_f17_from_the_money_to_the_kept_file(gateway: Gateway, platform: str) -> None:
    """F17, PAY-02 (part): asked by the time of the payment first, which this platform refuses."""
    payments, worker = gateway.services.payments, gateway.work.worker("w")
    await payments.create(DOCUMENT, payment_id=PAYMENT, context=CONTEXT)
    async with httpx.AsyncClient(timeout=60) as client:
        paid = await client.post(f"{platform}/_mock/transactions/{PAYMENT}", json={"action": "pay", "copies": 0})
        assert paid.status_code == 200
    await payments.hurry(PAYMENT, context=CONTEXT)
    for _ in range(4):  # the result; the voucher, refused, then by the other time; the link
        await worker.drain()
    assert (await payments.get(PAYMENT, context=CONTEXT)).state is PaymentState.PAID
    [voucher] = await gateway.services.vouchers.of_payment(PAYMENT, context=CONTEXT)
    stored = await gateway.services.vouchers.file(PAYMENT, voucher.sha256, context=CONTEXT)
    assert stored.content.startswith(b"%PDF-")
    assert (hashlib.sha256(stored.content).hexdigest(), voucher.source) == (voucher.sha256, "download_voucher")
    assert voucher.transaction_id == (await payments.get(PAYMENT, context=CONTEXT)).transaction_id
