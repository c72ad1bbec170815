"""What we ask of rails, over real sockets: only an explicit answer ends a payment, and only a proof posts it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import journey
import loopback
import pytest
from story import VIETNAM
from till_steps import Till, mend, moment, restarted, today

BY_QUERY = [("collection", "query")]
BY_NOTICE = [("collection", "notice")]


@pytest.fixture(autouse=True)
def _mended(till: Till) -> Iterator[None]:
    yield
    mend(till)


@pytest.mark.parametrize("rail", ["payment", "vnpay"])
def test_F05_a_payment_whose_notice_is_lost_is_found_by_QUERY(till: Till, rail: str) -> None:
    """PAY-08, F05."""
    payment = till.open(rail=rail)
    till.act(payment, "pay", copies=0)
    assert till.caller.send("POST", f"/v1/payments/{payment['id']}/check").status_code == 202
    paid = till.reaches(payment, "paid")
    assert (paid["postings"], till.entered(payment), till.at(payment)["ipns"]) == (1, BY_QUERY, [])


def test_F09_QUERY_says_pending_three_times_and_then_paid(till: Till) -> None:
    """PAY-08, F09: an open answer is asked again, and is never a failure."""
    till.switch(query_script=["3"] * 10)
    payment = till.open()
    till.act(payment, "pay", copies=0)
    asked = 0
    for _ in range(3):  # by us; those of the ladder come in between
        before, asked = asked, till.check(payment)
        assert asked > before
        assert (till.seen(payment)["state"], till.entered(payment)) == ("opened", [])
    till.switch(query_script=[])
    assert till.caller.send("POST", f"/v1/payments/{payment['id']}/check").status_code == 202
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_QUERY)


def test_F10_a_QUERY_that_fails_is_no_failure_of_the_payment(till: Till) -> None:
    """PAY-08, F10."""
    payment = till.open()
    till.act(payment, "pay", copies=0)
    till.fault("refuse", "/pp/query")
    assert till.caller.send("POST", f"/v1/payments/{payment['id']}/check").status_code == 202
    asked = journey.until(lambda: till.calls("/pp/query", payment["id"]), bool)
    assert '"MaLoi":"99"' in asked[0]["reply"]
    assert (till.seen(payment)["state"], till.entered(payment)) == ("opened", [])
    till.check(payment)
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_QUERY)


def test_F11_an_INIT_whose_answer_is_lost_is_unknown_and_its_money_is_taken(till: Till) -> None:
    """PAY-08, F11: the attempt was stored before the bytes left."""
    till.fault("late_success", "/pp/init")
    payment = till.ask("POST", "/v1/payments", till.document())
    assert (payment["state"], payment["pay_url"]) == ("unknown", None)
    till.check(payment)
    assert till.seen(payment)["state"] == "unknown"
    till.act(payment, "pay")
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_NOTICE)


def test_F12_the_same_request_after_a_broken_INIT_opens_no_second_transaction(till: Till) -> None:
    """PAY-06, PAY-08, F12: the platform would answer 116 to the reference; it is not sent again, but asked about."""
    document, key = till.document(), "F12-0001"
    till.fault("late_success", "/pp/init")
    payment = till.ask("POST", "/v1/payments", document, key=key)
    assert till.ask("POST", "/v1/payments", document, key=key) == payment
    (sent,) = till.calls("/pp/init", payment["id"])
    again = loopback.post(f"{till.town.mock_url('payment')}/pp/init", content=sent["body"])
    assert (payment["state"], again.json()["MaLoi"]) == ("unknown", "116")
    till.act(payment, "pay", copies=0)
    till.check(payment)
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_QUERY)


def test_F13_a_return_that_says_00_without_a_payment_proves_nothing(till: Till) -> None:
    """PAY-08, F13: in a browser, see tests/e2e/test_payer.py."""
    payment = till.open()
    page = came_back(till, payment["id"])
    assert "Đang kiểm tra" in page.text
    assert journey.until(lambda: till.at(payment)["queries"], lambda queries: queries > 0) >= 1
    assert (till.seen(payment)["state"], till.entered(payment)) == ("opened", [])


def test_F14_a_browser_that_never_returns_changes_nothing(till: Till) -> None:
    """PAY-08, F14: in a browser, see tests/e2e/test_payer.py."""
    payment = till.open()
    till.act(payment, "pay")
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_NOTICE)
    assert till.calls("/inbound/payment/return", payment["id"], direction="sent") == []
    assert "Đã nhận được thanh toán" in came_back(till, payment["id"]).text


def test_F19_lines_that_do_not_add_up_are_refused_before_anything_is_sent(till: Till) -> None:
    """PAY-05 (part), F19: the platform's checksum does not cover them."""
    document = till.document()
    refused = till.caller.send("POST", "/v1/payments", {**document, "amount": 150_001})
    assert (refused.status_code, refused.json()["code"]) == (422, "caller.lines_differ")
    assert till.calls("/pp/init", document["dossier_code"]) == []
    assert till.sql("SELECT 1 FROM bill WHERE dossier_code = %s", document["dossier_code"]) == []


def test_F20_three_thousand_million_dong_are_carried_whole(till: Till) -> None:
    """PAY-06, F20: more than 32 bits hold."""
    amount = 3_000_000_000
    lines = [{"kind": "fee", "code": "P01", "name": "Phí thẩm định", "amount": amount}]
    told, asked = till.open(amount=amount, lines=lines), till.open(amount=amount, lines=lines)
    assert "3.000.000.000" in loopback.get(told["pay_url"]).text
    till.act(told, "pay")
    till.act(asked, "pay", copies=0)
    till.check(asked)
    for payment, entered in ((told, BY_NOTICE), (asked, BY_QUERY)):
        assert (till.reaches(payment, "paid")["amount"], till.entered(payment)) == (amount, entered)
        assert till.lines(payment) == {"rail": amount, "fee": -amount}


@pytest.mark.usefixtures("one_day")
def test_F21_half_past_two_in_the_afternoon_stays_14_30(till: Till) -> None:
    """PAY-06, F21: the clock has 24 hours, and the day of the money is local."""
    payment = till.open()
    (sent,) = till.calls("/pp/init", payment["id"])
    opened = datetime.fromisoformat(payment["created_at"]).astimezone(VIETNAM)
    assert f'"ThoiGianGD":"{opened:%Y%m%d%H%M%S}"' in sent["body"]
    till.act(payment, "pay", at=moment(1, "143005"))
    paid_at = datetime.fromisoformat(till.reaches(payment, "paid")["paid_at"]).astimezone(VIETNAM)
    assert f"{paid_at:%H:%M:%S}" == "14:30:05"
    entered = till.sql("SELECT day FROM book_entry WHERE payment_id = %s", payment["id"])
    assert (entered, till.entered(payment)) == ([{"day": today() - timedelta(days=1)}], BY_NOTICE)


def test_F22_a_separator_in_the_narration_is_refused_on_both_sides(till: Till) -> None:
    """PAY-05 (part), F22: it would move values across the borders of signed fields."""
    document = till.document()
    refused = till.caller.send("POST", "/v1/payments", {**document, "narration": "A|B"})
    assert (refused.status_code, till.calls("/pp/init", document["dossier_code"])) == (422, [])
    payment = till.open(dossier_code=document["dossier_code"])
    till.act(payment, "pay", copies=0)
    assert till.notice(payment, set={"ThongTinGiaoDich": "A|B"}) == ["99"]
    assert (till.seen(payment)["state"], till.entered(payment)) == ("opened", [])
    assert till.notice(payment) == ["00"]
    assert till.entered(payment) == BY_NOTICE


def test_F23_a_name_in_decomposed_letters_survives_and_every_checksum_holds(till: Till) -> None:
    """PAY-06, F23: what is signed is ASCII, and what comes is verified as it came."""
    name = "Trần Thị Mẫu Đặng"
    payer = {**till.document()["payer"], "full_name": unicodedata.normalize("NFD", name)}
    payment = till.open(payer=payer, narration=unicodedata.normalize("NFD", "Phí thẩm định hồ sơ"))
    (sent,) = till.calls("/pp/init", payment["id"])
    assert name in unicodedata.normalize("NFC", sent["body"])
    assert '"ThongTinGiaoDich":"Phi tham dinh ho so"' in sent["body"]
    till.act(payment, "pay", copies=0)
    assert till.notice(payment, set={"ThongTinGiaoDich": unicodedata.normalize("NFD", "Phí thẩm định")}) == ["00"]
    assert (till.seen(payment)["postings"], till.entered(payment)) == (1, BY_NOTICE)


@pytest.mark.parametrize("envelope", ["adapter", "adapter_twice"])
def test_F24_a_reply_in_the_adapters_envelope_is_read_also_when_it_is_wrapped_twice(till: Till, envelope: str) -> None:
    """PAY-08, F24."""
    till.switch(envelope=envelope)
    payment = till.open()
    assert loopback.get(payment["pay_url"]).status_code == 200
    till.act(payment, "pay")
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_NOTICE)


def test_F35_a_platform_that_answers_too_late_leaves_the_payment_unknown(till: Till) -> None:
    """PAY-08, F35. The page says 61 s against a limit of 60; here it is 3 s against 1, which goes the same way."""
    with restarted(till, "payment", timeout_s=1):
        till.fault("slow:3", "/pp/init")
        payment = till.ask("POST", "/v1/payments", till.document())
        assert (payment["state"], payment["pay_url"]) == ("unknown", None)
        journey.until(lambda: any(call["status"] for call in till.calls("/pp/init", payment["id"])), bool)
        till.act(payment, "pay")
        assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_NOTICE)


def test_F36_a_forged_notice_of_PayGov_with_the_right_dossier_is_never_posted(till: Till) -> None:
    """PAY-06, PAY-08, F36: where the order of the checksum is not known the LGSP is asked, and says no; where it is
    known the notice is refused at once. What PayGov itself says is taken."""
    payment, other = till.open(rail="paygov"), till.open(rail="paygov")
    for checksum in ("forged", "missing"):
        assert till.notice(payment, checksum=checksum) == ["SUCCESSFUL"]  # it is kept, and proves nothing
        told = {"orderId": till.at(payment)["orderId"]}
        till.notice(f"PAYOFANOTHER{checksum.upper()}", rail="paygov", checksum=checksum, set=told)
    asked = journey.until(lambda: till.calls("/CheckSumUrlReturn", "", rail="paygov"), lambda calls: len(calls) >= 4)
    assert all("SIGNATURE_WRONG" in call["reply"] for call in asked), asked
    assert (till.seen(payment)["state"], till.entered(payment)) == ("opened", [])
    till.act(payment, "pay")
    assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_QUERY)
    order = till.mock("paygov", "/_mock/settings")["notice_order"]
    with restarted(till, "paygov", notice_checksum=order):
        before = till.alarms("inbound_not_trusted")
        for checksum in ("forged", "missing"):
            assert till.notice(other, checksum=checksum) == ["SIGNATURE_WRONG"]
        assert (till.seen(other)["state"], till.entered(other)) == ("opened", [])
        assert till.alarms("inbound_not_trusted") == before + 2
        till.act(other, "pay")
        assert (till.reaches(other, "paid")["postings"], till.entered(other)) == (1, BY_NOTICE)


def came_back(till: Till, payment_id: str) -> httpx.Response:
    """What anybody can type: the good end of a payment, over the redirect to our own page."""
    query = {"data": f"DEMO-H99_{payment_id}_x", "responseCode": "00", "secureCode": "x"}
    address = f"{till.town.api}/inbound/payment/return"
    sent_on = loopback.get(address, params=query)
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, f"/thanh-toan/{payment_id}")
    return loopback.get(f"{till.town.api}/thanh-toan/{payment_id}")
