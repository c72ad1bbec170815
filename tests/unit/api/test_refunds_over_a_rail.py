"""A refund over VNPAY, from the API through connector and mock and back into the books: once, whatever is lost."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from province import Province, atomically, now

from gateway.api.schemas.payments import EXAMPLE
from gateway.delivery.backoff import Backoff
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.payments.followup import QueryFollowUp
from gateway.refunds.sending import ORDER, QUESTION, RefundOrder, RefundQuestion
from gateway.sdk import WireRequest

DECISION = {"number": "12/QĐ-UBND", "day": "2026-11-23"}


class Rail:
    """The province, its worker, and the hands on the mock."""

    def __init__(self, province: Province, caller: httpx.AsyncClient) -> None:
        self.province, self.caller, self.ahead = province, caller, timedelta()
        self.system = province.systems["vnpay"]
        till = province.till
        self.worker = Worker(
            province.outbox,
            province.exchange,
            name="w",
            atomically=atomically,
            clock=self.clock,
            policy=Policy(doubts=2, backoff=Backoff(base_s=2, cap_s=4)),
            follow_ups={
                "query_payment": QueryFollowUp(till.settling, till.payments),
                QUESTION: RefundQuestion(province.refunds, province.endings),
            },
            owners={ORDER: RefundOrder(province.refunds, province.endings)},
        )

    def clock(self) -> datetime:
        return now() + self.ahead

    async def work(self, *, after_s: float = 0) -> None:
        self.ahead += timedelta(seconds=after_s)
        while await self.worker.drain():
            pass

    async def post(self, path: str, body: Any) -> Any:
        answer = await self.caller.post(path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        assert answer.is_success, answer.text
        return answer.json()

    async def mock(self, path: str, body: Any = None) -> Any:
        content = json.dumps(body).encode() if body is not None else b""
        url, method = f"{self.system.settings.base_url}/_mock/{path}", "GET" if body is None else "POST"
        reply = await self.system.transport.send(WireRequest(method=method, url=url, content=content))
        return json.loads(reply.content)

    async def paid(self) -> str:
        """A payment that VNPAY says is paid; asking found it out."""
        payment = await self.post("/v1/payments", {**EXAMPLE, "rail": "vnpay"})
        name: str = payment["id"]
        await self.system.transport.send(WireRequest(method="GET", url=payment["pay_url"]))
        await self.mock(f"transactions/{name}", {"action": "pay", "copies": 0})
        await self.work(after_s=31)
        assert (await self.caller.get(f"/v1/payments/{name}")).json()["state"] == "paid"
        return name

    async def refund(self, payment_id: str) -> str:
        """Asked for and allowed; not sent yet."""
        body = {"amount": 150_000, "refundable": 150_000, "reason": "Hồ sơ bị từ chối", "requested_by": "canbo.mau"}
        asked = await self.post(f"/v1/payments/{payment_id}/refunds", body)
        assert asked["way"] == "rail"
        where = f"/v1/refunds/{asked['id']}"
        allowed = await self.post(f"{where}/approval", {"approved_by": "chutich.mau", "decision": DECISION})
        assert allowed["state"] == "sent"
        return where

    async def shown(self, where: str) -> Any:
        return (await self.caller.get(where)).json()

    async def refunds_there(self, payment_id: str) -> list[Any]:
        found: list[Any] = (await self.mock(f"transactions/{payment_id}"))["refunds"]
        return found


@pytest.fixture
async def rail(province: Province, caller: httpx.AsyncClient) -> AsyncIterator[Rail]:
    rail = Rail(province, caller)
    yield rail
    await rail.system.transport.send(WireRequest(method="DELETE", url=f"{rail.system.settings.base_url}/_mock/faults"))


async def test_money_goes_back_over_the_rail_and_is_entered_once(rail: Rail) -> None:
    """PAY-16, F34."""
    payment_id = await rail.paid()
    where = await rail.refund(payment_id)
    await rail.work()
    await rail.mock(f"transactions/{payment_id}", {"action": "refund_done"})
    await rail.work(after_s=31)
    done = await rail.shown(where)
    assert (done["state"], done["amount"]) == ("done", 150_000)
    assert len(await rail.refunds_there(payment_id)) == 1
    bill = await rail.province.till.bills.find("H99", done["bill_id"])
    assert bill is not None
    assert bill.state == "refunded"
    assert await rail.province.till.books.balance("H99") == 0
    assert (await rail.shown(f"/v1/payments/{payment_id}"))["state"] == "paid"


async def test_an_answer_that_was_lost_is_asked_for_and_no_second_order_leaves(rail: Rail) -> None:
    """PAY-08 (part): the bytes left, and were taken."""
    payment_id = await rail.paid()
    where = await rail.refund(payment_id)
    await rail.mock("faults", {"fault": "truncated", "times": 1, "contains": '"refund"'})
    await rail.work()
    assert (await rail.shown(where))["state"] == "unknown"
    await rail.mock(f"transactions/{payment_id}", {"action": "refund_done"})
    await rail.work(after_s=60)
    await rail.work(after_s=60)
    assert (await rail.shown(where))["state"] == "done"
    assert len(await rail.refunds_there(payment_id)) == 1


async def test_an_order_that_never_arrived_waits_for_a_person_and_is_not_sent_on_a_guess(rail: Rail) -> None:
    """PAY-08 (part)."""
    payment_id = await rail.paid()
    where = await rail.refund(payment_id)
    await rail.mock("faults", {"fault": "cut", "times": 1, "contains": '"refund"'})
    for _ in range(5):
        await rail.work(after_s=60)
    shown = await rail.shown(where)
    assert (shown["state"], await rail.refunds_there(payment_id)) == ("unknown", [])
    gone = await rail.post(f"{where}/cancellation", {"cancelled_by": "ketoan.mau"})
    assert (gone["state"], gone["trouble"]) == ("failed", "partner.cannot_tell")
