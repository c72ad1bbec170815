"""The payment mock's payer and its IPNs: bank page, copies, retries, acknowledgements, forgeries (2.4, 2.5, 10)."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest
from payment_desk import REFERENCE, SECRET, Desk, sample

from mocks.payment import checksum

IPN_URL = "http://127.0.0.1:7100/inbound/payment/ipn"


class Province(Desk):
    """With one open payment, whose bank page is known."""

    def __init__(self, before: Any, **settings: Any) -> None:
        super().__init__(before, new_token=lambda: "tok", **settings)

    async def opened(self) -> Province:
        assert (await self.open())["UrlThanhToan"] == "http://mock/pp/pay/tok"
        return self

    async def press(self, action: str, **headers: str) -> httpx.Response:  # type: ignore[override]  # one page only
        """A button of the bank page; returns when every IPN that follows is sent."""
        reply = await self.client.post("/pp/pay/tok", data={"action": action}, headers=headers)
        await self.app.state.notices.settled()
        return reply

    async def plan(self, **fault: Any) -> None:
        await self.order("faults", **fault)

    async def send(self, **order: Any) -> Any:
        return await self.order("ipn", MaThamChieu=REFERENCE, **order)

    async def transaction(self) -> Any:
        return (await self.client.get(f"/_mock/transactions/{REFERENCE}")).json()


@pytest.fixture
async def province(before: Any) -> Province:
    return await Province(before).opened()


async def test_paying_sends_one_signed_ipn_to_the_configured_address(province: Province) -> None:
    pressed = await province.press("pay")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/pp/pay/tok")
    (ipn,) = province.received
    assert province.urls == [IPN_URL]
    own = {name: ipn[name] for name in ("MaGiaoDich", "ThoiGianGD", "MaXacThuc")}
    assert ipn == {**sample("ipn"), **own}
    assert checksum.verify(ipn, checksum.IPN, [SECRET])
    assert "Đã thanh toán" in (await province.client.get("/pp/pay/tok")).text
    assert [sent["verdict"] for sent in (await province.transaction())["ipns"]] == ["acknowledged"]


async def test_a_second_press_sends_nothing_more(province: Province) -> None:
    await province.press("pay")
    await province.press("pay")
    await province.press("cancel")
    assert len(province.received) == 1
    assert (await province.transaction())["TrangThaiGD"] == "1"


@pytest.mark.parametrize("where", [{"path": "/pp/pay"}, {"contains": "action=pay"}])
async def test_duplicate_planned_for_the_bank_page_survives_the_look_at_it(
    province: Province, where: dict[str, str]
) -> None:
    await province.plan(fault="duplicate:3", **where)
    assert "150.000" in (await province.client.get("/pp/pay/tok")).text
    await province.press("pay")
    assert len(province.received) == 3
    assert province.received[0] == province.received[1] == province.received[2]
    assert (await province.client.get("/_mock/faults")).json()["planned"] == []
    entries = (await province.client.get("/_mock/journal?path=/pp/pay")).json()["entries"]
    assert [entry["fault"] for entry in entries] == [None, "duplicate:3"]


async def test_duplicate_without_a_number_is_three(province: Province) -> None:
    await province.press("pay", **{"X-Mock-Fault": "duplicate"})
    assert len(province.received) == 3


async def test_duplicate_of_nothing_countable_is_refused_and_pays_nothing(province: Province) -> None:
    reply = await province.press("pay", **{"X-Mock-Fault": "duplicate:many"})
    assert (reply.status_code, province.received) == (422, [])
    assert (await province.transaction())["TrangThaiGD"] == "3"


async def test_a_lost_ipn_is_not_sent_and_the_payment_stands(province: Province) -> None:
    await province.press("pay", **{"X-Mock-Fault": "lost_ipn"})
    assert province.received == []
    assert (await province.transaction())["TrangThaiGD"] == "1"


async def test_a_payment_that_the_bank_refuses_is_notified_as_failed(province: Province) -> None:
    await province.press("pay", **{"X-Mock-Fault": "refuse"})
    assert [ipn["MaLoi"] for ipn in province.received] == ["99"]
    assert checksum.verify(province.received[0], checksum.IPN, [SECRET])


async def test_waiting_uses_up_no_fault_and_sends_nothing(province: Province) -> None:
    await province.plan(fault="lost_ipn", path="/pp/pay")
    await province.press("wait")
    assert "đang chờ ngân hàng" in (await province.client.get("/pp/pay/tok")).text
    assert len((await province.client.get("/_mock/faults")).json()["planned"]) == 1


@pytest.mark.parametrize(("told", "sent"), [(True, ["99"]), (False, [])])
async def test_a_cancelled_payment_is_notified_by_switch(before: Any, told: bool, sent: list[str]) -> None:
    province = await Province(before, ipn_on_cancel=told).opened()
    await province.press("cancel")
    assert [ipn["MaLoi"] for ipn in province.received] == sent
    await province.press("pay")
    assert province.received[-1]["MaLoi"] == "00"


async def test_an_early_ipn_goes_out_before_init_is_answered(before: Any) -> None:
    province = Province(before)
    await province.plan(fault="early_ipn")
    await province.client.post("/pp/query", json=sample("query"))
    await province.opened()
    assert [ipn["MaLoi"] for ipn in province.received] == ["00"]


async def test_an_ipn_is_sent_again_until_it_is_acknowledged(province: Province) -> None:
    province.answers = [
        httpx.ConnectError("refused"),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"MaLoi": "99"}),
        httpx.Response(200, json={"MaLoi": "00", "MaXacThuc": "0" * 64}),
    ]
    await province.press("pay")
    assert [sent["verdict"] for sent in (await province.transaction())["ipns"]] == [
        "no answer: ConnectError", "HTTP 500", "not JSON", "not a JSON object", "MaLoi is not 00", "wrong MaXacThuc",
        "acknowledged",
    ]  # fmt: skip
    assert province.waits == [3.0] * 6
    assert all(ipn == province.received[0] for ipn in province.received)


async def test_the_ladder_ends(before: Any) -> None:
    province = await Province(before, ipn_tries=4, ipn_interval_s=10, time_factor=5).opened()
    province.answers = [httpx.Response(503)] * 9
    await province.press("pay")
    assert (len(province.received), province.waits) == (4, [2.0] * 3)


@pytest.mark.parametrize(("check", "tries"), [("off", 1), ("echo", 1), ("recompute", 2)])
async def test_the_ack_is_checked_as_switched(before: Any, check: str, tries: int) -> None:
    province = await Province(before, ack_check=check, ipn_tries=2).opened()
    await province.press("pay")
    assert len(province.received) == tries


async def test_an_ack_signed_afresh_counts_when_recomputed(before: Any) -> None:
    province = await Province(before, ack_check="recompute").opened()
    await province.press("pay", **{"X-Mock-Fault": "lost_ipn"})
    moment = (await province.transaction())["ThoiGianGD"]
    digest = hashlib.sha256(f"00|DEMO-H99|{REFERENCE}|{moment}|{SECRET}".encode()).hexdigest()
    body = {"MaLoi": "00", "MaDoiTac": "DEMO-H99", "MaThamChieu": REFERENCE, "ThoiGianGD": moment, "MaXacThuc": digest}
    province.answers = [httpx.Response(200, json=body)]
    assert [answer["verdict"] for answer in (await province.send())["answers"]] == ["acknowledged"]


async def test_a_crafted_ipn_is_what_was_ordered_and_changes_nothing(province: Province) -> None:
    other_amount = (await province.send(set={"SoTien": 15000}))["sent"]
    assert checksum.verify(other_amount, checksum.IPN, [SECRET])
    assert other_amount["SoTien"] == 15000
    forged = (await province.send(checksum="forged"))["sent"]
    assert not checksum.verify(forged, checksum.IPN, [SECRET])
    assert "MaXacThuc" not in (await province.send(checksum="missing"))["sent"]
    assert "SoTien" not in (await province.send(unset=["SoTien"]))["sent"]
    other_partner = (await province.send(set={"MaDoiTac": "DEMO-H98"}))["sent"]
    assert checksum.verify(other_partner, checksum.IPN, ["S3cretOTHER"])
    assert (await province.transaction())["TrangThaiGD"] == "3"


async def test_a_hundred_ipns_at_once_go_where_they_are_sent(province: Province) -> None:
    answers = (await province.send(times=100, url="http://elsewhere.invalid/ipn"))["answers"]
    assert [answer["verdict"] for answer in answers] == ["acknowledged"] * 100
    assert set(province.urls) == {"http://elsewhere.invalid/ipn"}


@pytest.mark.parametrize("order", [{"times": 0}, {"times": 1001}, {"MaThamChieu": 7}])
async def test_an_order_for_an_ipn_that_makes_no_sense_is_refused(province: Province, order: Any) -> None:
    reply = await province.client.post("/_mock/ipn", json={"MaThamChieu": REFERENCE, **order})
    assert (reply.status_code, province.received) == (422, [])


async def test_the_page_of_an_unknown_token_or_action_is_refused(province: Province) -> None:
    assert (await province.client.get("/pp/pay/other")).status_code == 404
    assert (await province.client.post("/pp/pay/other", data={"action": "pay"})).status_code == 404
    assert (await province.press("steal")).status_code == 400


async def test_the_way_back_carries_what_the_portal_splits_and_no_proof(before: Any) -> None:
    province = await Province(before, return_url="https://motcua.example.invalid/ve?x=1").opened()
    assert "motcua" not in (await province.client.get("/pp/pay/tok")).text
    await province.press("pay")
    page = (await province.client.get("/pp/pay/tok")).text
    assert f"data=DEMO-H99_{REFERENCE}_H99.01-260801-0007&amp;responseCode=00&amp;secureCode=MOCK-SECURE-CODE" in page


async def test_the_bank_page_escapes_what_it_was_sent(before: Any) -> None:
    province = Province(before)
    receipt = {**sample("init")["ThongTinBienLai"], "TenTKThuHuong": "<script>alert(1)</script>"}
    await province.client.post("/pp/init", json={**sample("init"), "ThongTinBienLai": receipt})
    page = await province.client.get("/pp/pay/tok")
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
