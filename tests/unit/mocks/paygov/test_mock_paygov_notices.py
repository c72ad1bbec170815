"""The PayGov mock's payer and its IPNs: pay page, copies, retries, forgeries, the way back (4.2, 10)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks.paygov import app as paygov
from mocks.paygov import checksum
from mocks.paygov.notices import judge

REFERENCE = "7001785569405124"
GOOD = {"error_code": "SUCCESSFUL", "error_message": ""}
KEYS = {"AccessKey": "AKDEMO", "SecretKey": "SKDEMO", "AppName": "", "PartnerCode": "PAYGOV-DEMO", "PartnerCodeCus": ""}
TOKEN = base64.b64encode(json.dumps(KEYS).encode()).decode()
OPENING = {
    **json.loads((Path(paygov.__file__).parent / "samples" / "create_lgsp.json").read_text(encoding="utf-8")),
    "requestCode": REFERENCE,
}
DEMO = [{"accessKey": "AKDEMO", "secretKey": "SKDEMO"}]


class Province:
    """Answers IPNs as told, then acknowledges; and the mock before it, with one open payment."""

    def __init__(self, before: Any, **settings: Any) -> None:
        self.received: list[dict[str, Any]] = []
        self.urls: list[str] = []
        self.answers: list[httpx.Response | Exception] = []
        self.waits: list[float] = []
        self.app = paygov.create_app(
            settings, sleep=self._sleep, new_token=lambda: "tok", transport=httpx.MockTransport(self._answer)
        )
        self.client: httpx.AsyncClient = before(self.app)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(str(request.url))
        self.received.append(json.loads(request.content))
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json=GOOD)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def opened(self) -> Province:
        reply = await self.client.post("/pg/create", json=OPENING, headers={"lgspaccesstoken": TOKEN})
        assert reply.json()["data"]["url"] == "http://mock/pg/pay/tok"
        return self

    async def press(self, action: str, **headers: str) -> httpx.Response:
        reply = await self.client.post("/pg/pay/tok", data={"action": action}, headers=headers)
        await self.app.state.notices.settled()
        return reply

    async def send(self, **order: Any) -> Any:
        return (await self.client.post("/_mock/ipn", json={"requestCode": REFERENCE, **order})).json()

    async def act(self, **order: Any) -> Any:
        return (await self.client.post(f"/_mock/transactions/{REFERENCE}", json={"await": True, **order})).json()

    async def transaction(self) -> Any:
        return (await self.client.get(f"/_mock/transactions/{REFERENCE}")).json()


@pytest.fixture
async def province(before: Any) -> Province:
    return await Province(before).opened()


async def test_paying_sends_one_signed_ipn_and_offers_the_way_back(province: Province) -> None:
    pressed = await province.press("pay")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/pg/pay/tok")
    (ipn,) = province.received
    assert province.urls == ["http://127.0.0.1:7100/inbound/paygov/ipn"]
    assert checksum.verify(ipn, checksum.MOCK_ORDER, DEMO)
    assert (ipn["requestCode"], ipn["amount"], ipn["errorCode"]) == (REFERENCE, 150000, "00")
    text = (await province.client.get("/pg/pay/tok")).text
    assert "Đã thanh toán" in text
    assert "https://dvc.example.vn/paygov/return?amount=150000&amp;orderId=" in text
    assert [sent["verdict"] for sent in (await province.transaction())["ipns"]] == ["acknowledged"]


async def test_a_second_press_sends_nothing_more_and_a_failed_payment_may_still_be_paid(province: Province) -> None:
    """F08."""
    for action in ("wait", "cancel", "pay", "pay", "cancel"):
        await province.press(action)
    assert [ipn["errorCode"] for ipn in province.received] == ["99", "00"]
    assert (await province.transaction())["state"] == "paid"


@pytest.mark.parametrize(
    ("fault", "received"), [("duplicate:3", 3), ("duplicate", 3), ("lost_ipn", 0), ("refuse", 1), ("forged", 1)]
)
async def test_faults_of_the_pay_page(province: Province, fault: str, received: int) -> None:
    await province.client.post("/_mock/faults", json={"fault": fault, "contains": "action=pay"})
    assert "150.000" in (await province.client.get("/pg/pay/tok")).text
    await province.press("pay")
    assert len(province.received) == received
    assert (await province.client.get("/_mock/faults")).json()["planned"] == []
    if fault == "refuse":
        assert province.received[0]["errorCode"] == "99"
    if fault == "forged":
        assert not checksum.verify(province.received[0], checksum.MOCK_ORDER, DEMO)


async def test_an_ipn_is_sent_until_it_is_acknowledged(province: Province) -> None:
    """F32."""
    province.answers = [
        httpx.Response(503),
        httpx.ConnectError("down"),
        httpx.Response(200, text="x"),
        httpx.Response(200, json={"error_code": "FAILED"}),
    ]
    await province.press("pay")
    verdicts = [sent["verdict"] for sent in (await province.transaction())["ipns"]]
    assert verdicts == ["HTTP 503", "no answer: ConnectError", "not JSON", "error_code is FAILED", "acknowledged"]
    assert province.waits == [3.0] * 4
    assert len({json.dumps(ipn) for ipn in province.received}) == 1


@pytest.mark.parametrize("content", [b"[]", b"null", b'{"error_code":null}'])
def test_what_is_no_acknowledgement_is_none(content: bytes) -> None:
    assert judge(httpx.Response(200, content=content)) != "acknowledged"


async def test_any_ipn_can_be_sent(province: Province) -> None:
    """F04, F07, F26, F31, F36."""
    sent = await province.send(set={"amount": 15000}, times=3)
    assert len(sent["answers"]) == 3
    assert checksum.verify(sent["sent"], checksum.MOCK_ORDER, DEMO)
    forged = (await province.send(checksum="forged"))["sent"]
    assert forged["checksum"] == "f0" * 32
    assert "checksum" not in (await province.send(checksum="missing"))["sent"]
    assert "payDate" not in (await province.send(unset=["payDate"]))["sent"]
    other = (await province.send(partner="PAYGOV-OTHER"))["sent"]
    assert not checksum.verify(other, checksum.MOCK_ORDER, DEMO)
    assert not checksum.verify((await province.send(secret="new"))["sent"], checksum.MOCK_ORDER, DEMO)
    assert (await province.send(requestCode="UNKNOWN", url="http://elsewhere/x"))["sent"]["requestCode"] == "UNKNOWN"
    assert province.urls[-1] == "http://elsewhere/x"
    assert (await province.transaction())["state"] == "open"
    assert (await province.client.post("/_mock/ipn", json={"times": 0})).status_code == 422


async def test_the_order_of_the_notice_is_a_setting(before: Any) -> None:
    province = await Province(
        before, notice_order=["secretKey", "amount", "requestCode"], notice_separator="|"
    ).opened()
    await province.act(action="pay")
    (ipn,) = province.received
    assert checksum.verify(ipn, ("secretKey", "amount", "requestCode"), DEMO, separator="|")


async def test_other_forms_of_amount_and_date(before: Any) -> None:
    province = await Province(before, amount_form="string", pay_date_format="%d/%m/%Y").opened()
    await province.act(action="pay")
    (ipn,) = province.received
    assert ipn["amount"] == "150000"
    assert len(ipn["payDate"].split("/")) == 3


async def test_a_cancelled_payment_may_be_silent(before: Any) -> None:
    province = await Province(before, ipn_on_cancel=False).opened()
    assert (await province.act(action="cancel"))["state"] == "failed"
    assert province.received == []


async def test_control_refuses_what_it_does_not_know(province: Province) -> None:
    assert (await province.client.get("/_mock/transactions/NOBODY")).status_code == 404
    assert (await province.client.post(f"/_mock/transactions/{REFERENCE}", json={"action": "x"})).status_code == 422
    assert (await province.client.get("/pg/pay/nothing")).status_code == 404
    assert (await province.client.post("/pg/pay/nothing", data={"action": "pay"})).status_code == 404
    assert (await province.press("steal")).status_code == 400


async def test_a_placeholder_is_a_small_pdf(province: Province) -> None:
    """F17."""
    reply = await province.client.get("/pg/receipt/MOCK-RECEIPT.pdf", headers={"X-Mock-Fault": "placeholder"})
    assert (reply.content[:5], len(reply.content) < 10_000) == (b"%PDF-", True)
