"""Electronic receipts, their number ranges, the last ones on paper, and whether the tax authority has them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.given import KnownDay
from gateway.console.money_lists import ROWS, Asked, listed, show
from gateway.console.pages.payments import handed
from gateway.console.visit import Visit, visit
from gateway.delivery.model import StreamState
from gateway.domain import local_day
from gateway.operators.model import Right
from gateway.receipts.acts import Numbers
from gateway.receipts.model import PaperReceipt, Receipt, ReceiptKind
from gateway.reconciliation.piles import Choice, Pile

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Acting = Annotated[Visit, Depends(visit(Right.OPERATE))]
Unsealing = Annotated[Visit, Depends(visit(Right.UNSEAL))]
HOME = "/console/payments/receipts"
PILES = (Pile.RECEIPTS, Pile.RECEIPTS_DUE, Pile.RECEIPTS_WAITING, Pile.RECEIPTS_UNTOLD, Pile.PAPERS)
AT_ONCE = 500
"""Receipts issued by one click: each is signed, and somebody waits."""
MANY = 1_000_000_000


class RangeForm(BaseModel):
    """Numbers of a unit in a year."""

    unit: str = Field(min_length=1, max_length=60)
    first: int = Field(ge=1, le=MANY)
    last: int = Field(ge=1, le=MANY)
    year: int = Field(ge=2026, le=2099)


class PaperForm(BaseModel):
    """A receipt that was written at a counter."""

    dossier: str = Field(min_length=1, max_length=60)
    kind: ReceiptKind
    symbol: str = Field(min_length=1, max_length=30)
    number: int = Field(ge=1, le=MANY)
    amount: int = Field(ge=1, le=10**15)
    day: KnownDay


@router.get(HOME, name="payment_receipts")
async def receipts(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    listing = await listed(visitor, asked, PILES)
    return show(visitor, "receipts", listing=listing, others=PILES, target=visitor.desk.money.tax.target)


@router.post(f"{HOME}/issue", name="issue_payment_receipts")
async def issue(visitor: Acting) -> Response:
    """Issue now what waits, also what waits for its next try."""
    money = visitor.desk.money
    issued = await money.receipt_acts.issue(context=visitor.context, most=AT_ONCE)
    left = (await money.piles.count(visitor.tenant, Choice(pile=Pile.RECEIPTS_DUE))).count
    told = {"vi": f"Đã lập {issued}, còn chờ {left}.", "en": f"Issued {issued}, waiting {left}."}
    return visitor.back(f"{HOME}?pile={Pile.RECEIPTS_DUE.value}", **told)


@router.get(f"{HOME}/ranges", name="receipt_ranges")
async def ranges(visitor: Viewer, start: Annotated[int, Query(ge=0, le=MANY)] = 0) -> Response:
    """By unit and symbol, from the `start`-th on."""
    money = visitor.desk.money
    found = await money.receipts.ranges(visitor.tenant)
    year = local_day(visitor.desk.services.clock()).year
    shown, after = found[start : start + ROWS], start + ROWS
    onward = f"{HOME}/ranges?start={after}" if len(found) > after else ""
    return show(visitor, "ranges", ranges=shown, low=money.low, year=year, onward=onward)


@router.post(f"{HOME}/ranges", name="add_receipt_range")
async def add_range(visitor: Acting, form: Annotated[RangeForm, Form()]) -> Response:
    visitor.about(f"unit:{form.unit}")
    numbers = Numbers(unit=form.unit.strip(), first=form.first, last=form.last, year=form.year)
    fresh = await visitor.desk.money.receipt_acts.add_range(numbers, context=visitor.context)
    told = f"{fresh.symbol} {fresh.first}-{fresh.last}"
    return visitor.back(f"{HOME}/ranges", vi=f"Đã đăng ký dải số {told}.", en=f"Registered {told}.")


@router.get(f"{HOME}/paper", name="paper_receipts")
async def paper(visitor: Viewer) -> Response:
    listing = await listed(visitor, Asked(pile=Pile.PAPERS.value), [Pile.PAPERS])
    return show(visitor, "paper", listing=listing)


@router.post(f"{HOME}/paper", name="record_paper_receipt")
async def record_paper(visitor: Acting, form: Annotated[PaperForm, Form()]) -> Response:
    visitor.about(form.dossier)
    said = PaperReceipt(
        tenant=visitor.tenant,
        dossier_code=form.dossier.strip(),
        kind=form.kind,
        symbol=form.symbol.strip(),
        number=form.number,
        amount=form.amount,
        day=form.day,
        recorded_at=visitor.desk.services.clock(),
    )
    await visitor.desk.money.receipt_acts.record_paper(said, context=visitor.context)
    return visitor.back(f"{HOME}/paper", vi="Đã ghi nhận biên lai giấy.", en="The paper receipt is recorded.")


@router.get(f"{HOME}/{{receipt_id}}", name="payment_receipt")
async def receipt(visitor: Viewer, receipt_id: str) -> Response:
    """Without who paid."""
    visitor.about(receipt_id)
    money = visitor.desk.money
    found = await visitor.desk.services.receipts.find(receipt_id, context=visitor.context)
    view = await money.tax.view(receipt_id, tenant=visitor.tenant)
    due, haste = money.board.judged(found.issued_on) if found.issued_on else (None, None)
    return show(
        visitor,
        "receipt",
        receipt=found,
        trouble=await money.receipts.trouble(visitor.tenant, receipt_id),
        target=money.tax.target,
        view=view,
        is_told=await _is_told(visitor, found),
        is_waiting=view is not None and view.state is StreamState.WAITING,
        due=due,
        haste=haste,
        public_url=visitor.desk.services.public_url,
    )


@router.post(f"{HOME}/{{receipt_id}}/tax", name="hurry_receipt")
async def hurry(visitor: Acting, receipt_id: str) -> Response:
    visitor.about(receipt_id)
    await visitor.desk.money.tax.hurry(receipt_id, context=visitor.context)
    told = {"vi": "Sẽ gửi cơ quan thuế ngay.", "en": "It is sent to the tax office now."}
    return visitor.back(f"{HOME}/{receipt_id}", **told)


@router.post(f"{HOME}/{{receipt_id}}/file", name="read_receipt")
async def file(visitor: Unsealing, receipt_id: str, reason: Annotated[str, Form(max_length=1000)]) -> Response:
    """The signed PDF names the payer."""
    visitor.about(receipt_id)
    reading, context = visitor.desk.money.reading, visitor.context
    return handed(await reading.receipt(receipt_id, reason=reason, context=context))


async def _is_told(visitor: Visit, receipt: Receipt) -> bool | None:
    """Whether the tax authority has taken it. None: it is not issued, or nobody is configured to be told."""
    if receipt.issued_on is None or not visitor.desk.money.tax.target:
        return None
    return await visitor.desk.money.piles.is_told(visitor.tenant, receipt.receipt_id)
