"""The composed gateway on a real database: a receipt and the word of it to the tax authority stand or fall together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from tax_house import TARGET, content, receipt

from gateway.bootstrap import Gateway, open_gateway, utc_now
from gateway.bootstrap.taxing import transmission, transmission_watch
from gateway.domain import local_day
from gateway.receipts.tax_watch import Haste
from gateway.sdk import GatewayError
from gateway.settings import Settings
from mocks._kit.serve import serving
from mocks.tax_authority.app import create_app


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of the module's database."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
async def gateway(database_url: str, state: Path) -> AsyncIterator[Gateway]:
    with serving(create_app()) as url:
        connector = {**SANDBOX, "base_url": url}
        settings = Settings(
            database_url=SecretStr(database_url), state=state, systems={TARGET: connector}, sandbox=False
        )
        async with open_gateway(settings, database_url) as opened:
            yield opened


SANDBOX = {
    "submit_path": "/MOCK-TAX/bang-tong-hop",
    "bearer_token": "MOCK-TAX-token",
    "sender_code": "DEMO-H99",
    "message_field": "MOCK-TAX-MaThongDiep",
    "form_field": "MOCK-TAX-MauBieu",
    "sender_field": "MOCK-TAX-DonViGui",
    "list_field": "MOCK-TAX-DanhSachBienLai",
    "status_field": "MOCK-TAX-TrangThai",
    "accepted_words": ["MOCK-TAX-TIEP-NHAN"],
}


@pytest.mark.usefixtures("one_day")
async def test_what_is_not_issued_is_not_told_and_what_is_issued_is(gateway: Gateway) -> None:
    """PAY-13 (part)."""
    tell = transmission(gateway.ground, gateway.stores)
    watch = transmission_watch(gateway.ground, gateway.stores, gateway.able.alarms)
    now, today = utc_now(), local_day(utc_now())
    symbol = f"{today:%y}TAA"

    async def issue_in_vain() -> None:
        async with gateway.ground.database.transaction():
            await tell(receipt(1, now, tenant=gateway.tenant, symbol=symbol), content())
            raise GatewayError("the receipt is not issued")

    with pytest.raises(GatewayError):
        await issue_in_vain()
    assert (await watch.standing(since=today)).waiting == 0

    async with gateway.ground.database.transaction():
        await tell(receipt(2, now, tenant=gateway.tenant, symbol=symbol), content())
    standing = await watch.standing(since=today)
    assert (standing.told, standing.waiting, standing.oldest) == (0, 1, today)
    assert standing.due is not None
    assert standing.due > now + timedelta(days=2)
    await gateway.work.worker("w").drain()
    standing = await watch.standing(since=today)
    assert (standing.told, standing.waiting, standing.haste) == (1, 0, Haste.NONE)


async def test_the_worker_knows_both_steps_to_a_voucher_and_the_chores_watch(gateway: Gateway) -> None:
    worker = gateway.work.worker("w")
    assert {"fetch_voucher", "download_voucher"} <= worker._follow_ups.keys()
    watch = transmission_watch(gateway.ground, gateway.stores, gateway.able.alarms)
    assert len(watch.chores()) == 2
