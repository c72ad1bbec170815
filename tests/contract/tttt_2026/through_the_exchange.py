"""A whole payment over the 2026 dialect through the gateway's own exchange. Run by test_tttt_2026.py, which puts the
three folders on the path first: nothing else tells the gateway of them."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import tenacity
from services import CONTEXT, ListedRecorder
from systems import Bench, bench, examples

from gateway.exchange.attempt import Attempts
from gateway.exchange.model import Exchanged
from gateway.exchange.routes import Route
from gateway.exchange.service import GatewayExchange
from gateway.registry import discover
from gateway.sdk import Accepted, Answered, Call, Pending, ProtocolViolation, Refused, WireRequest

NAME = "tttt_2026"
NOW = datetime(2026, 8, 1, 7, 30, tzinfo=UTC)
OPENING = next(example for example in examples(NAME) if example.name == "open").given


class Rails:
    """The usual platform and the new one, both configured."""

    def __init__(self, routes: Any = None) -> None:
        self.recorder = ListedRecorder()
        self.new: Bench = bench(NAME)
        attempts = Attempts(self.recorder, clock=lambda: NOW, monotonic=time.monotonic)  # type: ignore[arg-type]  # it records
        systems = {"payment": bench("payment").system, NAME: self.new.system}
        self.exchange = GatewayExchange(
            systems, attempts, clock=lambda: NOW, routes=routes or {}, wait=tenacity.wait_none()
        )

    async def ask(self, operation: str, **canonical: Any) -> Exchanged:
        return await self.exchange.ask(operation, canonical, context=CONTEXT, target=NAME)

    async def pay(self, state: str = "SUCCESS") -> Any:
        content = json.dumps({"MaHoaDon": OPENING["reference"], "state": state}).encode()
        url = f"{self.new.settings.base_url}/_mock/pay"
        return json.loads((await self.new.transport.send(WireRequest(method="POST", url=url, content=content))).content)


@pytest.fixture
def rails() -> Rails:
    return Rails()


def test_the_folder_is_the_registration_and_the_usual_rail_stays_the_usual_one(rails: Rails) -> None:
    assert NAME in discover()
    assert rails.exchange.system_for("initiate_payment") == "payment"
    assert Rails({"initiate_payment": [Route(NAME)]}).exchange.system_for("initiate_payment") == NAME
    assert rails.exchange.system_for("refund_payment") == NAME
    assert rails.exchange.offers("list_transactions", target=NAME)
    assert not rails.exchange.offers("refund_payment", target="payment")


async def test_a_payment_is_opened_asked_about_refunded_and_found_in_the_list_of_its_day(rails: Rails) -> None:
    """PAY-01 (part), PAY-08 (part), PAY-16 (part)."""
    reference = OPENING["reference"]
    opened = await rails.ask("initiate_payment", **OPENING)
    assert isinstance(opened.outcome, Accepted)
    assert opened.canonical == {"pay_url": f"https://tttt.mock.example.vn/p/{reference}"}
    assert isinstance((await rails.ask("query_payment", reference=reference)).outcome, Pending)
    paid = await rails.pay()
    told = (await rails.ask("query_payment", reference=reference)).canonical
    assert (told["status"], told["amount"], told["transaction_id"]) == ("paid", 150_000, paid["MaGiaoDich"])
    refund = {"reference": reference, "transaction_id": told["transaction_id"], "reason": "Hồ sơ bị từ chối"}
    part = await rails.ask("refund_payment", refund_id="RF1", amount=30_000, **refund)
    assert isinstance(part.outcome, Accepted)
    excess = await rails.ask("refund_payment", refund_id="RF2", amount=120_001, **refund)
    assert isinstance(excess.outcome, Refused)
    state = (await rails.ask("query_refund", refund_id="RF1", reference=reference)).canonical
    assert (state["status"], state["amount"]) == ("done", 30_000)
    assert isinstance((await rails.ask("query_refund", refund_id="RF2", reference=reference)).outcome, Pending)
    day = datetime.strptime(paid["MOCK_ThoiGian"], "%Y%m%d%H%M%S").date().isoformat()  # noqa: DTZ007 - a local day
    listed = (await rails.ask("list_transactions", day=day)).canonical
    lines = [(line["kind"], line["status"], line["reference"], line["amount"]) for line in listed["lines"]]
    assert lines == [("payment", "paid", reference, 150_000), ("refund", "refunded", reference, 30_000)]
    assert (listed["count"], listed["total"]) == (2, 180_000)
    assert len(rails.recorder.entries) == 8


async def test_a_failed_payment_is_told_as_failed(rails: Rails) -> None:
    await rails.ask("initiate_payment", **OPENING)
    await rails.pay("FAILED")
    assert (await rails.ask("query_payment", reference=OPENING["reference"])).canonical["status"] == "failed"


async def test_a_repeat_of_the_same_call_is_the_same_payment_and_another_call_a_second_one(rails: Rails) -> None:
    """x-request-id is the idempotency key; a second active bill is refused (section 3)."""
    draft = rails.exchange.draft("initiate_payment", OPENING, key="PAY1", context=CONTEXT, target=NAME)
    call = Call(operation=draft.operation, body=draft.body, call_id=draft.call_id, at=draft.at)
    answers = [await rails.exchange.deliver(draft.stream, call, context=CONTEXT) for _ in range(2)]
    assert [type(answer.outcome) for answer in answers] == [Accepted, Accepted]
    assert answers[0].canonical == answers[1].canonical
    other = await rails.exchange.deliver(draft.stream, replace(call, call_id="OTHER000000000000001"), context=CONTEXT)
    assert isinstance(other.outcome, Refused)


async def test_a_days_file_that_does_not_add_up_is_not_half_believed(rails: Rails) -> None:
    call = rails.new.call("list_transactions", {"MOCK_Loai": "1", "MOCK_Ngay": "20260801"})
    _, reply = await rails.new.send(call)
    assert isinstance(rails.new.connector.interpret(call, reply), Answered)
    text = base64.b64decode(json.loads(reply.content)["MOCK_NoiDung"])
    for before, after in (
        (b"|VND|", b"|VND||"),
        (b"3000000000", b"3000000001"),
        (b"SUCCESS", b"PENDING"),
        (b"1|3", b"2|3"),
    ):
        changed = json.dumps({"MOCK_NoiDung": base64.b64encode(text.replace(before, after)).decode()}).encode()
        with pytest.raises(ProtocolViolation):
            rails.new.connector.interpret(call, replace(reply, content=changed))
