"""The VNPAY mock's merchant side: vectors, pay address, querydr, refund and their refusals (section 5.4)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from mocks.vnpay import app as vnpay
from mocks.vnpay import checksum

SAMPLES = Path(vnpay.__file__).parent / "samples"
SECRET = "VNPSECRET"
REFERENCE = "PAY26K7Q2M0001"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def sha512(text: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


def resigned(message: Mapping[str, Any], order: tuple[str, ...], *, secret: str = SECRET) -> dict[str, Any]:
    return {**message, checksum.FIELD: sha512("|".join(str(message[name]) for name in order), secret)}


def asked(**changes: Any) -> dict[str, Any]:
    return resigned({**sample("querydr"), **changes}, checksum.QUERYDR)


def refunding(**changes: Any) -> dict[str, Any]:
    return resigned({**sample("refund"), **changes}, checksum.REFUND)


def paying(*, secret: str = SECRET, **changes: str) -> str:
    """A pay address with a right hash."""
    parameters = {name: value for name, value in {**sample("pay"), **changes}.items() if name != checksum.FIELD}
    signed = {**parameters, checksum.FIELD: checksum.of_address(parameters, secret)}
    return f"/paymentv2/vpcpay.html?{urlencode(signed)}"


class Merchant:
    """Before a mock whose clock stands at the time of the samples."""

    def __init__(self, before: Any, clock: Any, **settings: Any) -> None:
        clock.now = clock.now.replace(year=2026, month=8, day=1, hour=7, minute=31)  # 14:31 in Ha Noi
        self.clock = clock
        self.client: httpx.AsyncClient = before(vnpay.create_app(settings, clock=clock, new_token=lambda: "tok"))

    async def open(self, address: str = "") -> httpx.Response:
        return await self.client.get(address or paying())

    async def act(self, action: str) -> Any:
        order = {"action": action, "copies": 0}
        reply = await self.client.post(f"/_mock/transactions/{REFERENCE}", json=order)
        return reply.raise_for_status().json()

    async def call(self, message: Any, **headers: str) -> Any:
        return (await self.client.post("/merchant_webapi/api/transaction", json=message, headers=headers)).json()

    async def paid(self) -> Merchant:
        assert (await self.open()).status_code == 303
        await self.act("pay")
        return self


@pytest.fixture
def merchant(before: Any, clock: Any) -> Merchant:
    return Merchant(before, clock)


def test_the_vector_of_the_contract_comes_out() -> None:
    digest = (
        "d58e3a59b363ebc3fc7bcf002c46fa6d92f56bc3e56958e8f07dec2e999dc98602cd2d19a383a5a60c4ad2cf5f629e381256b023fca3df"
        "1092bf4f4cee268551"
    )
    assert checksum.of_message(sample("querydr"), checksum.QUERYDR, SECRET) == digest
    assert checksum.is_right(digest, [checksum.of_message(sample("querydr"), checksum.QUERYDR, SECRET)])


@pytest.mark.parametrize("name", ["pay", "ipn"])
def test_the_samples_of_addresses_are_signed_by_the_rule(name: str) -> None:
    message = sample(name)
    assert checksum.of_address(message, SECRET) == message[checksum.FIELD]


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("querydr_reply", checksum.QUERYDR_REPLY),
        ("refund", checksum.REFUND),
        ("refund_reply", checksum.MOCK_REFUND_REPLY),
    ],
)
def test_the_samples_of_messages_are_signed_by_the_rule(name: str, order: tuple[str, ...]) -> None:
    message = sample(name)
    assert checksum.of_message(message, order, SECRET) == message[checksum.FIELD]


async def test_the_contracts_address_opens_a_page_once(merchant: Merchant) -> None:
    first, again = await merchant.open(), await merchant.open()
    assert first.headers["location"] == again.headers["location"] == "/MOCK-pay/tok"
    page = await merchant.client.get("/MOCK-pay/tok")
    assert (page.status_code, "150.000 đồng" in page.text) == (200, True)
    known = (await merchant.client.get("/_mock/transactions")).json()["transactions"]
    assert [each["vnp_TxnRef"] for each in known] == [REFERENCE]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (paying(secret="wrong"), "97"),
        (paying().replace("15000000", "1500000"), "97"),
        (paying().replace(checksum.FIELD, "vnp_Other"), "97"),
        (paying(vnp_TmnCode="NOBODY"), "02"),
        (paying(vnp_Amount="15000050"), "03"),
        (paying(vnp_Amount="0"), "03"),
        (paying(vnp_TxnRef="X'; DROP TABLE x"), "03"),
        (paying(vnp_OrderInfo="Thanh toán hồ sơ"), "03"),
        (paying(vnp_OrderInfo="<script>"), "03"),
        (paying(vnp_CurrCode="USD"), "03"),
        (paying(vnp_CreateDate="2026-08-01"), "03"),
        (paying(vnp_CreateDate="20261301000000"), "03"),
        (paying(vnp_ExpireDate="20260801143005"), "03"),
        (paying(vnp_CreateDate="20260801140000", vnp_ExpireDate="20260801143000"), "11"),
        (paying(vnp_ReturnUrl=""), "03"),
        (f"{paying()}&vnp_Amount=100", "03"),
        ("/paymentv2/vpcpay.html", "03"),
    ],
)
async def test_an_address_that_is_not_good_opens_nothing(merchant: Merchant, address: str, code: str) -> None:
    reply = await merchant.open(address)
    assert (reply.status_code, f"MOCK-{code}" in reply.text) == (400, True)
    assert (await merchant.client.get("/_mock/transactions")).json() == {"transactions": []}


async def test_a_reference_is_good_for_one_address(merchant: Merchant) -> None:
    await merchant.open()
    assert "MOCK-94" in (await merchant.open(paying(vnp_Amount="100"))).text


async def test_large_amounts_are_whole(merchant: Merchant) -> None:
    """F20."""
    await merchant.open(paying(vnp_Amount="300000000000"))
    assert "3.000.000.000 đồng" in (await merchant.client.get("/MOCK-pay/tok")).text
    assert (await merchant.call(asked()))["vnp_Amount"] == "300000000000"


@pytest.mark.parametrize(
    ("action", "status", "number"),
    [
        ("wait", "01", "0"),
        ("pay", "00", "99000001"),
        ("cancel", "02", "0"),
        ("fail", "02", "0"),
        ("suspect", "07", "99000001"),
    ],
)
async def test_querydr_tells_what_became_of_it(merchant: Merchant, action: str, status: str, number: str) -> None:
    await merchant.open()
    await merchant.act(action)
    reply = await merchant.call(asked())
    assert (reply["vnp_ResponseCode"], reply["vnp_TransactionStatus"], reply["vnp_TransactionNo"]) == (
        "00",
        status,
        number,
    )
    assert reply["vnp_TransactionType"] == "01"
    assert reply[checksum.FIELD] == sha512("|".join(str(reply[name]) for name in checksum.QUERYDR_REPLY))


async def test_nobody_pays_after_the_expiry(merchant: Merchant) -> None:
    await merchant.open()
    merchant.clock.pass_s(15 * 60)
    await merchant.client.post("/MOCK-pay/tok", data={"action": "pay"}, headers={"X-Mock-Fault": "lost_ipn"})
    facts = (await merchant.client.get(f"/_mock/transactions/{REFERENCE}")).json()
    assert (facts["vnp_ResponseCode"], facts["vnp_TransactionStatus"]) == ("11", "02")


async def test_an_address_that_was_left_open_is_over_when_it_is_asked_about(merchant: Merchant) -> None:
    await merchant.open()
    merchant.clock.pass_s(15 * 60)
    assert (await merchant.call(asked()))["vnp_TransactionStatus"] == "02"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (asked(vnp_TxnRef="PAY26K7Q2M0999"), "91"),
        (asked(vnp_TransactionDate="20260801143006"), "91"),
        ({**asked(), checksum.FIELD: "0" * 128}, "97"),
        ({**asked(), checksum.FIELD: "é" * 128}, "97"),
        ({**asked(), "vnp_OrderInfo": "other"}, "97"),
        ({**asked(), checksum.FIELD: asked()[checksum.FIELD].upper()}, "97"),
        (resigned(sample("querydr"), tuple(sorted(checksum.QUERYDR))), "97"),
        (resigned(sample("querydr"), checksum.QUERYDR, secret="VNPSECRETOTHER"), "97"),
        (asked(vnp_TmnCode="NOBODY"), "02"),
        (asked(vnp_OrderInfo="a|b"), "03"),
        (asked(vnp_Version="2.0.0"), "03"),
        (asked(vnp_RequestId="'; --"), "03"),
        (asked(vnp_CreateDate="now"), "03"),
        ({key: value for key, value in asked().items() if key != checksum.FIELD}, "03"),
        ({**asked(), "vnp_TxnRef": 7}, "03"),
        ({**asked(), "vnp_Command": "pay"}, "03"),
        ([], "03"),
    ],
)
async def test_a_question_that_is_not_good_says_nothing_of_money(merchant: Merchant, message: Any, code: str) -> None:
    await merchant.paid()
    reply = await merchant.call(message)
    assert (reply["vnp_ResponseCode"], "vnp_TransactionStatus" in reply) == (code, False)


async def test_another_merchants_transaction_is_not_found(merchant: Merchant) -> None:
    """F27."""
    await merchant.paid()
    other = resigned({**sample("querydr"), "vnp_TmnCode": "DEMOTMN2"}, checksum.QUERYDR, secret="VNPSECRETOTHER")
    assert (await merchant.call(other))["vnp_ResponseCode"] == "91"


async def test_a_request_id_is_good_for_one_call_a_day(merchant: Merchant) -> None:
    await merchant.paid()
    codes = [(await merchant.call(asked()))["vnp_ResponseCode"] for _ in range(2)]
    merchant.clock.pass_s(24 * 3600)
    codes.append((await merchant.call(asked()))["vnp_ResponseCode"])
    assert codes == ["00", "94", "00"]


async def test_asking_too_often_is_refused_by_switch(before: Any, clock: Any) -> None:
    merchant = await Merchant(before, clock, query_window_s=300).paid()
    codes = [(await merchant.call(asked(vnp_RequestId=f"R{n}")))["vnp_ResponseCode"] for n in range(2)]
    merchant.clock.pass_s(301)
    codes.append((await merchant.call(asked(vnp_RequestId="R9")))["vnp_ResponseCode"])
    assert codes == ["00", "94", "00"]


async def test_both_secrets_are_taken_and_the_first_one_signs(before: Any, clock: Any) -> None:
    """F31."""
    merchant = await Merchant(before, clock, terminals={"DEMOTMN1": ["new", SECRET]}).paid()
    reply = await merchant.call(asked())
    assert reply[checksum.FIELD] == sha512("|".join(str(reply[name]) for name in checksum.QUERYDR_REPLY), "new")


async def test_replies_as_switched(before: Any, clock: Any) -> None:
    merchant = await Merchant(before, clock, amount_form="number", sign_errors=False).paid()
    assert (await merchant.call(asked()))["vnp_Amount"] == 15_000_000
    assert checksum.FIELD not in await merchant.call(asked())


async def test_refunds_in_parts_are_never_more_than_was_paid(merchant: Merchant) -> None:
    """F34."""
    await merchant.paid()
    replies = [
        await merchant.call(refunding(vnp_RequestId=f"RFD{n}", vnp_Amount=amount))
        for n, amount in enumerate(["10000000", "6000000", "5000000", "100"])
    ]
    assert [reply["vnp_ResponseCode"] for reply in replies] == ["00", "99", "00", "99"]
    assert replies[0][checksum.FIELD] == sha512("|".join(str(replies[0][name]) for name in checksum.MOCK_REFUND_REPLY))
    facts = (await merchant.client.get(f"/_mock/transactions/{REFERENCE}")).json()
    assert (facts["amount"], facts["refunded"]) == (150_000, 150_000)


async def test_a_whole_refund_is_of_all_that_was_paid(merchant: Merchant) -> None:
    await merchant.paid()
    part = await merchant.call(refunding(vnp_RequestId="A", vnp_TransactionType="02"))
    whole = await merchant.call(refunding(vnp_RequestId="B", vnp_TransactionType="02", vnp_Amount="15000000"))
    assert [part["vnp_Message"][:21], whole["vnp_ResponseCode"]] == ["MOCK-REFUND-NOT-WHOLE", "00"]
    told = await merchant.call(asked())
    assert (told["vnp_TransactionType"], told["vnp_TransactionStatus"]) == ("02", "00")


async def test_what_was_not_paid_is_not_refunded(merchant: Merchant) -> None:
    await merchant.open()
    assert (await merchant.call(refunding()))["vnp_Message"].startswith("MOCK-REFUND-NOT-PAID")


@pytest.mark.parametrize("changes", [{"vnp_TransactionType": "01"}, {"vnp_Amount": "50"}, {"vnp_Amount": "-100"}])
async def test_a_refund_that_makes_no_sense_is_a_format_error(merchant: Merchant, changes: dict[str, str]) -> None:
    await merchant.paid()
    assert (await merchant.call(refunding(**changes)))["vnp_ResponseCode"] == "03"


@pytest.mark.parametrize(("end", "status", "refunded"), [("refund_done", "00", 30_000), ("refund_refuse", "09", 0)])
async def test_a_refund_may_take_its_time(merchant: Merchant, end: str, status: str, refunded: int) -> None:
    await merchant.paid()
    taken = await merchant.call(refunding(), **{"X-Mock-Fault": "refund_pending"})
    assert (taken["vnp_ResponseCode"], taken["vnp_TransactionStatus"]) == ("00", "05")
    assert (await merchant.call(asked()))["vnp_TransactionStatus"] == "05"
    facts = await merchant.act(end)
    told = await merchant.call(asked(vnp_RequestId="R2"))
    assert (told["vnp_TransactionType"], told["vnp_TransactionStatus"], facts["refunded"]) == ("03", status, refunded)


@pytest.mark.parametrize("message", [asked(), refunding()])
async def test_a_refusal_by_scenario_changes_nothing(merchant: Merchant, message: Any) -> None:
    await merchant.paid()
    reply = await merchant.call(message, **{"X-Mock-Fault": "refuse"})
    assert (reply["vnp_ResponseCode"], reply["vnp_Message"][:11]) == ("99", "MOCK-REFUSE")
    assert (await merchant.call(message))["vnp_ResponseCode"] == "00"


async def test_a_reset_forgets_everything(merchant: Merchant) -> None:
    await merchant.paid()
    await merchant.call(asked())
    await merchant.client.post("/_mock/reset")
    assert (await merchant.call(asked()))["vnp_ResponseCode"] == "91"
