"""The payer's page in a real browser: its own policy lets its own look through, and a phone shows all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from browser import keep, payer
from playwright.sync_api import BrowserContext, Route, expect

from gateway.api import look
from gateway.api.routes.payer import page_of
from gateway.payments.model import Payment, PaymentState

NOW = datetime(2026, 11, 23, 7, 31, 42, tzinfo=UTC)
PAYMENT = Payment(
    tenant="H99",
    payment_id="P7Q2M0001ABCDEFGHIJK",
    bill_id="B7Q2M0001",
    dossier_code="000.00.05.H99-261123-0007",
    amount=3_000_000_000,
    currency="VND",
    state=PaymentState.OPENED,
    system="payment",
    reference="P7Q2M0001ABCDEFGHIJK",
    created_at=NOW - timedelta(minutes=1),
    updated_at=NOW,
)
PAID = replace(PAYMENT, state=PaymentState.PAID, paid_at=NOW)
URL = f"http://127.0.0.1/thanh-toan/{PAYMENT.payment_id}"


class Shown:
    """Stands where the gateway would: answers each request with the page of the payment as it is by then."""

    def __init__(self, *payments: Payment) -> None:
        self._left = list(payments)

    def __call__(self, route: Route) -> None:
        payment = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        text = page_of(payment, now=NOW, stays="?" in route.request.url)
        route.fulfill(body=text, headers=look.HEADERS, content_type="text/html; charset=utf-8")


@pytest.fixture
def browser() -> Iterator[BrowserContext]:
    with payer() as context:
        yield context


def test_each_state_fits_a_phone_and_looks_as_it_should(browser: BrowserContext) -> None:
    page = browser.new_page()
    for name, payment in {
        **{state.value: replace(PAID, state=state) for state in PaymentState},
        "excess": replace(PAID, excess=True),
    }.items():
        browser.unroute_all()
        browser.route("**/*", Shown(payment))
        page.goto(URL)
        expect(page.get_by_role("status")).to_have_css("border-left-style", "solid")
        keep(page, f"payer-{name}")


def test_an_open_page_turns_into_the_paid_one_by_itself(browser: BrowserContext) -> None:
    """PAY-08. Without a script."""
    browser.route("**/*", Shown(PAYMENT, PAID))
    page = browser.new_page()
    page.goto(URL)
    expect(page.get_by_role("status")).to_contain_text("Đang kiểm tra")
    expect(page.get_by_role("status")).to_contain_text("Đã nhận được thanh toán", timeout=30_000)


def test_a_reader_who_stopped_the_refreshing_asks_by_a_link(browser: BrowserContext) -> None:
    browser.route("**/*", Shown(PAYMENT))
    page = browser.new_page()
    page.goto(URL)
    page.get_by_role("link", name="Dừng tự làm mới").click()
    expect(page.get_by_text("Trang không tự làm mới")).to_be_visible()
    keep(page, "payer-stopped")
    browser.unroute_all()
    browser.route("**/*", Shown(PAID))
    page.get_by_role("link", name="Kiểm tra lại").click()
    expect(page.get_by_role("status")).to_contain_text("Đã nhận được thanh toán")
