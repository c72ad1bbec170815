"""Whole payments between the connector and the mock gateway, which were written apart from the same contract page."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from systems import Bench, bench, examples

from gateway.sdk import (
    Accepted,
    Answered,
    Call,
    Handled,
    InboundRequest,
    Outcome,
    Pending,
    Receipt,
    Reconciles,
    Refused,
    SendNow,
    TrustError,
    Unsettled,
    WireReply,
    WireRequest,
)
from mocks.vnpay.app import create_app

OPENING = next(example for example in examples("vnpay") if example.name == "pay_url")
REFERENCE = str(OPENING.sends["vnp_TxnRef"])
INITIATED = OPENING.given["initiated_at"]


class Shop:
    """The connector before a mock whose clock stands just after the payment began."""

    def __init__(self, *, mock: Mapping[str, Any] | None = None, **settings: Any) -> None:
        self.now = datetime.fromisoformat(INITIATED).astimezone(UTC) + timedelta(minutes=1)
        self.notices: list[httpx.Request] = []
        self.answers: list[WireReply] = []
        self.calls = 0
        self.app = create_app(mock, clock=lambda: self.now, transport=httpx.MockTransport(self._notified))
        self.system: Bench = bench("vnpay", way=lambda _: self.app, **settings)

    async def open(self, **changes: Any) -> WireReply:
        """The browser of the payer brings the address."""
        body = self.system.mappings.request("initiate_payment", {**OPENING.given, **changes}).body
        outcome = await self.system.ask(self.system.call("initiate_payment", body))
        assert isinstance(outcome, Accepted)
        url = self.system.mappings.reply("initiate_payment", outcome.body)["pay_url"]
        return await self.system.transport.send(WireRequest(method="GET", url=url))

    async def act(self, action: str, *, copies: int = 0) -> Any:
        order = {"action": action, "copies": copies, "await": True}
        return await self.control(f"transactions/{REFERENCE}", order)

    async def control(self, path: str, body: Any) -> Any:
        url = f"{self.system.settings.base_url}/_mock/{path}"
        reply = await self.system.transport.send(WireRequest(method="POST", url=url, content=json.dumps(body).encode()))
        assert reply.status < 300
        return json.loads(reply.content)

    async def ask(self, operation: str, *, fault: str = "", **given: Any) -> Outcome:
        self.calls += 1
        told = {"reference": REFERENCE, "initiated_at": INITIATED, **given}
        call = self.system.call(operation, self.system.mappings.request(operation, told).body)
        return await self.system.ask(replace(call, call_id=f"REQ{self.calls:04d}", at=self.now), fault=fault)

    async def refund(self, amount: int, *, refund_id: str = "RFD1", whole: bool = False, fault: str = "") -> Outcome:
        return await self.ask(
            "refund_payment",
            fault=fault,
            refund_id=refund_id,
            transaction_id="99000001",
            amount=amount,
            paid_amount=150_000,
            whole=whole,
            reason="Rút hồ sơ",
            requested_by="canbo.mau",
        )

    async def refunded(self, amount: int) -> Outcome:
        return await self.ask("query_refund", refund_id="RFD1", amount=amount, transaction_id="99000001")

    def told(self, operation: str, outcome: Outcome) -> Any:
        assert isinstance(outcome, Answered | Accepted)
        return self.system.mappings.reply(operation, outcome.body)

    def received(self, request: httpx.Request, *, path: str = "ipn") -> InboundRequest:
        query = dict(parse_qsl(urlsplit(str(request.url)).query))
        return InboundRequest(method="GET", path=path, headers={}, query=query, content=b"")

    def _notified(self, request: httpx.Request) -> httpx.Response:
        self.notices.append(request)
        connector: Any = self.system.connector
        reply = connector.acknowledge(self.received(request), Handled(Receipt.RECORDED))
        return httpx.Response(reply.status, content=reply.content)


@pytest.fixture
async def shop() -> Shop:
    shop = Shop()
    assert (await shop.open()).status == 303
    return shop


async def test_a_payment_whose_notice_was_lost_is_found_by_asking() -> None:
    """F01, F05, PAY-08."""
    shop = Shop()
    assert isinstance(await shop.ask("query_payment"), Pending)
    await shop.open()
    assert isinstance(await shop.ask("query_payment"), Pending)
    await shop.act("pay")
    told = shop.told("query_payment", await shop.ask("query_payment"))
    assert told == {
        "reference": REFERENCE,
        "status": "paid",
        "amount": 150_000,
        "currency": "VND",
        "transaction_id": "99000001",
        "bank_code": "DEMOBANK",
        "paid_at": "2026-08-01T14:31:05+07:00",
    }


@pytest.mark.parametrize("form", ["string", "number"])
async def test_large_amounts_go_there_and_back(form: str) -> None:
    """F20, F25."""
    shop = Shop(mock={"amount_form": form})
    await shop.open(amount=3_000_000_000)
    await shop.act("pay")
    assert shop.told("query_payment", await shop.ask("query_payment"))["amount"] == 3_000_000_000


@pytest.mark.parametrize(
    ("action", "status"),
    [("pay", "paid"), ("cancel", "failed"), ("expire", "expired"), ("fail", "failed"), ("suspect", "unclear")],
)
async def test_the_mocks_notice_is_believed_and_confirmed(shop: Shop, action: str, status: str) -> None:
    """PAY-06."""
    facts = await shop.act(action, copies=1)
    connector: Any = shop.system.connector
    message = connector.receive(shop.received(shop.notices[0]))
    told = shop.system.mappings.reply(message.event, message.body)
    assert (told["reference"], told["status"], told["amount"]) == (REFERENCE, status, 150_000)
    assert [sent["verdict"] for sent in facts["ipns"]] == ["00"]


async def test_a_failed_payment_may_still_be_paid(shop: Shop) -> None:
    """F08."""
    for action, status in (("cancel", "failed"), ("pay", "paid")):
        await shop.act(action)
        assert shop.told("query_payment", await shop.ask("query_payment"))["status"] == status


async def test_a_suspicious_payment_stays_open(shop: Shop) -> None:
    await shop.act("suspect")
    assert isinstance(await shop.ask("query_payment"), Pending)


async def test_a_question_asked_twice_or_refused_leaves_the_payment_open(shop: Shop) -> None:
    """F10: code 94, and code 99."""
    await shop.act("pay")
    assert isinstance(await shop.ask("query_payment"), Answered)
    shop.calls = 0
    assert isinstance(await shop.ask("query_payment"), Pending)
    assert isinstance(await shop.ask("query_payment", fault="refuse"), Pending)


@pytest.mark.parametrize(
    "order",
    [
        {"checksum": "forged"},
        {"checksum": "missing"},
        {"checksum": "é"},
        {"secret": "guessed"},
        {"set": {"vnp_TmnCode": "DEMOTMN2"}},
    ],
)
async def test_the_mocks_forgeries_are_not_believed(shop: Shop, order: dict[str, Any]) -> None:
    """F06, F27."""
    await shop.control("ipn", {"vnp_TxnRef": REFERENCE, **order})
    connector: Any = shop.system.connector
    with pytest.raises(TrustError):
        connector.receive(shop.received(shop.notices[0]))


async def test_the_way_back_of_the_pay_page_names_the_payment(shop: Shop) -> None:
    """F13."""
    await shop.act("cancel", copies=1)
    connector: Any = shop.system.connector
    message = connector.receive(shop.received(shop.notices[0], path="return"))
    assert (message.event, message.key) == ("payment_return", REFERENCE)


async def test_refunds_in_parts_and_what_becomes_of_them(shop: Shop) -> None:
    """PAY-16, F34."""
    await shop.act("pay")
    assert isinstance(await shop.refunded(30_000), Pending)
    taken = await shop.refund(30_000)
    assert shop.told("refund_payment", taken) == {"refund_transaction_id": "99000002"}
    assert shop.told("query_refund", await shop.refunded(30_000)) == {
        "refund_id": "RFD1", "status": "done", "amount": 30_000, "refund_transaction_id": "99000002",
    }  # fmt: skip
    assert isinstance(await shop.refunded(40_000), Pending)
    assert isinstance(await shop.refund(130_000, refund_id="RFD2"), Pending)  # more than is left: code 99


async def test_a_whole_refund(shop: Shop) -> None:
    await shop.act("pay")
    assert isinstance(await shop.refund(150_000, whole=True), Accepted)
    assert shop.told("query_refund", await shop.refunded(150_000))["status"] == "done"


@pytest.mark.parametrize(("end", "status"), [("refund_done", "done"), ("refund_refuse", "failed")])
async def test_a_refund_under_way_is_asked_about(shop: Shop, end: str, status: str) -> None:
    await shop.act("pay")
    assert isinstance(await shop.refund(30_000, fault="refund_pending"), Accepted)
    assert isinstance(await shop.refunded(30_000), Pending)
    await shop.act(end)
    assert shop.told("query_refund", await shop.refunded(30_000))["status"] == status


async def test_a_refund_whose_answer_was_lost_is_not_done_twice(shop: Shop) -> None:
    """F11, F12: the request id is the refund's own, so VNPAY knows the repeat."""
    await shop.act("pay")
    with pytest.raises(Unsettled):
        await shop.refund(30_000, fault="late_success")
    assert isinstance(await shop.refund(30_000), Pending)
    assert shop.told("query_refund", await shop.refunded(30_000))["status"] == "done"
    facts = await shop.act("wait")
    assert facts["refunded"] == 30_000


async def settled(shop: Shop) -> str:
    """What the connector finds out about the refund RFD1 of 30,000 whose answer was lost."""
    body = shop.system.mappings.request(
        "refund_payment",
        {
            "refund_id": "RFD1",
            "reference": REFERENCE,
            "transaction_id": "99000001",
            "amount": 30_000,
            "paid_amount": 150_000,
            "whole": False,
            "initiated_at": INITIATED,
            "requested_by": "canbo.mau",
        },
    ).body
    call, connector = shop.system.call("refund_payment", body), shop.system.connector
    assert isinstance(connector, Reconciles)
    question = connector.question(call)
    assert isinstance(question, Call)
    answer = await shop.system.ask(replace(question, call_id="ASKED1", at=shop.now))
    return type(connector.settle(call, answer)).__name__


@pytest.mark.parametrize(
    ("amount", "fault", "found"),
    [
        (30_000, "late_success", "TookEffect"),
        (30_000, "refund_pending", "TookEffect"),
        (30_000, "cut", "CannotTell"),
        (40_000, "late_success", "CannotTell"),
    ],
)
async def test_an_unsettled_refund_is_asked_about_and_never_sent_unasked(
    shop: Shop, amount: int, fault: str, found: str
) -> None:
    """PAY-08, PAY-16, F11: another amount is another refund."""
    await shop.act("pay")
    with contextlib.suppress(Unsettled):
        await shop.refund(amount, fault=fault)
    assert await settled(shop) == found


def test_a_pay_address_may_be_made_again() -> None:
    connector: Any = Shop().system.connector
    call = bench("vnpay").call("initiate_payment", OPENING.sends)
    assert connector.question(call) == SendNow(call=call)


async def test_a_refund_of_what_vnpay_does_not_know_is_refused() -> None:
    outcome = await Shop().refund(30_000)
    assert (type(outcome), getattr(outcome, "code", "")) == (Refused, "91")


async def test_a_wrong_secret_opens_nothing_and_refunds_nothing() -> None:
    shop = Shop(secret="wr0ng", mock={"sign_errors": False})
    assert (await shop.open()).status == 400
    outcome = await shop.refund(30_000)
    assert (type(outcome), getattr(outcome, "code", "")) == (Refused, "97")


async def test_the_secret_rotates_without_a_break() -> None:
    """F31: VNPAY still signs with the old one while it takes both."""
    shop = Shop(mock={"terminals": {"DEMOTMN1": ["VNPSECRET", "N3w"]}}, secret="N3w", previous_secret="VNPSECRET")
    await shop.open()
    await shop.act("pay", copies=1)
    connector: Any = shop.system.connector
    assert connector.receive(shop.received(shop.notices[0])).body["KetQua"] == "paid"
    assert isinstance(await shop.ask("query_payment"), Answered)


async def test_an_address_is_no_good_after_its_expiry() -> None:
    shop = Shop()
    shop.now += timedelta(minutes=15)
    reply = await shop.open()
    assert (reply.status, b"MOCK-11" in reply.content) == (400, True)
    assert isinstance(await shop.ask("query_payment"), Pending)
