"""The payer at the national portal (2.10): look-up, payment, push."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from payment_desk import DOSSIER, SECRET, Desk, ack, asked, bill

from mocks.payment import checksum

LOOKUP_ID = f"{DOSSIER}20260801142900"


def due(**changes: Any) -> dict[str, Any]:
    return {"error_code": 1, "message": bill(**changes)}


@pytest.fixture
def desk(before: Any, clock: Any) -> Desk:
    return Desk(before, clock)


async def test_the_portal_asks_by_dossier_and_pushes_the_result_with_a_receipt(desk: Desk) -> None:
    desk.due = [due()]
    told = await desk.order("lookup", MaHoSo=DOSSIER)
    assert desk.urls == [
        "http://127.0.0.1:7100/inbound/payment/dptracuuthanhtoanhs",
        "http://127.0.0.1:7100/inbound/payment/dpnhankqthanhtoanhs",
    ]
    (push,) = desk.received
    assert push == told["sent"]
    assert checksum.verify(push, checksum.IPN, [SECRET])
    assert (push["MaLoi"], push["SoTien"], push["MaThamChieu"]) == ("00", 150_000, "CP261123000001")
    assert (push["MaHoSo"], push["MaTraCuuTT"], push["TKThuHuong"]) == (DOSSIER, LOOKUP_ID, "0000111122")
    assert (await desk.client.get(push["UrlBienLai"])).content.startswith(b"%PDF-")
    assert (told["answer"]["verdict"], told["answers"][0]["verdict"]) == ("due", "acknowledged")


async def test_what_was_paid_at_the_portal_is_known_to_query_and_get_bill_and_the_files(desk: Desk) -> None:
    desk.due = [due()]
    push = (await desk.order("lookup", MaHoSo=DOSSIER, at="20260801143142"))["sent"]
    reference = push["MaThamChieu"]
    reply = await desk.post("/pp/query", asked(moment="20260101000000", MaThamChieu=reference))
    assert (reply["TrangThaiGD"], reply["MaGiaoDich"]) == ("1", push["MaGiaoDich"])
    voucher = await desk.post("/pp/bill", asked("GET_BILL", push["ThoiGianGD"], MaThamChieu=reference))
    assert voucher["MaLoi"] == "00"
    assert f"{push['MaGiaoDich']}|{reference}|PAY|1|150000" in await desk.file("recon", "2026-08-01")
    facts = (await desk.client.get(f"/_mock/transactions/{reference}")).json()
    assert (facts["MaHoSo"], facts["MaTraCuuTT"]) == (DOSSIER, LOOKUP_ID)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"error_code": 0, "message": []}, "nothing due"),
        ({"error_code": "-1", "message": []}, "not found"),
        ({"error_code": 0, "message": "Không có"}, "message is not []"),
        ({"error_code": 7}, "unknown error_code"),
    ],
)
async def test_without_a_bill_nothing_is_paid(desk: Desk, answer: dict[str, Any], verdict: str) -> None:
    desk.due = [answer]
    told = await desk.order("lookup", MaHoSo=DOSSIER)
    assert (told["paid"], told["answer"]["verdict"], desk.received) == (False, verdict, [])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"TKThuHuong": ""}, "TKThuHuong để trống"),
        ({"client_id": None}, "thiếu client_id"),
        ({"KhoBac": 7}, "thiếu KhoBac"),
        ({"DSKhoanNop": []}, "DSKhoanNop không có khoản nào"),
        ({"PhiLePhi": [{"LoaiPhiLePhi": "1", "SoTien": "1"}]}, "PhiLePhi không khớp SoTien"),
    ],
)
async def test_a_bill_that_breaks_the_page_is_complained_of_and_not_paid(
    desk: Desk, change: dict[str, Any], complaint: str
) -> None:
    desk.due = [due(**change)]
    told = await desk.order("lookup", MaHoSo=DOSSIER)
    assert (told["paid"], told["complaints"], desk.received) == (False, [complaint], [])


@pytest.mark.parametrize(("kind", "holds"), [("valid", True), ("forged", False), ("missing", False)])
async def test_a_push_is_proven_or_not_as_ordered(desk: Desk, kind: str, holds: bool) -> None:
    desk.due = [due()]
    sent = (await desk.order("lookup", MaHoSo=DOSSIER, checksum=kind, set={"TKThuHuong": "9"}, amount=1))["sent"]
    assert checksum.verify(sent, checksum.IPN, [SECRET]) is holds
    assert (sent["TKThuHuong"], sent["SoTien"]) == ("9", 1)


async def test_one_of_several_bills_is_chosen(desk: Desk) -> None:
    """F37."""
    desk.due = [{"error_code": 1, "message": [bill(), bill(MaTraCuuTT="SECOND")]}]
    assert (await desk.order("lookup", MaHoSo=DOSSIER, bill=1))["sent"]["MaTraCuuTT"] == "SECOND"


@pytest.mark.parametrize("times", [0, 3])
async def test_a_push_is_lost_or_repeated_and_the_money_has_moved(desk: Desk, times: int) -> None:
    desk.due = [due()]
    told = await desk.order("lookup", MaHoSo=DOSSIER, times=times)
    assert len(desk.received) == times
    reply = await desk.post("/pp/query", asked(MaThamChieu=told["MaThamChieu"]))
    assert reply["TrangThaiGD"] == "1"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (httpx.Response(200, json={"error_code": "1", "message": "Đã tiếp nhận"}), "acknowledged"),
        (httpx.Response(200, json={"error_code": "-1"}), "error_code is not 1"),
        (httpx.Response(200, json={"MaLoi": "99"}), "MaLoi is not 00"),
        (httpx.Response(503, json=ack({})), "HTTP 503"),
        (httpx.Response(200, text="<html>"), "not JSON"),
        (httpx.ConnectError("refused"), "no answer: ConnectError"),
    ],
)
async def test_a_push_is_acknowledged_by_either_contract(
    desk: Desk, answer: httpx.Response | Exception, verdict: str
) -> None:
    """The portal's own contract answers error_code 1 at the same path (national_portal, 6.7)."""
    desk.due, desk.answers = [due()], [answer]
    url = "http://elsewhere.invalid/dpnhankqthanhtoanhs"
    told = await desk.order("lookup", MaHoSo=DOSSIER, push_url=url)
    assert ([answer["verdict"] for answer in told["answers"]], desk.urls[-1]) == ([verdict], url)


@pytest.mark.parametrize(
    "order", [{}, {"MaHoSo": 7}, {"MaHoSo": DOSSIER, "times": -1}, {"MaHoSo": "x", "at": "noon"}, {"amount": 0}]
)
async def test_an_order_that_makes_no_sense_asks_nobody(desk: Desk, order: dict[str, Any]) -> None:
    assert (await desk.client.post("/_mock/lookup", json=order)).status_code == 422
    assert desk.urls == []


async def test_a_reset_forgets_bills_and_changes(desk: Desk) -> None:
    desk.due = [due()]
    await desk.order("lookup", MaHoSo=DOSSIER, pay=False)
    await desk.order("files", do="drop", transaction="X")
    await desk.client.post("/_mock/reset")
    assert (await desk.order("lookup", MaTraCuuTT=LOOKUP_ID))["paid"] is False
    assert (await desk.client.get("/_mock/files")).json() == {"planned": []}
