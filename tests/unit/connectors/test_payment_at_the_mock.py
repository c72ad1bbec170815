"""Whole payments between the connector and the mock platform, which were written apart from the same contract page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from systems import Bench, bench, examples

from gateway.sdk import (
    Accepted,
    Answered,
    Handled,
    InboundRequest,
    Outcome,
    Pending,
    Receipt,
    TrustError,
    Unsettled,
    WireRequest,
)
from mocks.payment.ledger import signed
from mocks.payment.settings import PaymentSettings

OPENING = next(example for example in examples("payment") if example.name == "init")
REFERENCE = OPENING.sends["MaThamChieu"]


async def control(system: Bench, path: str, body: Any) -> Any:
    """Steer the mock."""
    url = f"{system.settings.base_url}/_mock/{path}"
    reply = await system.transport.send(WireRequest(method="POST", url=url, content=json.dumps(body).encode()))
    assert reply.status < 300
    return json.loads(reply.content)


async def opened(system: Bench, *, fault: str = "") -> Outcome:
    body = system.mappings.request("initiate_payment", OPENING.given).body
    return await system.ask(system.call("initiate_payment", body), fault=fault)


async def asked(system: Bench, *, fault: str = "") -> Outcome:
    body = {"MaThamChieu": REFERENCE, "ThoiGianGD": OPENING.sends["ThoiGianGD"]}
    return await system.ask(system.call("query_payment", body), fault=fault)


async def settled(system: Bench, action: str) -> Any:
    """The payer acts; the notice of it is lost."""
    return await control(system, f"transactions/{REFERENCE}", {"action": action, "copies": 0})


@pytest.mark.parametrize("envelope", ["direct", "adapter", "adapter_twice"])
async def test_a_payment_is_opened_through_every_envelope(envelope: str) -> None:
    """F01, F24."""
    system = bench("payment", mock={"envelope": envelope})
    outcome = await opened(system)
    assert isinstance(outcome, Accepted)
    assert outcome.reference == REFERENCE
    assert system.mappings.reply("initiate_payment", outcome.body)["pay_url"].startswith(
        "http://127.0.0.1:7104/pp/pay/"
    )


@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("form", ["number", "string"])
async def test_a_payment_whose_notice_was_lost_is_found_by_asking(form: str, signs: bool) -> None:
    """F05, F25."""
    system = bench("payment", mock={"amount_form": form, "sign_query_reply": signs}, query_reply_signed=signs)
    await opened(system)
    assert isinstance(await asked(system), Pending)
    facts = await settled(system, "pay")
    outcome = await asked(system)
    assert isinstance(outcome, Answered)
    told = system.mappings.reply("query_payment", outcome.body)
    assert told.pop("paid_at").endswith("+07:00")
    assert told == {
        "reference": REFERENCE,
        "status": "paid",
        "amount": 150_000,
        "currency": "VND",
        "transaction_id": facts["MaGiaoDich"],
        "bank_code": "DEMOBANK",
    }


async def test_a_failed_payment_may_still_be_paid() -> None:
    """F08: late success."""
    system = bench("payment")
    await opened(system)
    for action, expected in (("cancel", "failed"), ("pay", "paid")):
        await settled(system, action)
        outcome = await asked(system)
        assert isinstance(outcome, Answered)
        assert outcome.body["KetQua"] == expected


async def test_the_platform_says_pending_three_times_before_it_knows() -> None:
    """F09."""
    system = bench("payment", mock={"query_script": ["3", "2", "3"]})
    await opened(system)
    await settled(system, "pay")
    kinds = [type(await asked(system)) for _ in range(4)]
    assert kinds == [Pending, Pending, Pending, Answered]


async def test_a_question_that_fails_leaves_the_payment_open() -> None:
    """F10."""
    system = bench("payment")
    await opened(system)
    assert isinstance(await asked(system, fault="refuse"), Pending)


async def test_an_opening_whose_answer_is_lost_is_never_opened_twice() -> None:
    """F11, F12: the second INIT is refused as a duplicate, which is an open question, not a failure."""
    system = bench("payment")
    with pytest.raises(Unsettled):
        await opened(system, fault="late_success")
    assert isinstance(await opened(system), Pending)
    assert isinstance(await asked(system), Pending)


async def test_a_wrong_secret_is_refused_by_the_platform() -> None:
    system = bench("payment", secret="wr0ng")
    outcome = await opened(system)
    assert (type(outcome).__name__, getattr(outcome, "code", "")) == ("Refused", "07")


@pytest.mark.parametrize("form", ["number", "string"])
async def test_the_mocks_notice_is_believed_and_a_changed_one_is_not(form: str) -> None:
    """F06, F07, F25, F27."""
    system = bench("payment")
    connector: Any = system.connector
    facts = await _paid(system)
    message = {
        "LoaiBanTin": "CONFIRM",
        "MaLoi": "00",
        "MaDoiTac": "DEMO-H99",
        "MaThamChieu": REFERENCE,
        "SoTien": 150_000 if form == "number" else "150000",
        "MaTienTe": "VND",
        "MaGiaoDich": facts["MaGiaoDich"],
        "MaNganHang": "DEMOBANK",
        "ThoiGianGD": facts["ThoiGianGD"],
        "ThongTinGiaoDich": OPENING.sends["ThongTinGiaoDich"],
    }
    good = signed(message, PaymentSettings())
    received = connector.receive(_inbound(good))
    told = system.mappings.reply(received.event, received.body)
    assert (told["reference"], told["status"], told["amount"]) == (REFERENCE, "paid", 150_000)
    assert json.loads(connector.acknowledge(_inbound(good), Handled(Receipt.DUPLICATE)).content)["MaLoi"] == "00"
    for forged in (
        {**good, "SoTien": 15_000},
        {**good, "MaXacThuc": "f0" * 32},
        signed({**message, "MaDoiTac": "DEMO-H98"}, PaymentSettings()),
    ):
        with pytest.raises(TrustError):
            connector.receive(_inbound(forged))


async def test_a_token_is_sent_when_the_adapter_wants_one() -> None:
    system = bench("payment", mock={"bearer_token": "t0ken"}, bearer_token="t0ken")
    assert isinstance(await opened(system), Accepted)


async def _paid(system: Bench) -> Any:
    await opened(system)
    return await settled(system, "pay")


def _inbound(message: Any) -> InboundRequest:
    return InboundRequest(method="POST", path="ipn", headers={}, query={}, content=json.dumps(message).encode())
