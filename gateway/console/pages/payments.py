"""The payment board (KPI-12), bills, and attempts to pay them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import Response

from gateway.console.charts import Chart, Series
from gateway.console.money_lists import Asked, listed, show
from gateway.console.visit import Visit, visit
from gateway.delivery.model import StreamState, StreamView
from gateway.domain import VIETNAM, local_day
from gateway.operators.model import Right
from gateway.payments.followup import LADDER_S
from gateway.payments.model import Payment, PaymentState
from gateway.reconciliation.board import Board, Span
from gateway.reconciliation.piles import Choice, Pile
from gateway.sdk import StoredFile

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Acting = Annotated[Visit, Depends(visit(Right.OPERATE))]
Unsealing = Annotated[Visit, Depends(visit(Right.UNSEAL))]
Reason = Annotated[str, Form(max_length=1000)]
HOME = "/console/payments"
ATTEMPTS = (Pile.ATTEMPTS, Pile.PAID)
FINDINGS = (Pile.FINDINGS, Pile.DAY_FINDINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A moment at which the rail is asked by itself."""

    at: datetime
    is_past: bool


@router.get(HOME, name="payments")
async def payments(visitor: Viewer, span: Span = Span.TODAY) -> Response:
    """Each figure opens the list that it counts."""
    money, today = visitor.desk.money, local_day(visitor.desk.services.clock())
    board = await money.board.drawn(visitor.tenant, span, today=today)
    first, last = board.days
    return show(
        visitor,
        "board",
        board=board,
        target=money.tax.target,
        chart=_chart(board),
        attempts=Choice(pile=Pile.ATTEMPTS, first=first, last=last),
        bills=Choice(pile=Pile.BILLS, first=first, last=last),
    )


@router.get(f"{HOME}/bills", name="payment_bills")
async def bills(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    return show(visitor, "list", listing=await listed(visitor, asked, [Pile.BILLS]), others=())


@router.get(f"{HOME}/bills/{{bill_id}}", name="payment_bill")
async def bill(visitor: Viewer, bill_id: str) -> Response:
    """What is due, without who pays."""
    visitor.about(bill_id)
    held, context = visitor.desk.services.bills, visitor.context
    found = await held.get(bill_id, context=context)
    attempts = await held.payments(bill_id, context=context)
    return show(visitor, "bill", bill=found, attempts=attempts[-100:])


@router.get(f"{HOME}/attempts", name="payment_attempts")
async def attempts(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    return show(visitor, "list", listing=await listed(visitor, asked, ATTEMPTS), others=ATTEMPTS)


@router.get(f"{HOME}/attempts/{{payment_id}}", name="payment_attempt")
async def attempt(visitor: Viewer, payment_id: str) -> Response:
    visitor.about(payment_id)
    desk, context = visitor.desk, visitor.context
    found = await desk.services.payments.get(payment_id, context=context)
    now = desk.services.clock()
    views = await desk.outbox.views(visitor.tenant, payment_id, now=now)
    asking = next((view for view in views if view.stream.target == found.system), None)
    refundable, refunds = await desk.services.refunds.of_payment(payment_id, context=context)
    return show(
        visitor,
        "attempt",
        payment=found,
        entries=await desk.money.piles.entries(visitor.tenant, payment_id),
        asking=asking,
        is_asked=is_asked(found, asking),
        rungs=rungs(found, now=now),
        refundable=refundable,
        refunds=refunds,
        receipts=await desk.services.receipts.of_payment(payment_id, context=context),
        vouchers=await desk.services.vouchers.of_payment(payment_id, context=context),
    )


@router.post(f"{HOME}/attempts/{{payment_id}}/ask", name="ask_payment")
async def ask(visitor: Acting, payment_id: str) -> Response:
    """Instead of at the next rung; the answer comes by the outbox."""
    visitor.about(payment_id)
    await visitor.desk.services.payments.hurry(payment_id, context=visitor.context)
    told = {"vi": "Đã yêu cầu hỏi kênh ngay.", "en": "The rail will be asked now."}
    return visitor.back(f"{HOME}/attempts/{payment_id}", **told)


@router.post(f"{HOME}/attempts/{{payment_id}}/vouchers/{{sha256}}", name="read_voucher")
async def voucher(visitor: Unsealing, payment_id: str, sha256: str, *, reason: Reason) -> Response:
    """The rail's receipt names the payer."""
    visitor.about(payment_id)
    reading, context = visitor.desk.money.reading, visitor.context
    return handed(await reading.voucher(payment_id, sha256, reason=reason, context=context))


@router.get(f"{HOME}/findings", name="payment_findings")
async def findings(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    return show(visitor, "list", listing=await listed(visitor, asked, FINDINGS), others=())


def handed(file: StoredFile) -> Response:
    """A file to keep, never to be shown inside our pages."""
    headers = {"content-disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


def rungs(payment: Payment, *, now: datetime) -> Sequence[Rung]:
    """The ladder of questions of one attempt (payment contract, section 8)."""
    moments = (payment.created_at + timedelta(seconds=rung) for rung in LADDER_S)
    return [Rung(at=at, is_past=at <= now) for at in moments]


def is_asked(payment: Payment, asking: StreamView | None) -> bool:
    """Whether a question still waits for its moment, so that it can be put now."""
    return payment.state is not PaymentState.PAID and asking is not None and asking.state is StreamState.WAITING


def _chart(board: Board) -> Chart | None:
    """Nothing to draw of one day."""
    if board.span is Span.TODAY:
        return None
    line = Series(vi="Đã nộp, đồng", en="Paid, đồng", values=[figure.amount for figure in board.paid.values()])
    return Chart(
        id="paid",
        vi="Tiền nộp trực tuyến mỗi ngày, đồng",
        en="Paid online each day, đồng",
        times=[_begin(day) for day in board.paid],
        series=[line],
    )


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)
