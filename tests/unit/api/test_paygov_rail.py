"""A payment over PayGov through the whole gateway: what a notice is worth before anybody vouches for it, and after."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from operations import BODIED
from province import Province, now

from gateway.delivery.backoff import Backoff
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.payments.followup import ReportFollowUp
from gateway.sdk import WireRequest

PAYMENT = next(operation for operation in BODIED if operation.name == "create_payment")
PATH = "/inbound/paygov/ipn"
MOCK = "http://127.0.0.1:7110/_mock"


@contextlib.asynccontextmanager
async def nothing_open() -> AsyncIterator[None]:
    yield


class Town:
    """The gateway, the mock behind it, and a worker whose clock is ahead, so that everything is due."""

    def __init__(self, province: Province, caller: httpx.AsyncClient) -> None:
        self.province, self.caller = province, caller
        self.worker = Worker(
            province.outbox,
            province.exchange,
            name="w",
            atomically=nothing_open,
            clock=lambda: now() + timedelta(minutes=30),
            policy=Policy(backoff=Backoff(uniform=lambda _, most: most)),
            follow_ups={"verify_report": ReportFollowUp(province.till.settling)},
        )

    async def mock(self, path: str, body: Any) -> Any:
        request = WireRequest(method="POST", url=f"{MOCK}/{path}", content=json.dumps(body).encode())
        return json.loads((await self.province.systems["paygov"].transport.send(request)).content)

    async def opened(self) -> Any:
        body = {**PAYMENT.body, "rail": "paygov"}  # type: ignore[dict-item]  # a JSON object
        reply = await self.caller.post(PAYMENT.path, json=body, headers=PAYMENT.headers)
        assert reply.status_code == 201, reply.text
        return reply.json()

    async def notice(self, payment: Any, **order: Any) -> Any:
        """What PayGov would send; the mock makes it, we carry it."""
        return (await self.mock("ipn", {"requestCode": payment["id"], "url": "http://127.0.0.1:1/", **order}))["sent"]

    async def send(self, message: Any) -> Any:
        async with self.province.client() as stranger:
            return (await stranger.post(PATH, json=message)).json()

    async def state(self, payment: Any) -> tuple[str, int]:
        seen = (await self.caller.get(f"/v1/payments/{payment['id']}")).json()
        return seen["state"], seen["postings"]


@pytest.fixture
async def town(province: Province, caller: httpx.AsyncClient) -> Town:
    return Town(province, caller)


async def test_a_notice_is_kept_vouched_for_and_then_posted_once(town: Town) -> None:
    """PAY-01 (part), PAY-06 (part), PAY-08 (part), F01, F03."""
    payment = await town.opened()
    assert payment["pay_url"].startswith("http://127.0.0.1:7110/pg/pay/")
    await town.mock(f"transactions/{payment['id']}", {"action": "pay", "copies": 0})
    message = await town.notice(payment)
    answers = [await town.send(message) for _ in range(3)]
    assert answers == [{"error_code": "SUCCESSFUL", "error_message": ""}] * 3
    assert await town.state(payment) == ("opened", 0)
    await town.worker.drain()
    assert await town.state(payment) == ("paid", 1)
    await town.send(message)
    await town.worker.drain()
    assert await town.state(payment) == ("paid", 1)


@pytest.mark.parametrize("lie", [{"checksum": "forged"}, {"checksum": "missing"}, {"secret": "mine"}])
async def test_whoever_knows_the_address_and_a_code_cannot_make_a_dossier_paid(town: Town, lie: dict[str, str]) -> None:
    """F36, PAY-06; trap 17."""
    payment = await town.opened()
    await town.send(await town.notice(payment, **lie))
    await town.worker.drain()
    assert await town.state(payment) == ("opened", 0)
    unknown = {**await town.notice(payment), "requestCode": "UNKNOWN1"}
    await town.send(unknown)
    await town.worker.drain()
    assert await town.state(payment) == ("opened", 0)


async def test_the_dossier_in_the_order_id_matches_nothing(town: Town) -> None:
    """Trap 18: well signed by PayGov, about the dossier, and about another attempt."""
    payment = await town.opened()
    await town.send(await town.notice({"id": "OTHERATTEMPT1"}, set={"orderId": f"X-{payment['dossier_code']}-01"}))
    await town.worker.drain()
    assert await town.state(payment) == ("opened", 0)


async def test_another_amount_is_not_posted_though_paygov_signed_it(town: Town) -> None:
    """F07."""
    payment = await town.opened()
    await town.send(await town.notice(payment, set={"amount": 1}))
    await town.worker.drain()
    assert await town.state(payment) == ("opened", 0)


async def test_a_forged_word_stands_in_nobodys_way_and_holds_no_stream(town: Town) -> None:
    """F36: the true notice that follows it is posted."""
    payment = await town.opened()
    await town.send(await town.notice(payment, checksum="forged"))
    await town.worker.drain()
    await town.send(await town.notice(payment))
    await town.worker.drain()
    assert await town.state(payment) == ("paid", 1)
    assert list(await town.province.outbox.held("H99", "paygov", limit=9)) == []
