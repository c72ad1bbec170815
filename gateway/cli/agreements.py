"""`lienthong agreements`: under which agreement each system is asked, and who asks to be connected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.agreements.acts import AgreementActs
from gateway.agreements.model import Agreement, AgreementState
from gateway.bootstrap import Gateway
from gateway.cli import access_requests
from gateway.cli.asking import check_right, read_document
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway
from gateway.domain import Context
from gateway.operators.model import Right
from gateway.sdk.errors import UnprocessableError

app = typer.Typer(help="Sharing agreements. Thoả thuận chia sẻ dữ liệu.", no_args_is_help=True)
app.add_typer(access_requests.app, name="requests")
Number = Annotated[int, typer.Argument(min=1, help="Number from `list`. Số thứ tự của thoả thuận.")]
Reason = Annotated[str, typer.Option(help="What allows it, or why. Văn bản, lý do.")]
STATES = {
    AgreementState.COMING: "chưa có hiệu lực",
    AgreementState.IN_FORCE: "đang hiệu lực",
    AgreementState.SUSPENDED: "tạm dừng",
    AgreementState.ENDED: "đã hết hạn",
}


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="JSON as for the API (docs/agreements.md). Tệp JSON.")],
) -> None:
    """Register an agreement that was signed. Khai báo thoả thuận đã ký."""
    from gateway.api.schemas.agreements import AgreementIn

    terms = read_document(file, AgreementIn).terms()
    _do(lambda acts, context: acts.register(terms, context=context))


@app.command("list")
def list_agreements() -> None:
    """Agreements; those that end first come first. Các thoả thuận, sắp hết hạn đứng trước."""

    async def act(gateway: Gateway) -> Sequence[tuple[Agreement, AgreementState]]:
        check_right(Right.ADMINISTER)
        return await gateway.services.agreements.listed(gateway.tenant)

    found = with_gateway(act)
    table = Table("id", "số", "hệ thống", "nghiệp vụ", "từ", "đến", "trạng thái")
    for held, state in found:
        terms = held.terms
        until = terms.until.isoformat() if terms.until else "không thời hạn"
        operations = ", ".join(terms.operations) or "tất cả"
        table.add_row(
            str(held.id), terms.number, terms.system, operations, terms.since.isoformat(), until, STATES[state]
        )
    console.print(table if found else "No agreement is registered. Chưa khai báo thoả thuận nào.")


@app.command()
def renew(
    number: Number,
    *,
    reason: Reason,
    until: Annotated[str, typer.Option(help="New last day; none: without end. Ngày hết hạn mới.")] = "",
) -> None:
    """Move its end, later or sooner; messages that waited go by themselves. Gia hạn hoặc chấm dứt."""
    day = _day(until) if until else None
    _do(lambda acts, context: acts.set_end(number, until=day, reason=reason, context=context))


@app.command()
def suspend(number: Number, *, reason: Reason) -> None:
    """Switch it off at once, everywhere. Tạm dừng ngay."""
    _do(lambda acts, context: acts.suspend(number, reason=reason, context=context))


@app.command()
def resume(number: Number) -> None:
    """Let it go on. Cho khai thác trở lại."""
    _do(lambda acts, context: acts.resume(number, context=context))


def _do(act: Callable[[AgreementActs, Context], Awaitable[Agreement]]) -> None:
    async def inside(gateway: Gateway) -> Agreement:
        check_right(Right.ADMINISTER)
        return await act(gateway.able.protecting.agreement_acts, acting(gateway))

    held = with_gateway(inside)
    typer.echo(f"{held.id}: {held.terms.number} ({held.terms.system}).")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise UnprocessableError("A day is written 2026-11-23.", vi="Ngày phải ghi như 2026-11-23.") from exc
