"""Whole payments between the connector and the mock platform, which were written apart from the same contract page."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import datetime
from typing import Any

import httpx
import pytest
from systems import Bench, bench, examples

from gateway.domain import VIETNAM
from gateway.sdk import (
    Accepted,
    Answered,
    Handled,
    InboundRequest,
    Outcome,
    Pending,
    ProtocolViolation,
    Receipt,
    Refused,
    TransientRemoteError,
    TrustError,
    Unsettled,
    WireRequest,
)
from mocks.payment import app as payment
from mocks.payment.ledger import signed
from mocks.payment.settings import PaymentSettings

OPENING = next(example for example in examples("payment") if example.name == "init")
REFERENCE = OPENING.sends["MaThamChieu"]
BILL = {**OPENING.given, "bill_id": "B1", "lookup_id": f"{OPENING.given['dossier_code']}20260801142900"}


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


async def fetched(system: Bench, facts: Any, **more: Any) -> Outcome:
    """GET_BILL with both moments, as the core asks."""
    given = {"reference": REFERENCE, "initiated_at": OPENING.given["initiated_at"], "paid_at": moment(facts), **more}
    return await system.ask(system.call("fetch_voucher", system.mappings.request("fetch_voucher", given).body))


def moment(facts: Any) -> str:
    at = datetime.strptime(facts["ThoiGianGD"], "%Y%m%d%H%M%S").replace(tzinfo=VIETNAM)
    return at.isoformat()


@pytest.mark.parametrize("mode", ["url", "pdf"])
@pytest.mark.parametrize("time", ["ipn", "init"])
async def test_a_voucher_is_fetched_however_the_platform_gives_it(mode: str, time: str) -> None:
    """PAY-02, F17: a link or the file, under either reading of the time, the second after a refusal of the first."""
    system = bench("payment", mock={"receipt_mode": mode, "receipt_time": time})
    facts = await _paid(system)
    outcome = await fetched(system, facts)
    if time == "init":
        assert isinstance(outcome, Refused)
        outcome = await fetched(system, facts, reading="init")
    assert isinstance(outcome, Answered)
    told = system.mappings.reply("fetch_voucher", outcome.body)
    if mode == "url":
        body = system.mappings.request("download_voucher", {"url": told["url"]}).body
        outcome = await system.ask(system.call("download_voucher", body))
        assert isinstance(outcome, Answered)
        told = system.mappings.reply("download_voucher", outcome.body)
    assert b64decode(told["content"]).startswith(b"%PDF-")
    assert told["media_type"] == "application/pdf"


@pytest.mark.parametrize("mode", ["url", "pdf"])
async def test_a_voucher_that_is_none_is_never_taken(mode: str) -> None:
    """F17."""
    system = bench("payment", mock={"receipt_mode": mode})
    facts = await _paid(system)
    for fault, kind in (("refuse", Refused), ("placeholder", Pending)):
        await control(system, "faults", {"fault": fault, "path": "/pp/bill"})
        outcome = await fetched(system, facts)
        if isinstance(outcome, Answered):
            outcome = await system.ask(system.call("download_voucher", outcome.body))
        assert isinstance(outcome, kind)
    await control(system, "faults", {"fault": "empty", "path": "/pp/bill"})
    with pytest.raises(TransientRemoteError):
        await fetched(system, facts)


async def test_a_link_that_died_needs_a_fresh_one() -> None:
    """F17."""
    system = bench("payment", mock={"bill_link_life_s": 0})
    outcome = await fetched(system, await _paid(system))
    assert isinstance(outcome, Answered)
    assert isinstance(await system.ask(system.call("download_voucher", outcome.body)), Pending)


async def listed(system: Bench, day: str) -> Any:
    body = system.mappings.request("list_transactions", {"day": day}).body
    outcome = await system.ask(system.call("list_transactions", body))
    assert isinstance(outcome, Answered)
    return system.mappings.reply("list_transactions", outcome.body)


async def test_the_days_list_has_payments_and_refunds() -> None:
    """PAY-07 (part), F29, F34."""
    system = bench("payment")
    await opened(system)
    order = {"action": "pay", "copies": 0, "at": "20260801235958"}
    facts = await control(system, f"transactions/{REFERENCE}", order)
    refund = {"MaThamChieu": REFERENCE, "SoTien": 50_000, "at": "20260801235959"}
    given_back = await control(system, "refunds", refund)
    document = await listed(system, "2026-08-01")
    assert (document["count"], document["total"]) == (2, 200_000)
    paid, back = document["lines"]
    assert (paid["transaction_id"], paid["status"], paid["paid_at"]) == (
        facts["MaGiaoDich"],
        "paid",
        "2026-08-01T23:59:58+07:00",
    )
    assert paid["beneficiary_account"] == OPENING.given["beneficiary"]["account"]
    assert (back["transaction_id"], back["kind"], back["status"]) == (given_back["MaGiaoDich"], "refund", "refunded")
    assert (await listed(system, "2026-08-02"))["lines"] == []


@pytest.mark.parametrize("damage", ["count", "total", "checksum"])
async def test_a_damaged_list_is_no_list(damage: str) -> None:
    """F30 (part)."""
    system = bench("payment", mock={"recon_damage": damage})
    with pytest.raises(ProtocolViolation):
        await listed(system, "2026-08-01")


async def test_what_the_portal_collects_comes_in_with_its_voucher() -> None:
    """PAY-02, F16, F37: the mock asks this connector what is due and pushes to it; both were written apart."""
    connector: Any = bench("payment").connector
    came: list[InboundRequest] = []
    bill = bench("payment").mappings.request("fees_lookup", {"due": True, "bill": BILL}).body

    def province(request: httpx.Request) -> httpx.Response:
        path = request.url.path.rsplit("/", 1)[1]
        came.append(InboundRequest(method="POST", path=path, headers={}, query={}, content=request.content))
        connector.receive(came[-1])
        asks = path == "dptracuuthanhtoanhs"
        handled = Handled(Receipt.ANSWERED, answer=bill) if asks else Handled(Receipt.RECORDED)
        reply = connector.acknowledge(came[-1], handled)
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.content)

    app = payment.create_app(transport=httpx.MockTransport(province))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:7104") as client:
        told = (await client.post("/_mock/lookup", json={"MaHoSo": BILL["dossier_code"]})).json()
        assert (told["paid"], told["complaints"]) == (True, [])
        assert [answer["verdict"] for answer in told["answers"]] == ["acknowledged"]
        received = connector.receive(came[-1])
        document = bench("payment").mappings.reply(received.event, received.body)
        assert (document["reference"], document["amount"]) == (told["MaThamChieu"], 150_000)
        assert (document["dossier_code"], document["lookup_id"]) == (BILL["dossier_code"], BILL["lookup_id"])
        assert (await client.get(document["voucher_url"])).content.startswith(b"%PDF-")


async def test_a_token_is_sent_when_the_adapter_wants_one() -> None:
    system = bench("payment", mock={"bearer_token": "t0ken"}, bearer_token="t0ken")
    assert isinstance(await opened(system), Accepted)


async def _paid(system: Bench) -> Any:
    await opened(system)
    return await settled(system, "pay")


def _inbound(message: Any) -> InboundRequest:
    return InboundRequest(method="POST", path="ipn", headers={}, query={}, content=json.dumps(message).encode())
