"""`lienthong receipts`: electronic receipts, their number ranges, and the last ones on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.bootstrap.money_acts import MoneyActs
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway
from gateway.domain import VIETNAM
from gateway.receipts.acts import MOST_AT_ONCE, Numbers, ReceiptActs
from gateway.receipts.model import NumberRange, PaperReceipt, Receipt, ReceiptKind, ReceiptState
from gateway.reconciliation.words import money
from gateway.sdk.errors import NotFoundError

app = typer.Typer(help="Electronic receipts. Biên lai điện tử.", no_args_is_help=True)
ranges = typer.Typer(help="Number ranges of the collecting units. Dải số của tổ chức thu.", no_args_is_help=True)
app.add_typer(ranges, name="ranges")

ReceiptId = Annotated[str, typer.Argument(help="Id of the receipt. Mã biên lai trong Cổng.")]
First = Annotated[int, typer.Option(min=1, help="First number. Số đầu.")]
Last = Annotated[int, typer.Option(min=1, help="Last number. Số cuối.")]
Year = Annotated[int | None, typer.Option(min=2026, max=2099, help="Year; now this one. Năm của ký hiệu.")]


@ranges.command("add")
def add_range(
    unit: Annotated[str, typer.Argument(help="Agency id of the unit in [receipts]. Mã định danh tổ chức thu.")],
    *,
    first: First,
    last: Last,
    year: Year = None,
) -> None:
    """Register numbers for a unit. They are given in ascending order, each once. Đăng ký dải số biên lai."""

    async def act(gateway: Gateway) -> NumberRange:
        numbers = Numbers(unit=unit, first=first, last=last, year=year)
        return await _acts(gateway).add_range(numbers, context=acting(gateway))

    fresh = with_gateway(act)
    typer.echo(f"{fresh.unit}: {fresh.symbol} {fresh.first}-{fresh.last}. Đã đăng ký dải số.")


@ranges.command("list")
def list_ranges() -> None:
    """All of them, and how many numbers are left. Các dải số và số còn lại."""

    async def act(gateway: Gateway) -> Sequence[NumberRange]:
        return await gateway.stores.receipts.ranges(gateway.tenant)

    found = with_gateway(act)
    table = Table("unit", "issuer", "form", "symbol", "first", "last", "used to", "left")
    for one in found:
        numbers = (one.first, one.last, one.used_to if one.used_to >= one.first else "", one.left)
        table.add_row(one.unit, one.issuer, one.form, one.symbol, *map(str, numbers))
    console.print(table if found else "No range is registered. Chưa đăng ký dải số nào.")


@app.command("list")
def list_receipts(
    *,
    state: Annotated[ReceiptState | None, typer.Option(help="Of one state only. Chỉ một trạng thái.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many, newest first. Số dòng.")] = 50,
) -> None:
    """Receipts, newest first. Danh sách biên lai."""

    async def act(gateway: Gateway) -> Sequence[Receipt]:
        return await gateway.stores.receipts.listed(gateway.tenant, state=state, limit=limit)

    found = with_gateway(act)
    table = Table("receipt", "dossier", "unit", "kind", "symbol", "number", "amount", "state", "issued")
    for receipt in found:
        number = "" if receipt.number is None else str(receipt.number)
        series = (receipt.kind, receipt.symbol, number, money(receipt.amount), receipt.state, _time(receipt.issued_at))
        table.add_row(receipt.receipt_id, receipt.dossier_code, receipt.unit, *series)
    console.print(table if found else "There are none. Không có biên lai nào.")


@app.command()
def show(receipt_id: ReceiptId) -> None:
    """One of them, without who paid. Một biên lai, không có thông tin người nộp."""

    async def act(gateway: Gateway) -> tuple[Receipt | None, str]:
        store = gateway.stores.receipts
        return await store.find(gateway.tenant, receipt_id), await store.trouble(gateway.tenant, receipt_id)

    receipt, trouble = with_gateway(act)
    if receipt is None:
        raise NotFoundError("There is no such receipt.", vi="Không có biên lai này.")
    lines = {
        "receipt": receipt.receipt_id,
        "state": f"{receipt.state.value} ({receipt.state.label_vi}) {trouble}".strip(),
        "kind": f"{receipt.kind.value} ({receipt.kind.label_vi})",
        "payment": receipt.payment_id,
        "dossier": receipt.dossier_code,
        "unit": receipt.unit,
        "amount": f"{money(receipt.amount)} {receipt.currency}",
        "collected": _time(receipt.paid_at),
        "form": receipt.form,
        "symbol": receipt.symbol,
        "number": "" if receipt.number is None else str(receipt.number),
        "issuer": receipt.issuer,
        "issued": _time(receipt.issued_at),
        "code": receipt.lookup_code,
        "sha256": receipt.sha256,
        "supersedes": receipt.supersedes,
        "refund": receipt.refund_id,
    }
    for name, said in lines.items():
        console.print(f"{name:<10} {said}", highlight=False)


@app.command()
def issue() -> None:
    """Issue now what is due, also what waits for its next try. Lập ngay các biên lai đang chờ."""

    async def act(gateway: Gateway) -> tuple[int, int]:
        issued = await _acts(gateway).issue(context=acting(gateway))
        due = await gateway.stores.receipts.listed(gateway.tenant, state=ReceiptState.DUE, limit=MOST_AT_ONCE)
        return issued, len(due)

    issued, waiting = with_gateway(act)
    typer.echo(f"Issued {issued}, waiting {waiting}. Đã lập {issued}, còn chờ {waiting}.")


@app.command()
def paper(
    dossier: Annotated[str, typer.Argument(help="Dossier code. Mã hồ sơ.")],
    *,
    kind: Annotated[ReceiptKind, typer.Option(help="fee: phí; charge: lệ phí.")],
    number: Annotated[str, typer.Option(help="Symbol and number, AA-22P:7. Ký hiệu và số trên biên lai giấy.")],
    amount: Annotated[int, typer.Option(min=1, help="Whole đồng. Số tiền, đồng.")],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Its date. Ngày trên biên lai.")],
) -> None:
    """Record a receipt written on paper at a counter; from 1/1/2027 there are none. Ghi nhận biên lai giấy."""

    symbol, _, digits = number.rpartition(":")
    if not symbol or not digits.isdecimal():
        raise typer.BadParameter("--number is symbol:number, such as AA-22P:7. Ghi ký hiệu:số.")

    async def act(gateway: Gateway) -> None:
        said = PaperReceipt(
            tenant=gateway.tenant,
            dossier_code=dossier,
            kind=kind,
            symbol=symbol,
            number=int(digits),
            amount=amount,
            day=day.date(),
            recorded_at=utc_now(),
        )
        await _acts(gateway).record_paper(said, context=acting(gateway))

    with_gateway(act)
    typer.echo(f"{number}: recorded. Đã ghi nhận.")


def _time(at: datetime | None) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="seconds") if at else ""


def _acts(gateway: Gateway) -> ReceiptActs:
    return MoneyActs.on(gateway.ground, gateway.stores, gateway.able).receipts
