"""`/thanh-toan/<payment>`: the page that a payer sees when the bank sends the browser back.

What the browser brings along proves nothing (payment contract 2.4), so the page shows what the gateway knows: "being
checked" until there is proof. Whoever has the address sees amount, reference and state; nothing of the dossier, no
name. Ids of payments that began at the portal could be guessed from its references, and their payers come back to the
portal: they have no page. It reads one row and calls no rail, however often it is opened.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import escape
from typing import NamedTuple

import structlog
from fastapi import APIRouter, Request, Response

from gateway.api import look
from gateway.api.access import services_of
from gateway.api.peer import peer_of
from gateway.domain import VIETNAM
from gateway.payments.model import Payment, PaymentState
from gateway.sdk.errors import NotFoundError, TooManyRequestsError

BRISK_FOR = timedelta(minutes=30)
BRISK_S = 5
"""Seconds after which the page of an open payment asks again, in the first half hour; later it is `CALM_S`."""
CALM_S = 60
STAYS = "giu-nguyen"
"""Query parameter of the page that does not refresh itself (WCAG 2.2.1: readers can turn it off)."""

TITLE = "Kết quả thanh toán", "Payment result"

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()


class Said(NamedTuple):
    """What the page says of a state, in Vietnamese and English. `look`: class of the box."""

    look: str
    heading: tuple[str, str]
    text: tuple[str, str]


CHECKING = Said(
    "",
    ("Đang kiểm tra", "Being checked"),
    (
        "Chúng tôi đang hỏi ngân hàng về kết quả. Quý khách không cần nộp lại; có thể đóng trang này, kết quả vẫn được "
        "ghi nhận.",
        "We are asking the bank for the result. Do not pay again. You may close this page; the result will be recorded "
        "all the same.",
    ),
)
PAID = Said(
    "good",
    ("Đã nhận được thanh toán", "Payment received"),
    ("Quý khách không cần làm gì thêm.", "There is nothing else to do."),
)
EXCESS = Said(
    "good",
    ("Đã nhận được thanh toán", "Payment received"),
    (
        "Khoản này đã được nộp trước đó: khoản nộp thừa sẽ được hoàn lại cho Quý khách.",
        "This fee had been paid before: what was paid in excess will be returned to you.",
    ),
)
STATES = {
    PaymentState.PAID: PAID,
    PaymentState.FAILED: Said(
        "bad",
        ("Giao dịch không thành công", "Payment failed"),
        (
            "Quý khách có thể nộp lại từ trang hồ sơ. Nếu tài khoản đã bị trừ tiền, xin đừng nộp lại: khoản đó sẽ được "
            "ghi nhận khi ngân hàng xác nhận.",
            "You may pay again from the page of your dossier. If your account was debited, please do not: the payment "
            "will be recorded once the bank confirms it.",
        ),
    ),
    PaymentState.EXPIRED: Said(
        "late",
        ("Đã quá hạn", "Expired"),
        (
            "Giao dịch này không còn hiệu lực. Nếu khoản phí chưa được nộp, Quý khách có thể nộp lại từ trang hồ sơ. "
            "Nếu tài khoản đã bị trừ tiền, khoản đó sẽ được ghi nhận khi ngân hàng xác nhận.",
            "This payment is no longer open. If the fee has not been paid, you may pay it from the page of your "
            "dossier. If your account was debited, the payment will be recorded once the bank confirms it.",
        ),
    ),
}
ABSENT = Said(
    "",
    ("Không tìm thấy giao dịch", "Payment not found"),
    (
        "Đường dẫn không đúng. Xin mở lại từ trang hồ sơ.",
        "Open it from the page of your dossier.",
    ),
)
UNREADABLE = Said(
    "",
    ("Tạm thời chưa xem được", "Not available right now"),
    (
        "Trang sẽ tự mở lại. Khoản Quý khách đã nộp không bị ảnh hưởng; xin đừng nộp lại.",
        "The page will reload by itself. What you have paid is not affected; do not pay again.",
    ),
)


@router.get("/thanh-toan/{payment_id}", operation_id="payer_page")
async def show(payment_id: str, request: Request) -> Response:
    """The page as the payment stands; 404 and 503 are pages too."""
    services, trace = services_of(request), request.state.trace
    context = trace.context(tenant=services.tenant, actor="payer")
    try:
        services.gate.admit_public(peer_of(request.scope).address)
        if re.fullmatch(r"[0-9A-Z]{1,20}", payment_id) is None:
            return _answer(_page(ABSENT, ""), status=404)
        payment = await services.payments.get(payment_id, context=context)
    except NotFoundError:
        return _answer(_page(ABSENT, ""), status=404)
    except TooManyRequestsError:
        return _answer(_page(UNREADABLE, "", refresh_s=CALM_S), status=429)
    except Exception:  # whoever has just paid must not be shown a document for programs
        log.exception("payer_page_failed")
        return _answer(_page(UNREADABLE, "", refresh_s=CALM_S), status=503)
    if payment.reference != payment.payment_id:
        return _answer(_page(ABSENT, ""), status=404)
    return _answer(page_of(payment, now=services.clock(), stays=STAYS in request.query_params))


def page_of(payment: Payment, *, now: datetime, stays: bool = False) -> str:
    """The page of a payment as it stands at `now`. `stays`: it does not refresh itself."""
    said = EXCESS if payment.excess else STATES.get(payment.state, CHECKING)
    facts = f'<dt>{look.both("Số tiền", "Amount")}</dt><dd class="amount">{escape(_money(payment))}</dd>'
    facts += f"<dt>{look.both('Mã giao dịch', 'Reference')}</dt><dd>{escape(payment.reference)}</dd>"
    if payment.state is PaymentState.PAID and payment.paid_at is not None:
        facts += f"<dt>{look.both('Thời điểm nộp', 'Paid at')}</dt><dd>{_clock_face(payment.paid_at)}</dd>"
    rest = f"<dl>{facts}</dl>"
    if payment.state is PaymentState.PAID:
        return _page(said, rest)
    refresh_s = 0 if stays else BRISK_S if now - payment.created_at < BRISK_FOR else CALM_S
    return _page(said, rest + _asking_again(now, refresh_s=refresh_s), refresh_s=refresh_s)


def _asking_again(now: datetime, *, refresh_s: int) -> str:
    """When the page was made, and how a reader makes it anew or has it stay as it is."""
    if refresh_s:
        links = [("?" + STAYS, "Dừng tự làm mới", "Stop refreshing")]
        how = f"Trang tự làm mới sau mỗi {refresh_s} giây.", f"This page refreshes itself every {refresh_s} seconds."
    else:
        links = [("?" + STAYS, "Kiểm tra lại", "Check again"), ("?", "Tự làm mới", "Refresh by itself")]
        how = "Trang không tự làm mới.", "This page does not refresh itself."
    nav = "".join(f'<a href="{target}">{look.both(*text)}</a>' for target, *text in links)
    return f"<nav>{nav}</nav><footer><p>Cập nhật lúc {_clock_face(now)}. {look.both(*how)}</p></footer>"


def _page(said: Said, rest: str, *, refresh_s: int = 0) -> str:
    """A whole page. The title begins with the state: it is what screen readers say first after each reload."""
    heading, text = look.both(*said.heading), look.both(*said.text)
    box = f'<div role="status" aria-live="polite" class="{said.look}"><h2>{heading}</h2><p>{text}</p></div>'
    title = f"{said.heading[0]} – {TITLE[0]}"
    return look.document(title, f"<h1>{look.both(*TITLE)}</h1>{box}{rest}", refresh_s=refresh_s)


def _answer(page: str, *, status: int = 200) -> Response:
    again = {"retry-after": str(CALM_S)} if status == 503 else {}
    return Response(page, status_code=status, media_type="text/html", headers={**look.HEADERS, **again})


def _money(payment: Payment) -> str:
    """As Vietnamese readers write it: 150.000 đồng."""
    unit = "đồng" if payment.currency == "VND" else payment.currency
    return f"{payment.amount:,}".replace(",", ".") + f" {unit}"


def _clock_face(moment: datetime) -> str:
    local = moment.astimezone(VIETNAM)
    return f'<time datetime="{local.isoformat(timespec="seconds")}">{local:%H:%M:%S ngày %d/%m/%Y}</time>'
