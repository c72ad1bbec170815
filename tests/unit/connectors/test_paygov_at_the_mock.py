"""Whole payments between the connector and the mock PayGov, which were written apart from the same contract page."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from systems import Bench, bench, examples

from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    Handled,
    InboundRequest,
    Outcome,
    Pending,
    Receipt,
    Refused,
    TrustError,
    Unsettled,
    WireRequest,
)
from mocks.paygov.checksum import MOCK_ORDER
from mocks.paygov.ledger import signed
from mocks.paygov.settings import PayGovSettings
from mocks.wso2 import app as wso2

OPENING = next(example for example in examples("paygov") if example.name == "create").given
VOUCHER = next(example for example in examples("paygov") if example.name == "voucher").given
REFERENCE = OPENING["reference"]


async def control(system: Bench, path: str, body: Any) -> Any:
    """Steer the mock."""
    url = f"{system.settings.base_url}/_mock/{path}"
    reply = await system.transport.send(WireRequest(method="POST", url=url, content=json.dumps(body).encode()))
    assert reply.status < 300
    return json.loads(reply.content)


async def asked(system: Bench, operation: str, given: Any, *, fault: str = "") -> Outcome:
    return await system.ask(system.call(operation, system.mappings.request(operation, given).body), fault=fault)


async def paid(system: Bench) -> Any:
    """The payer pays; the notice of it is lost."""
    assert isinstance(await asked(system, "initiate_payment", OPENING), Accepted)
    return await control(system, f"transactions/{REFERENCE}", {"action": "pay", "copies": 0})


def receive(system: Bench, message: Any, *, query: dict[str, str] | None = None) -> Any:
    connector: Any = system.connector
    path, method = ("ipn", "POST") if query is None else ("return", "GET")
    content = json.dumps(message).encode()
    request = InboundRequest(method=method, path=path, headers={}, query=query or {}, content=content)
    received = connector.receive(request)
    return received.event, system.mappings.reply(received.event, received.body)


@pytest.mark.parametrize("dialect", ["direct", "lgsp"])
async def test_a_payment_is_opened_in_both_dialects(dialect: str) -> None:
    """F01, PAY-01 (part)."""
    system = bench("paygov", mock={"dialect": dialect, "bearer_token": "t0ken"}, dialect=dialect, bearer_token="t0ken")
    outcome = await asked(system, "initiate_payment", OPENING)
    assert isinstance(outcome, Accepted)
    pay_url = system.mappings.reply("initiate_payment", outcome.body)["pay_url"]
    assert pay_url.startswith("http://127.0.0.1:7110/pg/pay/")
    other = bench("paygov", mock={"dialect": "direct" if dialect == "lgsp" else "lgsp"}, dialect=dialect)
    assert isinstance(await asked(other, "initiate_payment", OPENING), Pending)


async def test_an_lgsp_that_issues_tokens_is_a_platform_in_between() -> None:
    """CON-02 (part); contract 4.1: a log-in that returns token, refreshToken and expiryDate."""
    lgsp = "http://lgsp.example"
    switches = {"dialect": "T3", "upstreams": {"/": "http://behind"}}
    token = {
        "dialect": "T3",
        "url": f"{lgsp}/api/v1/Authentication/Token",
        "credentials": {"key": "demo_auth_key"},
    }
    system = bench(
        "paygov",
        mock={"dialect": "lgsp", "public_url": "http://127.0.0.1:7110"},
        platforms={"lgsp": {"kind": "gateway", "base_url": lgsp, "token": token}},
        way=lambda app: wso2.create_app(switches, transport=httpx.ASGITransport(app)),
        dialect="lgsp",
        over=({"platform": "lgsp", "operations": ["initiate_payment", "verify_report", "fetch_voucher"]},),
    )
    assert isinstance(await asked(system, "initiate_payment", OPENING), Accepted)
    vouched = next(example for example in examples("paygov") if example.name == "verify_signed").given
    assert isinstance(await asked(system, "verify_report", vouched), Answered)
    assert isinstance(await asked(system, "fetch_voucher", VOUCHER), Answered)


async def test_a_second_attempt_at_a_dossier_has_the_same_order_unless_it_may_not() -> None:
    """Trap 18."""
    first = {**OPENING, "dossier_code": "H99.01-260801-0019"}
    again = {**first, "reference": "PG26K7Q2M0099"}
    for once, own, kind in ((False, False, Accepted), (True, False, Pending), (True, True, Accepted)):
        system = bench("paygov", mock={"order_once": once}, order_id_per_attempt=own)
        assert isinstance(await asked(system, "initiate_payment", first), Accepted)
        assert isinstance(await asked(system, "initiate_payment", again), kind)


async def test_an_opening_whose_answer_is_lost_is_never_opened_twice() -> None:
    """F11, F12."""
    system = bench("paygov")
    with pytest.raises(Unsettled):
        await asked(system, "initiate_payment", OPENING, fault="late_success")
    assert isinstance(await asked(system, "initiate_payment", OPENING), Pending)


async def test_a_wrong_secret_is_refused() -> None:
    system = bench("paygov", mock={"need_lgsp_token": False}, secret="wr0ng")
    assert isinstance(await asked(system, "initiate_payment", OPENING), Refused)


@pytest.mark.parametrize("form", ["number", "string"])
async def test_a_report_becomes_a_payment_by_the_word_of_the_lgsp_and_a_forged_one_does_not(form: str) -> None:
    """F36, F25: no order is known here, so the notice alone proves nothing."""
    system = bench("paygov", mock={"amount_form": form})
    facts = await paid(system)
    crafted = await control(system, "ipn", {"requestCode": REFERENCE})
    event, report = receive(system, crafted["sent"])
    assert event == "payment_report"
    outcome = await asked(system, "verify_report", report)
    assert isinstance(outcome, Answered)
    told = system.mappings.reply("verify_report", outcome.body)
    assert (told["reference"], told["status"], told["amount"]) == (REFERENCE, "paid", 150_000)
    assert told["transaction_id"] == facts["transactionCode"]
    for forged in ({"amount": 15_000}, {"requestCode": "OTHER"}, {"checksum": "f0" * 32}, {"errorCode": "01"}):
        _, lie = receive(system, {**crafted["sent"], **forged})
        outcome = await asked(system, "verify_report", lie)
        assert isinstance(outcome, Answered)
        assert outcome.body["KetQua"] == "forged"
    assert isinstance(await asked(system, "verify_report", report, fault="refuse"), Pending)


async def test_a_lost_notice_is_made_good_by_the_way_back() -> None:
    """F05, F14: the browser's values are vouched for like a report's."""
    system = bench("paygov")
    facts = await paid(system)
    query = dict(parse_qsl(urlsplit(facts["return_link"]).query, keep_blank_values=True))
    event, told = receive(system, None, query=query)
    assert event == "payment_return"
    outcome = await asked(system, "verify_report", told["report"])
    assert isinstance(outcome, Answered)
    assert system.mappings.reply("verify_report", outcome.body)["amount"] == 150_000
    _, told = receive(system, None, query={**query, "amount": "1"})
    lie = await asked(system, "verify_report", told["report"])
    assert isinstance(lie, Answered)
    assert lie.body["KetQua"] == "forged"


async def test_with_the_order_known_the_notice_itself_is_proof() -> None:
    """F06, F07, F27, F31."""
    system = bench("paygov", notice_checksum=MOCK_ORDER)
    await paid(system)
    message = (await control(system, "ipn", {"requestCode": REFERENCE}))["sent"]
    event, told = receive(system, message)
    assert (event, told["reference"], told["status"], told["amount"]) == ("payment_result", REFERENCE, "paid", 150_000)
    bare = {name: value for name, value in message.items() if name != "checksum"}
    rotated = {"partners": {"PAYGOV-DEMO": {"access_key": "AKDEMO", "secrets": ["new", "SKDEMO"]}}}
    for forged in (
        bare,
        {**message, "amount": 15_000},
        signed(bare, PayGovSettings(), partner="PAYGOV-OTHER"),
        signed(bare, PayGovSettings.model_validate(rotated), partner="PAYGOV-DEMO"),
    ):
        with pytest.raises(TrustError):
            receive(system, forged)
    new = bench("paygov", notice_checksum=MOCK_ORDER, secret="new", previous_secret="SKDEMO")
    assert receive(new, message)[0] == receive(new, forged)[0] == "payment_result"


async def test_a_failed_payment_is_unclear_and_may_still_be_paid() -> None:
    """F08: no code but "00" is known."""
    system = bench("paygov", notice_checksum=MOCK_ORDER)
    await asked(system, "initiate_payment", OPENING)
    told = []
    for action, code in (("cancel", "99"), ("pay", "00")):
        await control(system, f"transactions/{REFERENCE}", {"action": action, "copies": 0})
        message = (await control(system, "ipn", {"requestCode": REFERENCE, "set": {"errorCode": code}}))["sent"]
        told.append(receive(system, message)[1]["status"])
    assert told == ["unclear", "paid"]


async def test_the_receipt_of_a_payment_is_fetched_whole() -> None:
    """PAY-02 (part), F17."""
    system = bench("paygov")
    facts = await paid(system)
    asking = {**VOUCHER, "reference": REFERENCE, "transaction_id": facts["transactionCode"]}
    address = await asked(system, "fetch_voucher", asking)
    assert isinstance(address, Answered)
    voucher = system.mappings.reply("fetch_voucher", address.body)
    file = await asked(system, "download_voucher", voucher)
    assert isinstance(file, Answered)
    content = base64.b64decode(system.mappings.reply("download_voucher", file.body)["content"])
    assert content.startswith(b"%PDF-")
    assert facts["transactionCode"].encode() in content
    assert isinstance(await asked(system, "download_voucher", voucher, fault="placeholder"), Pending)
    unknown = {**asking, "transaction_id": "TC0"}
    assert isinstance(await asked(system, "fetch_voucher", unknown), Pending)


async def test_a_receipt_whose_link_has_died_is_absent() -> None:
    system = bench("paygov", mock={"receipt_link_life_s": 0})
    address = await asked(system, "fetch_voucher", VOUCHER)
    assert isinstance(address, Answered)
    assert isinstance(await asked(system, "download_voucher", {"url": address.body["transactionReceipt"]}), Absent)


async def test_three_thousand_million_goes_through_and_names_keep_their_meaning() -> None:
    """F20, F23, F38: quotes, marks and SQL are text to both sides."""
    big = {
        **OPENING,
        "amount": 3_000_000_000,
        "narration": "Nộp phí '; DROP TABLE x; -- \"",
        "dossier_code": 'H99"; --',
    }
    system = bench("paygov", notice_checksum=MOCK_ORDER)
    assert isinstance(await asked(system, "initiate_payment", big), Accepted)
    await control(system, f"transactions/{REFERENCE}", {"action": "pay", "copies": 0})
    message = (await control(system, "ipn", {"requestCode": REFERENCE}))["sent"]
    assert message["orderInfo"] == "Nop phi '; DROP TABLE x; -- \""
    assert receive(system, message)[1]["amount"] == 3_000_000_000


async def test_the_acknowledgement_is_what_the_mock_waits_for() -> None:
    connector: Any = bench("paygov").connector
    request = InboundRequest(method="POST", path="ipn", headers={}, query={}, content=b"{}")
    ack = connector.acknowledge(request, Handled(Receipt.RECORDED))
    assert json.loads(ack.content) == {"error_code": "SUCCESSFUL", "error_message": ""}
