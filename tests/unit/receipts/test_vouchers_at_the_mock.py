"""F17 with the real connector and the mock platform: from the money to the file that is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from couriers import atomically
from services import ListedRecorder
from systems import bench, examples
from voucher_house import Found, bill, money, payment

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.service import GatewayExchange
from gateway.receipts.memory_vouchers import MemoryVouchers
from gateway.receipts.voucher_steps import steps
from gateway.receipts.vouchers import DOWNLOAD, FETCH, Vouchers
from gateway.sdk import WireRequest

OPENING = next(example for example in examples("payment") if example.name == "init")
REFERENCE, OPENED_AT = OPENING.given["reference"], OPENING.given["initiated_at"]


class Platform:
    """The mock platform with one paid payment, and the house that fetches its voucher."""

    def __init__(self, **mock: Any) -> None:
        self.now = datetime.now(UTC)
        self.bench = bench("payment", mock=mock)
        breaker = Breaker(BreakerPolicy(), monotonic=self._seconds)
        system = replace(self.bench.system, breaker=breaker, rules=())
        attempts = Attempts(ListedRecorder(), clock=self._clock, monotonic=self._seconds)
        exchange = GatewayExchange({"payment": system}, attempts, clock=self._clock, routes={})
        self.outbox, self.store = MemoryOutbox(), MemoryVouchers()
        self.paid = payment()
        self.vouchers = Vouchers(
            self.store,
            self.outbox,
            exchange,
            bills=Found(bill()),
            payments=Found(None),
            alarms=Alarms(MemoryAlarms(), recorder=ListedRecorder(), clock=self._clock),
            clock=self._clock,
        )
        self.worker = Worker(
            self.outbox,
            exchange,
            name="w",
            atomically=atomically,
            clock=self._clock,
            policy=Policy(),
            follow_ups=steps(self.vouchers, self.outbox, clock=self._clock),
        )

    async def control(self, path: str, body: Any) -> Any:
        url = f"{self.bench.settings.base_url}/_mock/{path}"
        content = json.dumps(body).encode()
        reply = await self.bench.transport.send(WireRequest(method="POST", url=url, content=content))
        assert reply.status < 300
        return json.loads(reply.content)

    async def pay(self) -> None:
        """Open and pay it there, and hear of the money."""
        opening = self.bench.mappings.request("initiate_payment", OPENING.given).body
        await self.bench.ask(self.bench.call("initiate_payment", opening))
        await self.control(f"transactions/{REFERENCE}", {"action": "pay", "copies": 0})
        asked = self.bench.mappings.request("query_payment", {"reference": REFERENCE, "initiated_at": OPENED_AT}).body
        answer: Any = await self.bench.ask(self.bench.call("query_payment", asked))
        told = self.bench.mappings.reply("query_payment", answer.body)
        paid_at = datetime.fromisoformat(told["paid_at"])
        known = {"system": "payment", "reference": REFERENCE, "document": {"initiated_at": OPENED_AT}}
        self.paid = payment(**known, paid_at=paid_at, transaction_id=told["transaction_id"])
        self.vouchers._payments = Found(self.paid)
        collected = replace(money(), payment=self.paid, paid_at=paid_at, transaction_id=told["transaction_id"])
        await self.vouchers.due(collected)

    async def run(self, *, minutes: int) -> None:
        for _ in range(minutes * 6):
            await self.worker.drain()
            self.now += timedelta(seconds=10)

    @property
    def kept(self) -> list[str]:
        """How each kept file came; every one is a whole PDF of this payment."""
        for voucher, content in self.store.kept.values():
            assert content.startswith(b"%PDF-")
            assert (voucher.size, voucher.transaction_id) == (len(content), self.paid.transaction_id)
        return [voucher.source for voucher, _ in self.store.kept.values()]

    def _clock(self) -> datetime:
        return self.now

    def _seconds(self) -> float:
        return self.now.timestamp()


@pytest.mark.parametrize("time", ["ipn", "init", "either"])
@pytest.mark.parametrize(("mode", "source"), [("url", DOWNLOAD), ("pdf", FETCH)])
async def test_f17_both_answers_and_both_readings_of_the_time_end_in_one_file(
    mode: str, source: str, time: str
) -> None:
    platform = Platform(receipt_mode=mode, receipt_time=time)
    await platform.pay()
    await platform.run(minutes=1)
    assert platform.kept == [source]


@pytest.mark.parametrize("fault", ["expired", "placeholder", "empty", "garbage", "html", "error", "json_error:200"])
async def test_f17_a_link_that_leads_to_no_voucher_is_replaced_until_the_file_is_there(fault: str) -> None:
    platform = Platform()
    await platform.pay()
    await platform.control("faults", {"fault": fault, "path": ".pdf", "times": 2})
    await platform.run(minutes=60)
    assert platform.kept == [DOWNLOAD]


@pytest.mark.parametrize("fault", ["refuse", "placeholder", "empty", "garbage", "unavailable:30"])
async def test_f17_a_question_that_gets_no_voucher_is_put_again(fault: str) -> None:
    platform = Platform(receipt_mode="pdf")
    await platform.pay()
    await platform.control("faults", {"fault": fault, "path": "/pp/bill", "times": 2})
    await platform.run(minutes=60)
    assert platform.kept == [FETCH]
