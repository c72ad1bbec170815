"""The page of a payer: what it says of each state, what it never shows, and what a browser is told about it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from gateway.api import look
from gateway.api.app import build, create_app
from gateway.domain import Context
from gateway.payments.model import Payment, PaymentState
from gateway.sdk import NotFoundError

NOW = datetime(2026, 11, 23, 7, 31, 42, tzinfo=UTC)
PAYMENT = Payment(
    tenant="H99",
    payment_id="P7Q2M0001ABCDEFGHIJK",
    bill_id="B7Q2M0001",
    dossier_code="000.00.05.H99-261123-0007",
    amount=150_000,
    currency="VND",
    state=PaymentState.OPENED,
    system="payment",
    reference="P7Q2M0001ABCDEFGHIJK",
    pay_url="http://bank.example.vn/pay/1",
    transaction_id="GD000000001",
    created_at=NOW - timedelta(minutes=1),
    updated_at=NOW,
    document={"payer": {"full_name": "Lê Văn Thử", "personal_id": "099190000003"}, "narration": "THANH TOAN HO SO"},
)
PATH = f"/thanh-toan/{PAYMENT.payment_id}"
OPEN = [PaymentState.CREATED, PaymentState.OPENED, PaymentState.PENDING, PaymentState.UNKNOWN]


class OnePayment:
    """Of `PaymentService` only the look at a payment: the page must need nothing that acts."""

    def __init__(self, payment: Payment) -> None:
        self.payment = payment
        self.asked = 0
        self.broken: Exception | None = None

    async def get(self, payment_id: str, *, context: Context) -> Payment:
        self.asked += 1
        if self.broken:
            raise self.broken
        if (context.tenant, payment_id) != (self.payment.tenant, self.payment.payment_id):
            raise NotFoundError("No payment has this id.")
        return self.payment


async def get(payments: OnePayment, path: str = PATH, **headers: str) -> httpx.Response:
    gate = SimpleNamespace(admit_public=lambda address: None)
    own = {"payments": payments, "gate": gate, "clock": lambda: NOW}
    services: Any = SimpleNamespace(tenant="H99", max_body_bytes=1000, longest_s=60.0, metrics=None, **own)
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as browser:
        return await browser.get(path)


async def page(path: str = PATH, **changes: Any) -> str:
    answer = await get(OnePayment(replace(PAYMENT, **changes)), path)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("state", OPEN)
async def test_without_proof_the_payment_is_being_checked(state: PaymentState) -> None:
    """PAY-08, F13."""
    text = await page(state=state)
    assert "<h2>Đang kiểm tra " in text
    assert "Being checked" in text
    assert "Đã nhận được" not in text


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        (PaymentState.PAID, "Đã nhận được thanh toán"),
        (PaymentState.FAILED, "Giao dịch không thành công"),
        (PaymentState.EXPIRED, "Đã quá hạn"),
    ],
)
async def test_an_end_is_named_in_the_title_and_in_a_status_that_screen_readers_say(
    state: PaymentState, heading: str
) -> None:
    text = await page(state=state, paid_at=NOW)
    assert f"<title>{heading} – Kết quả thanh toán</title>" in text
    assert re.search(rf'<div role="status" aria-live="polite" class="\w+"><h2>{heading} <span lang="en">', text)


async def test_a_paid_page_says_how_much_when_and_under_which_reference() -> None:
    """F20, F21: beyond 2^31, and by the clock of Viet Nam."""
    text = await page(state=PaymentState.PAID, paid_at=NOW, amount=3_000_000_000)
    shown = re.sub("<[^>]*>", " ", text)
    assert "3.000.000.000 đồng" in shown
    assert "14:31:42 ngày 23/11/2026" in shown
    assert PAYMENT.payment_id in shown


async def test_money_that_came_twice_is_promised_back() -> None:
    """F15."""
    text = await page(state=PaymentState.PAID, paid_at=NOW, excess=True)
    assert "khoản nộp thừa sẽ được hoàn" in text
    assert "khoản nộp thừa" not in await page(state=PaymentState.PAID, paid_at=NOW)


@pytest.mark.parametrize("state", PaymentState)
async def test_nothing_of_the_dossier_or_of_a_person_is_shown(state: PaymentState) -> None:
    """Whoever holds the address sees amount, reference and state."""
    text = await page(state=state, paid_at=NOW)
    for private in (PAYMENT.dossier_code, "Thử", "099190000003", PAYMENT.bill_id, PAYMENT.pay_url, "GD0", "NARR"):
        assert private not in text


@pytest.mark.parametrize(
    ("state", "age", "seconds"),
    [
        (PaymentState.OPENED, timedelta(minutes=29), "5"),
        (PaymentState.UNKNOWN, timedelta(days=3), "60"),
        (PaymentState.FAILED, timedelta(minutes=1), "5"),
        (PaymentState.PAID, timedelta(minutes=1), ""),
    ],
)
async def test_an_open_page_refreshes_itself_until_it_is_paid(
    state: PaymentState, age: timedelta, seconds: str
) -> None:
    """Also a failed one: it may be paid late (F08)."""
    text = await page(state=state, created_at=NOW - age)
    assert re.findall(r'http-equiv="refresh" content="(\d+)"', text) == [seconds] * bool(seconds)


async def test_a_reader_can_stop_the_refreshing() -> None:
    """WCAG 2.2.1."""
    assert 'href="?giu-nguyen"' in await page()
    still = await page(PATH + "?giu-nguyen")
    assert "http-equiv" not in still
    assert "Kiểm tra lại" in still


@pytest.mark.parametrize("name", ["P7Q2M0001ABCDEFGHIJX", "p1", "P1%27--", "%3Cscript%3E", "A" * 21])
async def test_an_address_of_no_payment_is_a_plain_page_that_repeats_nothing(name: str) -> None:
    payments = OnePayment(PAYMENT)
    answer = await get(payments, f"/thanh-toan/{name}")
    assert answer.status_code == 404
    assert "Không tìm thấy giao dịch" in answer.text
    assert "http-equiv" not in answer.text
    assert "script" not in answer.text
    assert payments.asked == (name == "P7Q2M0001ABCDEFGHIJX")


async def test_a_payment_that_began_at_the_portal_has_no_page_here() -> None:
    """Its id is made from the portal's reference, which others may know or guess."""
    answer = await get(OnePayment(replace(PAYMENT, reference="PAY26K7Q2M0001")))
    assert answer.status_code == 404
    assert "150.000" not in answer.text


async def test_a_gateway_that_cannot_look_says_so_in_words_and_looks_again() -> None:
    payments = OnePayment(PAYMENT)
    payments.broken = ConnectionError("the database")
    answer = await get(payments)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert answer.headers["retry-after"] == "60"
    assert "Tạm thời chưa xem được" in answer.text
    assert 'http-equiv="refresh" content="60"' in answer.text
    assert "database" not in answer.text


@pytest.mark.parametrize("path", [PATH, "/thanh-toan/P1"])
async def test_a_browser_keeps_nothing_loads_nothing_and_runs_nothing(path: str) -> None:
    answer = await get(OnePayment(PAYMENT), path, cookie="a=b")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    assert set(re.findall(r'(?:src|href)="([^"]*)"', answer.text)) <= {"data:,", "?giu-nguyen"}
    assert look.STYLE in answer.text


def test_texts_are_escaped() -> None:
    assert "<b>" not in look.document("<b>", look.both("<b>", "<b>"))


def test_pages_for_people_are_not_in_the_document_for_programs() -> None:
    assert not [path for path in build(None).openapi()["paths"] if "thanh-toan" in path]
