"""The VNPAY mock's payer and its IPNs: pay page, copies, retries, confirmations, forgeries (sections 5.4 and 10)."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from mocks.vnpay import app as vnpay
from mocks.vnpay import checksum

SAMPLES = Path(vnpay.__file__).parent / "samples"
SECRET = "VNPSECRET"
REFERENCE = "PAY26K7Q2M0001"
IPN_URL = "http://127.0.0.1:7100/inbound/vnpay/ipn"
PAY = json.loads((SAMPLES / "pay.json").read_text())


def answer(code: str) -> httpx.Response:
    return httpx.Response(200, json={"RspCode": code, "Message": "-"})


def is_signed(parameters: dict[str, str], secret: str = SECRET) -> bool:
    return checksum.is_right(parameters.get(checksum.FIELD, ""), [checksum.of_address(parameters, secret)])


class Province:
    """Answers IPNs as told, then confirms; and the mock before it, with one open payment."""

    def __init__(self, before: Any, clock: Any, **settings: Any) -> None:
        clock.now = clock.now.replace(year=2026, month=8, day=1, hour=7, minute=31)  # 14:31 in Ha Noi
        self.received: list[dict[str, str]] = []
        self.urls: list[str] = []
        self.answers: list[httpx.Response | Exception] = []
        self.waits: list[float] = []
        self.app = vnpay.create_app(
            settings,
            clock=clock,
            sleep=self._sleep,
            new_token=lambda: "tok",
            transport=httpx.MockTransport(self._answer),
        )
        self.client: httpx.AsyncClient = before(self.app)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert request.method == "GET"
        self.urls.append(str(request.url).partition("?")[0])
        self.received.append(dict(parse_qsl(request.url.query.decode(), strict_parsing=True)))
        told = self.answers.pop(0) if self.answers else answer("00")
        if isinstance(told, Exception):
            raise told
        return told

    async def opened(self) -> Province:
        reply = await self.client.get(f"/paymentv2/vpcpay.html?{urlencode(PAY)}")
        assert reply.headers["location"] == "/MOCK-pay/tok"
        return self

    async def press(self, action: str, **headers: str) -> httpx.Response:
        """A button of the page; returns when every IPN that follows is sent."""
        reply = await self.client.post("/MOCK-pay/tok", data={"action": action}, headers=headers)
        await self.app.state.notices.settled()
        return reply

    async def send(self, **order: Any) -> Any:
        return (await self.client.post("/_mock/ipn", json={"vnp_TxnRef": REFERENCE, **order})).json()

    async def transaction(self) -> Any:
        return (await self.client.get(f"/_mock/transactions/{REFERENCE}")).json()

    async def page(self) -> str:
        return (await self.client.get("/MOCK-pay/tok")).text


@pytest.fixture
async def province(before: Any, clock: Any) -> Province:
    return await Province(before, clock).opened()


async def test_paying_sends_one_signed_ipn_to_the_configured_address(province: Province) -> None:
    """F01."""
    pressed = await province.press("pay")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/MOCK-pay/tok")
    (ipn,) = province.received
    assert province.urls == [IPN_URL]
    assert is_signed(ipn)
    assert {name: ipn[name] for name in ("vnp_TxnRef", "vnp_Amount", "vnp_ResponseCode", "vnp_TransactionStatus")} == {
        "vnp_TxnRef": REFERENCE, "vnp_Amount": "15000000", "vnp_ResponseCode": "00", "vnp_TransactionStatus": "00",
    }  # fmt: skip
    assert "Đã thanh toán" in await province.page()
    assert [sent["verdict"] for sent in (await province.transaction())["ipns"]] == ["00"]


@pytest.mark.parametrize(("action", "code"), [("cancel", "24"), ("expire", "11")])
async def test_what_was_not_paid_is_notified_with_its_code(province: Province, action: str, code: str) -> None:
    await province.press(action)
    (ipn,) = province.received
    assert (ipn["vnp_ResponseCode"], ipn["vnp_TransactionStatus"], ipn["vnp_TransactionNo"]) == (code, "02", "0")
    assert "chưa bị trừ tiền" in await province.page()


async def test_a_payment_that_the_bank_refuses_is_notified_as_failed(province: Province) -> None:
    await province.press("pay", **{"X-Mock-Fault": "refuse"})
    assert [ipn["vnp_ResponseCode"] for ipn in province.received] == ["51"]


async def test_a_failed_payment_may_still_be_paid_and_a_paid_one_stays(province: Province) -> None:
    """F08."""
    for action in ("cancel", "pay", "pay", "cancel"):
        await province.press(action)
    assert [ipn["vnp_ResponseCode"] for ipn in province.received] == ["24", "00"]


async def test_waiting_uses_up_no_fault_and_sends_nothing(province: Province) -> None:
    await province.client.post("/_mock/faults", json={"fault": "lost_ipn", "path": "/MOCK-pay"})
    await province.press("wait")
    assert "đang chờ ngân hàng" in await province.page()
    assert len((await province.client.get("/_mock/faults")).json()["planned"]) == 1


@pytest.mark.parametrize(("fault", "copies"), [("duplicate", 3), ("duplicate:2", 2), ("lost_ipn", 0)])
async def test_ipns_as_planned(province: Province, fault: str, copies: int) -> None:
    """F03, F05."""
    await province.client.post("/_mock/faults", json={"fault": fault, "contains": "action=pay"})
    await province.page()
    await province.press("pay")
    assert len(province.received) == copies
    assert (await province.transaction())["vnp_ResponseCode"] == "00"


async def test_duplicate_of_nothing_countable_is_refused_and_pays_nothing(province: Province) -> None:
    reply = await province.press("pay", **{"X-Mock-Fault": "duplicate:many"})
    assert (reply.status_code, (await province.transaction())["vnp_ResponseCode"]) == (422, "")


async def test_an_ipn_is_sent_again_until_00_or_02(province: Province) -> None:
    province.answers = [
        httpx.ConnectError("refused"),
        httpx.Response(503),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        *map(answer, ("01", "04", "97", "99", "02")),
    ]
    await province.press("pay")
    assert [sent["verdict"] for sent in (await province.transaction())["ipns"]] == [
        "no answer: ConnectError", "HTTP 503", "not JSON", "no RspCode", "01", "04", "97", "99", "02",
    ]  # fmt: skip
    assert province.waits == [3.0] * 8
    assert all(ipn == province.received[0] for ipn in province.received)


async def test_the_ladder_has_ten_steps(province: Province) -> None:
    province.answers = [answer("99") for _ in range(20)]
    await province.press("pay")
    assert len(province.received) == 10


async def test_the_ladder_as_switched(before: Any, clock: Any) -> None:
    province = await Province(before, clock, ipn_tries=4, ipn_interval_s=10, time_factor=5).opened()
    province.answers = [httpx.Response(503)] * 9
    await province.press("pay")
    assert (len(province.received), province.waits) == (4, [2.0] * 3)


async def test_a_crafted_ipn_is_what_was_ordered_and_changes_nothing(province: Province) -> None:
    """F06, F07, F26, F27."""
    other_amount = (await province.send(set={"vnp_Amount": 1500000}))["sent"]
    assert (is_signed(other_amount), other_amount["vnp_Amount"]) == (True, "1500000")
    assert not is_signed((await province.send(checksum="forged"))["sent"])
    assert checksum.FIELD not in (await province.send(checksum="missing"))["sent"]
    assert "vnp_Amount" not in (await province.send(unset=["vnp_Amount"]))["sent"]
    assert is_signed((await province.send(set={"vnp_TmnCode": "DEMOTMN2"}))["sent"], "VNPSECRETOTHER")
    assert is_signed((await province.send(secret="guessed"))["sent"], "guessed")
    assert is_signed((await province.send(vnp_TxnRef="PAYUNKNOWN"))["sent"])
    assert (await province.transaction())["vnp_ResponseCode"] == ""


async def test_a_hundred_ipns_at_once_go_where_they_are_sent(province: Province) -> None:
    """F04."""
    answers = (await province.send(times=100, url="http://elsewhere.invalid/ipn"))["answers"]
    assert [each["verdict"] for each in answers] == ["00"] * 100
    assert set(province.urls) == {"http://elsewhere.invalid/ipn"}


@pytest.mark.parametrize("order", [{"times": 0}, {"times": 1001}, {"vnp_TxnRef": 7}])
async def test_an_order_for_an_ipn_that_makes_no_sense_is_refused(province: Province, order: Any) -> None:
    reply = await province.client.post("/_mock/ipn", json={"vnp_TxnRef": REFERENCE, **order})
    assert (reply.status_code, province.received) == (422, [])


async def test_acts_without_a_browser(province: Province) -> None:
    path = f"/_mock/transactions/{REFERENCE}"
    reply = await province.client.post(path, json={"action": "suspect", "await": True})
    assert [sent["verdict"] for sent in reply.json()["ipns"]] == ["00"]
    assert "đang được kiểm tra" in await province.page()
    assert (await province.client.post(path, json={"action": "steal"})).status_code == 422
    assert (await province.client.get("/_mock/transactions/OTHER")).status_code == 404


async def test_the_page_of_an_unknown_token_or_action_is_refused(province: Province) -> None:
    assert (await province.client.get("/MOCK-pay/other")).status_code == 404
    assert (await province.client.post("/MOCK-pay/other", data={"action": "pay"})).status_code == 404
    assert (await province.press("suspect")).status_code == 400


async def test_the_way_back_is_signed_and_shown_when_it_is_over(province: Province) -> None:
    """F13."""
    assert 'id="return"' not in await province.page()
    await province.press("cancel")
    link = unescape((await province.page()).partition('id="return" href="')[2].partition('"')[0])
    assert link.startswith(PAY["vnp_ReturnUrl"] + "?")
    back = dict(parse_qsl(urlsplit(link).query))
    assert (is_signed(back), back["vnp_ResponseCode"]) == (True, "24")


async def test_the_page_is_closed_to_what_is_not_ours(province: Province) -> None:
    reply = await province.client.get("/MOCK-pay/tok")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "<script" not in reply.text
