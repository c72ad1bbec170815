"""Every scenario of section 10 that concerns the payment mock, by its number."""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from payment_desk import DOSSIER, INIT_TIME, REFERENCE, SECRET, Desk, asked, bill, init, resigned, sample

from mocks._kit.faults import FaultPlan
from mocks._kit.journal import Journal
from mocks._kit.middleware import Faulty, Journalled
from mocks.payment import app as payment
from mocks.payment import checksum

SCENARIOS: dict[str, str] = yaml.safe_load(
    Path(payment.__file__).with_name("scenarios.yaml").read_text(encoding="utf-8")
)["scenarios"]
CALL = re.compile(r"POST (/_mock/(?:faults|settings|files)) (\{.*?\})(?=[,;]|$| )")
OF_OTHERS = {"F18", "F36"}


@pytest.fixture
async def desk(before: Any, clock: Any) -> Desk:
    """With one open payment."""
    made = Desk(before, clock)
    await made.open()
    return made


def test_every_scenario_of_the_page_is_listed_and_tested() -> None:
    wanted = {f"F{number:02}" for number in range(1, 39)} - OF_OTHERS
    tested = {name[5:8].upper() for name in globals() if re.match(r"test_f[0-9]{2}_", name)}
    assert {name[:3] for name in SCENARIOS} == wanted == tested


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_control_call_of_a_scenario_is_one_that_the_mock_takes(before: Any, name: str) -> None:
    client = before(payment.create_app())
    for path, body in CALL.findall(SCENARIOS[name]):
        reply = await client.post(path, json=json.loads(body))
        assert reply.status_code < 300, (path, body, reply.text)


async def test_f01_paying_on_the_bank_page_is_notified(desk: Desk) -> None:
    url = (await desk.open("PAY2"))["UrlThanhToan"]
    assert "Trả tiền" in (await desk.client.get(url)).text
    await desk.press(url)
    (ipn,) = desk.received
    assert (ipn["MaLoi"], ipn["MaThamChieu"]) == ("00", "PAY2")
    assert checksum.verify(ipn, checksum.IPN, [SECRET])


async def test_f02_an_ipn_is_faster_than_the_answer_to_init(desk: Desk) -> None:
    await desk.order("faults", fault="early_ipn", path="/pp/init")
    reply = await desk.open("PAY2")
    assert (reply["MaLoi"], [ipn["MaThamChieu"] for ipn in desk.received]) == ("00", ["PAY2"])
    entries = (await desk.client.get("/_mock/journal")).json()["entries"]
    assert [entry["direction"] for entry in entries][-2:] == ["received", "sent"]


async def test_f03_an_ipn_comes_three_times(desk: Desk) -> None:
    url = (await desk.open("PAY2"))["UrlThanhToan"]
    await desk.order("faults", fault="duplicate", contains="action=pay")
    await desk.press(url)
    assert len(desk.raw) == 3
    assert len(set(desk.raw)) == 1


async def test_f04_an_ipn_comes_a_hundred_times_at_once(desk: Desk) -> None:
    told = await desk.order("ipn", MaThamChieu=REFERENCE, times=100)
    assert len(told["answers"]) == len(desk.received) == 100
    assert len(set(desk.raw)) == 1


async def test_f05_a_lost_ipn_leaves_a_payment_that_query_finds(desk: Desk) -> None:
    url = (await desk.open("PAY2"))["UrlThanhToan"]
    await desk.order("faults", fault="lost_ipn", contains="action=pay")
    await desk.press(url)
    reply = await desk.post("/pp/query", asked(MaThamChieu="PAY2"))
    assert (desk.received, reply["TrangThaiGD"]) == ([], "1")


async def test_f06_a_forged_ipn_has_a_wrong_checksum(desk: Desk) -> None:
    sent = (await desk.order("ipn", MaThamChieu=REFERENCE, checksum="forged"))["sent"]
    assert not checksum.verify(sent, checksum.IPN, [SECRET])


@pytest.mark.parametrize("amount", [15_000, 150_001])
async def test_f07_another_amount_is_well_signed(desk: Desk, amount: int) -> None:
    sent = (await desk.order("ipn", MaThamChieu=REFERENCE, set={"SoTien": amount}))["sent"]
    assert sent["SoTien"] == amount
    assert checksum.verify(sent, checksum.IPN, [SECRET])


async def test_f08_a_failed_payment_is_paid_after_all(desk: Desk) -> None:
    await desk.act("cancel")
    await desk.act("pay")
    assert [ipn["MaLoi"] for ipn in desk.received] == ["99", "00"]


async def test_f09_query_is_pending_three_times_and_then_knows(desk: Desk) -> None:
    await desk.order("settings", query_script=["3", "3", "3"])
    await desk.act("pay", copies=0)
    states = [(await desk.post("/pp/query", asked()))["TrangThaiGD"] for _ in range(4)]
    assert states == ["3", "3", "3", "1"]


async def test_f10_a_query_that_fails_says_nothing_of_the_payment(desk: Desk) -> None:
    await desk.order("faults", fault="refuse", path="/pp/query")
    reply = await desk.post("/pp/query", asked())
    assert reply["MaLoi"] == "99"
    assert "TrangThaiGD" not in reply


async def test_f11_the_answer_to_init_is_lost_and_the_transaction_is_there(desk: Desk) -> None:
    await desk.order("faults", fault="late_success", path="/pp/init")
    assert (await desk.client.post("/pp/init", json=init("PAY2"))).status_code == 500  # a dropped connection, here
    assert (await desk.post("/pp/query", asked(MaThamChieu="PAY2")))["TrangThaiGD"] == "3"


async def test_f12_the_same_init_again_is_116(desk: Desk) -> None:
    await desk.order("faults", fault="late_success", path="/pp/init")
    await desk.client.post("/pp/init", json=init("PAY2"))
    assert (await desk.open("PAY2"))["MaLoi"] == "116"


async def test_f13_a_browser_returns_without_a_payment(before: Any) -> None:
    desk = Desk(before, return_url="https://motcua.example.invalid/ve")
    url = (await desk.open())["UrlThanhToan"]
    await desk.press(url, "wait")
    page = (await desk.client.get(url)).text
    assert f"https://motcua.example.invalid/ve?data=DEMO-H99_{REFERENCE}_{DOSSIER}" in page
    assert (await desk.post("/pp/query", asked()))["TrangThaiGD"] == "3"


async def test_f14_a_browser_that_never_returns_has_paid(desk: Desk) -> None:
    await desk.act("pay")
    assert [ipn["MaLoi"] for ipn in desk.received] == ["00"]
    assert (await desk.client.get("/_mock/journal?path=/pp/pay")).json()["entries"] == []


async def test_f15_two_attempts_are_both_paid_under_numbers_of_their_own(desk: Desk) -> None:
    await desk.open("PAY2")
    await desk.act("pay")
    await desk.act("pay", "PAY2")
    assert [ipn["MaThamChieu"] for ipn in desk.received] == [REFERENCE, "PAY2"]
    assert len({ipn["MaGiaoDich"] for ipn in desk.received}) == 2


async def test_f16_the_portal_collects_while_an_attempt_is_open(desk: Desk) -> None:
    desk.due = [{"error_code": 1, "message": bill()}]
    known = await desk.order("lookup", MaHoSo=DOSSIER, pay=False)
    told = await desk.order("lookup", MaTraCuuTT=known["MaTraCuuTT"])
    assert (told["paid"], told["sent"]["MaHoSo"]) == (True, DOSSIER)
    assert (await desk.post("/pp/query", asked()))["TrangThaiGD"] == "3"
    await desk.act("pay")
    assert len({ipn["MaGiaoDich"] for ipn in desk.received}) == 2


@pytest.mark.parametrize("mode", ["url", "pdf"])
async def test_f17_a_receipt_is_an_error_or_nothing_or_a_placeholder(before: Any, mode: str) -> None:
    desk = Desk(before, receipt_mode=mode)
    await desk.open()
    await desk.act("pay")
    question = asked("GET_BILL")
    refused = await desk.post("/pp/bill", question, **{"X-Mock-Fault": "refuse"})
    assert refused["MaLoi"] == "99"
    assert (await desk.client.post("/pp/bill", json=question, headers={"X-Mock-Fault": "empty"})).content == b""
    await desk.order("faults", fault="placeholder", path="/pp/bill")
    reply = await desk.client.post("/pp/bill", json=question)
    file = reply if mode == "pdf" else await desk.client.get(reply.json()["UrlBienLai"])
    assert file.content.startswith(b"%PDF-")
    assert 4_000 < len(file.content) < 5_000


async def test_f17_a_link_dies_at_once_or_after_its_time(desk: Desk, clock: Any) -> None:
    await desk.act("pay")
    link = (await desk.post("/pp/bill", asked("GET_BILL")))["UrlBienLai"]
    assert (await desk.client.get(link, headers={"X-Mock-Fault": "expired"})).status_code == 404
    assert (await desk.client.get(link)).status_code == 200
    clock.pass_s(300)
    assert (await desk.client.get(link)).status_code == 404
    await desk.order("settings", bill_link_life_s=0)
    link = (await desk.post("/pp/bill", asked("GET_BILL")))["UrlBienLai"]
    assert (await desk.client.get(link)).status_code == 404
    await desk.order("settings", receipt_mode="pdf")
    assert (await desk.client.post("/pp/bill", json=asked("GET_BILL"))).content.startswith(b"%PDF-")


async def test_f19_lines_that_do_not_add_up_are_refused(desk: Desk) -> None:
    lines = [{"NoiDung": "Phi", "SoTien": "149999"}]
    told = {**sample("init")["ThongTinBienLai"], "DSKhoanNop": lines}
    assert (await desk.open("PAY2", ThongTinBienLai=told))["MaLoi"] == "02"


async def test_f20_three_billion_stay_whole_everywhere(desk: Desk) -> None:
    url = (await desk.open("PAY2", 3_000_000_000))["UrlThanhToan"]
    assert "3.000.000.000 đồng" in (await desk.client.get(url)).text
    await desk.press(url)
    assert desk.received[0]["SoTien"] == 3_000_000_000
    assert (await desk.post("/pp/query", asked(MaThamChieu="PAY2")))["SoTien"] == 3_000_000_000
    assert "|3000000000|" in (await desk.file("recon", "2026-11-23")).splitlines()[1]


async def test_f21_half_past_two_is_14_30(desk: Desk, clock: Any) -> None:
    await desk.act("pay", at="20260801143142")
    assert desk.received[0]["ThoiGianGD"] == "20260801143142"
    await desk.open("PAY2")
    clock.pass_s(5.5 * 3600)  # 07:30 UTC
    await desk.act("pay", "PAY2")
    assert desk.received[1]["ThoiGianGD"] == "20261123143000"


async def test_f22_a_separator_in_the_narration_is_refused_and_can_be_sent(desk: Desk) -> None:
    assert (await desk.open("PAY2", ThongTinGiaoDich="A|B"))["MaLoi"] == "02"
    sent = (await desk.order("ipn", MaThamChieu=REFERENCE, set={"ThongTinGiaoDich": "A|B"}))["sent"]
    assert sent["ThongTinGiaoDich"] == "A|B"


async def test_f23_decomposed_marks_survive_and_are_signed_as_they_stand(desk: Desk) -> None:
    name = unicodedata.normalize("NFD", "Nguyễn Văn Ả")
    told = {**sample("init")["ThongTinBienLai"], "TenTKThuHuong": name}
    url = (await desk.open("PAY2", ThongTinBienLai=told))["UrlThanhToan"]
    assert name in (await desk.client.get(url)).text
    sent = (await desk.order("ipn", MaThamChieu="PAY2", set={"ThongTinGiaoDich": "Phi\u0301"}))["sent"]
    assert checksum.verify(sent, checksum.IPN, [SECRET])
    assert not checksum.verify({**sent, "ThongTinGiaoDich": "Ph\u00ed"}, checksum.IPN, [SECRET])


async def test_f24_a_reply_is_wrapped_twice(desk: Desk) -> None:
    await desk.order("settings", envelope="adapter_twice")
    reply = await desk.open("PAY2")
    assert json.loads(json.loads(reply["message"])["message"])["MaLoi"] == "00"


async def test_f25_numbers_are_texts_and_texts_are_numbers(desk: Desk) -> None:
    await desk.order("settings", amount_form="string", query_set={"TrangThaiGD": 1, "SoTien": 150000.0})
    await desk.act("pay")
    assert desk.received[0]["SoTien"] == "150000"
    sent = (await desk.order("ipn", MaThamChieu=REFERENCE, set={"ThoiGianGD": 20260801143142}))["sent"]
    assert checksum.verify(sent, checksum.IPN, [SECRET])
    assert (await desk.post("/pp/query", asked()))["TrangThaiGD"] == 1
    assert b"150000.0" in (await desk.client.post("/pp/query", json=asked())).content


async def test_f26_an_ipn_of_an_unknown_reference_is_well_signed(desk: Desk) -> None:
    sent = (await desk.order("ipn", MaThamChieu="PAYUNKNOWN"))["sent"]
    assert checksum.verify(sent, checksum.IPN, [SECRET])


async def test_f27_an_ipn_for_another_agency_is_signed_by_its_secret(desk: Desk) -> None:
    sent = (await desk.order("ipn", MaThamChieu=REFERENCE, set={"MaDoiTac": "DEMO-H98"}))["sent"]
    assert checksum.verify(sent, checksum.IPN, ["S3cretOTHER"])


async def test_f28_a_month_old_ipn_is_still_well_signed(desk: Desk) -> None:
    sent = (await desk.order("ipn", MaThamChieu=REFERENCE, set={"ThoiGianGD": "20260701080000"}))["sent"]
    assert checksum.verify(sent, checksum.IPN, [SECRET])


async def test_f29_two_payments_at_midnight_are_of_two_days(desk: Desk) -> None:
    await desk.open("PAY2")
    await desk.act("pay", at="20260801235958")
    await desk.act("pay", "PAY2", at="20260802000003")
    first, second = [await desk.file("recon", day) for day in ("2026-08-01", "2026-08-02")]
    assert (REFERENCE in first, "|PAY2|" in first) == (True, False)
    assert (REFERENCE in second, "|PAY2|" in second) == (False, True)


async def test_f30_a_line_that_only_the_platform_knows(desk: Desk) -> None:
    told = {"MaGiaoDich": "PP260801999999", "ThoiGianGD": "20260801090000", "MaThamChieu": "PAYX"}
    await desk.order("files", do="add", set=told)
    assert "PP260801999999|PAYX|PAY|1|150000|VND|20260801090000" in await desk.file("recon", "2026-08-01")
    assert "PP260801999999,PAYX,150000" in await desk.file("statement", "2026-08-01")


async def test_f31_both_secrets_open_and_the_new_one_signs(desk: Desk) -> None:
    await desk.order("settings", partners={"DEMO-H99": ["new", SECRET]})
    assert (await desk.open("PAY2"))["MaLoi"] == "00"
    assert (await desk.post("/pp/init", resigned(init("PAY3"), checksum.INIT, "new")))["MaLoi"] == "00"
    await desk.act("pay", "PAY2")
    assert checksum.verify(desk.received[0], checksum.IPN, ["new"])
    await desk.order("settings", partners={"DEMO-H99": ["new"]})
    assert (await desk.open("PAY4"))["MaLoi"] == "07"


async def test_f32_an_ipn_that_got_503_comes_again(desk: Desk) -> None:
    desk.answers = [httpx.Response(503, json={"MaLoi": "99"})] * 2
    facts = await desk.act("pay")
    assert len(desk.raw) == 3
    assert len(set(desk.raw)) == 1
    facts = (await desk.client.get(f"/_mock/transactions/{facts['MaThamChieu']}")).json()
    assert [ipn["status"] for ipn in facts["ipns"]] == [503, 503, 200]


async def test_f33_keys_stand_in_another_order_among_unknown_ones(desk: Desk) -> None:
    await desk.order("settings", key_order="reversed", extra_fields={"TruongLa": {"a": 1}})
    await desk.act("pay")
    (ipn,) = desk.received
    assert list(ipn) == ["MaXacThuc", *reversed(checksum.IPN), "TruongLa"]
    assert checksum.verify(ipn, checksum.IPN, [SECRET])
    for reply in (
        await desk.open("PAY2"),
        await desk.post("/pp/query", asked()),
        await desk.post("/pp/bill", asked("GET_BILL")),
    ):
        assert list(reply)[-1] == "TruongLa"
        assert reply["MaLoi"] == "00"


async def test_f34_a_refund_by_hand_is_in_the_files_and_never_more_than_was_paid(desk: Desk) -> None:
    order = {"MaThamChieu": REFERENCE, "SoTien": 50_000}
    assert (await desk.client.post("/_mock/refunds", json=order)).status_code == 422  # not paid
    await desk.act("pay", at="20260801143142")
    made = await desk.order("refunds", **order, at="20260802090000")
    assert made["MaGiaoDich"].startswith("PR260802")
    assert (await desk.client.post("/_mock/refunds", json={**order, "SoTien": 100_001})).status_code == 422
    assert (await desk.client.get("/_mock/refunds")).json() == {"refunds": [made]}
    assert f"{made['MaGiaoDich']}|{REFERENCE}|REFUND|1|50000|VND" in await desk.file("recon", "2026-08-02")
    assert f"2026-08-02,{made['MaGiaoDich']},{REFERENCE},-50000," in await desk.file("statement", "2026-08-02")
    assert (await desk.client.post("/_mock/refunds", json={"MaThamChieu": "NOBODY"})).status_code == 404


async def test_f35_a_platform_may_need_61_seconds(before: Any) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(0)

    plan, app = FaultPlan(mock="payment"), payment.create_app()
    plan.add({"fault": "slow:61", "path": "/pp/init"})
    slow = before(Journalled(Faulty(app, plan, sleep=sleep), Journal()))
    assert (await slow.post("/pp/init", json=init())).json()["MaLoi"] == "00"
    assert waited == [61.0]


async def test_f37_the_second_of_two_bills_is_paid_at_the_portal(desk: Desk) -> None:
    second = bill(
        MaTraCuuTT=f"{DOSSIER}20260801150000", DSKhoanNop=[{"NoiDung": "Phi", "SoTien": "70000"}], PhiLePhi=[]
    )
    desk.due = [{"error_code": 1, "message": bill()}, {"error_code": 1, "message": second}]
    for _ in range(2):
        await desk.order("lookup", MaHoSo=DOSSIER, pay=False)
    told = await desk.order("lookup", MaTraCuuTT=second["MaTraCuuTT"])
    assert (told["sent"]["MaTraCuuTT"], told["sent"]["SoTien"]) == (second["MaTraCuuTT"], 70_000)
    assert len(desk.urls) == 3  # two questions, one push


async def test_f38_sql_in_remote_text_is_sent_as_it_stands(desk: Desk) -> None:
    text = "'); DROP TABLE payments;--"
    sent = (await desk.order("ipn", MaThamChieu=REFERENCE, set={"ThongTinGiaoDich": text}))["sent"]
    assert sent["ThongTinGiaoDich"] == text
    await desk.order("settings", query_set={"MaNganHang": "x' OR '1'='1"})
    assert (await desk.post("/pp/query", asked(moment=INIT_TIME)))["MaNganHang"] == "x' OR '1'='1"
