"""A payer at the bank page and back, in a real browser, over real processes: what is shown is what is proven."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import journey
import loopback
import pytest
from browser import keep
from playwright.sync_api import Page, expect
from story import Caller, payment_document
from town import Town

SOON_MS = 60_000
CHECKING, PAID, FAILED = "Đang kiểm tra", "Đã nhận được thanh toán", "Giao dịch không thành công"


@pytest.fixture(autouse=True)
def _the_bank_leads_back(town: Town) -> Iterator[None]:
    _set(town, return_url=f"{town.api}/inbound/payment/return", query_script=[])
    yield
    journey.forget_faults(town, "payment")


def test_a_payer_waits_at_the_page_until_the_late_notice_is_there(town: Town, caller: Caller, page: Page) -> None:
    """PAY-08, F09: the bank took the money, the notice is withheld, and the platform does not know yet."""
    _set(town, query_script=["3"] * 10)
    journey.plan(town, "payment", "lost_ipn")
    payment = _open(caller, 1)
    page.goto(payment["pay_url"])
    keep(page, "bank-open")
    _pay(page)
    keep(page, "bank-paid")
    _go_back(page)
    expect(page).to_have_url(f"{town.api}/thanh-toan/{payment['id']}")
    expect(page.get_by_role("status")).to_contain_text(CHECKING)
    keep(page, "payer-waits")
    asked = journey.until(lambda: _at_the_bank(town, payment)["queries"], lambda count: count > 0)
    assert asked >= 1
    assert _seen(caller, payment)["postings"] == 0
    expect(page.get_by_role("status")).to_contain_text(CHECKING)
    sent = _mock(town, "/_mock/ipn", {"MaThamChieu": payment["id"]})
    assert sent["answers"][0]["body"]["MaLoi"] == "00"
    expect(page.get_by_role("status")).to_contain_text(PAID, timeout=SOON_MS)
    expect(page.locator("main")).to_contain_text("150.000 đồng")
    keep(page, "payer-paid-at-last")
    assert _seen(caller, payment)["postings"] == 1


def test_a_return_has_the_platform_asked_when_the_notice_is_lost(town: Town, caller: Caller, page: Page) -> None:
    """PAY-08, F05."""
    journey.plan(town, "payment", "lost_ipn")
    payment = _open(caller, 2)
    page.goto(payment["pay_url"])
    _pay(page)
    _go_back(page)
    expect(page.get_by_role("status")).to_contain_text(PAID, timeout=SOON_MS)
    assert _at_the_bank(town, payment)["ipns"] == []
    assert _seen(caller, payment)["postings"] == 1


def test_a_forged_return_says_and_posts_nothing(town: Town, caller: Caller, page: Page) -> None:
    """PAY-08, F13."""
    payment = _open(caller, 3)
    page.goto(_return(town, payment["id"]))
    expect(page).to_have_url(f"{town.api}/thanh-toan/{payment['id']}")
    expect(page.get_by_role("status")).to_contain_text(CHECKING)
    assert journey.until(lambda: _at_the_bank(town, payment)["queries"], lambda count: count > 0) >= 1
    before = page.get_by_text("Cập nhật lúc").inner_text()
    expect(page.get_by_text("Cập nhật lúc")).not_to_contain_text(before, timeout=SOON_MS)
    expect(page.get_by_role("status")).to_contain_text(CHECKING)
    seen = _seen(caller, payment)
    assert (seen["state"] == "paid", seen["postings"]) == (False, 0)


def test_a_return_of_an_unknown_payment_leads_nowhere(town: Town, page: Page) -> None:
    """F26."""
    assert _status(page, _return(town, "P0000000000000000000")) == 404
    assert _status(page, f"{town.api}/thanh-toan/P0000000000000000000") == 404
    expect(page.locator("main")).to_contain_text("Không tìm thấy giao dịch")
    keep(page, "payer-absent")


def test_a_payer_who_cancels_is_told_so(town: Town, caller: Caller, page: Page) -> None:
    payment = _open(caller, 4)
    page.goto(payment["pay_url"])
    page.get_by_role("button", name="Huỷ giao dịch").click()
    keep(page, "bank-cancelled")
    _go_back(page)
    expect(page.get_by_role("status")).to_contain_text(FAILED, timeout=SOON_MS)
    assert _seen(caller, payment)["postings"] == 0


def test_a_payer_who_never_comes_back_has_paid_all_the_same(town: Town, caller: Caller, page: Page) -> None:
    """F14. The page is there for whoever opens it later."""
    payment = _open(caller, 5)
    page.goto(payment["pay_url"])
    _pay(page)
    page.close()
    assert journey.until(lambda: _seen(caller, payment), lambda seen: seen["state"] == "paid")["postings"] == 1
    later = page.context.new_page()
    later.goto(f"{town.api}/thanh-toan/{payment['id']}")
    expect(later.get_by_role("status")).to_contain_text(PAID)


def test_two_tabs_of_one_payment_pay_once(town: Town, caller: Caller, page: Page) -> None:
    """PAY-06."""
    payment = _open(caller, 6)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(payment["pay_url"])
    for tab in (page, other):
        _pay(tab)
        _go_back(tab)
    for tab in (page, other):
        expect(tab.get_by_role("status")).to_contain_text(PAID, timeout=SOON_MS)
        expect(tab.get_by_role("status")).not_to_contain_text("nộp thừa")
    assert _seen(caller, payment)["postings"] == 1


def test_whoever_pays_a_fee_twice_is_told_that_the_second_comes_back(town: Town, caller: Caller, page: Page) -> None:
    """F15."""
    first, second = _open(caller, 7), _open(caller, 7)
    tabs = (page, page.context.new_page())
    for tab, payment in zip(tabs, (first, second), strict=True):
        tab.goto(payment["pay_url"])
        _pay(tab)
        _go_back(tab)
        expect(tab.get_by_role("status")).to_contain_text(PAID, timeout=SOON_MS)
    expect(tabs[0].get_by_role("status")).not_to_contain_text("nộp thừa")
    expect(tabs[1].get_by_role("status")).to_contain_text("khoản nộp thừa sẽ được hoàn")


def test_a_wide_screen_shows_the_same(town: Town, caller: Caller, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    payment = _open(caller, 8)
    page.goto(payment["pay_url"])
    keep(page, "bank-open-wide")
    page.goto(_return(town, payment["id"]))
    keep(page, "payer-waits-wide")


def _open(caller: Caller, number: int) -> Any:
    """A payment for a dossier of its own."""
    body = {**payment_document(), "dossier_code": f"000.00.05.H99-261127-{number:04d}"}
    opened = caller.send("POST", "/v1/payments", body)
    assert opened.json()["state"] == "opened", opened.text
    return opened.json()


def _pay(page: Page) -> None:
    page.get_by_role("button", name="Trả tiền").click()
    expect(page.get_by_role("status")).to_contain_text("Đã thanh toán")


def _go_back(page: Page) -> None:
    page.get_by_role("link", name="Quay lại").click()


def _return(town: Town, reference: str) -> str:
    """What anybody can type: the good end of a payment."""
    return f"{town.api}/inbound/payment/return?data=DEMO-H99_{reference}_x&responseCode=00&secureCode=x"


def _status(page: Page, url: str) -> int:
    answer = page.goto(url)
    assert answer is not None
    return answer.status


def _seen(caller: Caller, payment: Any) -> Any:
    return caller.json("GET", f"/v1/payments/{payment['id']}")


def _at_the_bank(town: Town, payment: Any) -> Any:
    url = f"{town.mock_url('payment')}/_mock/transactions/{payment['id']}"
    return loopback.get(url).raise_for_status().json()


def _set(town: Town, **settings: Any) -> None:
    _mock(town, "/_mock/settings", settings)


def _mock(town: Town, path: str, body: Any) -> Any:
    answer = loopback.post(f"{town.mock_url('payment')}{path}", json=body)
    return answer.raise_for_status().json()
