"""`lienthong agreements requests`: who asks to be connected, answered in five working days."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.agreements.model import AccessRequest, AccessState, Decision
from gateway.bootstrap import Gateway, utc_now
from gateway.cli.asking import check_right, moment, read_document
from gateway.cli.output import console
from gateway.cli.session import acting, actor, with_gateway
from gateway.domain import VIETNAM
from gateway.operators.model import Right

app = typer.Typer(help="Requests to be connected. Đề nghị kết nối, khai thác.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(min=1, help="Number from `list`. Số của đề nghị.")]
Reason = Annotated[str, typer.Option(help="Why. Lý do.")]
STATES = {AccessState.RECEIVED: "đang chờ", AccessState.GRANTED: "chấp thuận", AccessState.REFUSED: "từ chối"}


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="JSON as for the API (docs/agreements.md). Tệp JSON.")],
) -> None:
    """Take a request in. Tiếp nhận đề nghị."""
    from gateway.api.schemas.agreements import AccessRequestIn

    said = read_document(file, AccessRequestIn)
    wanted, came = said.wanted(), moment(said.received_at) if said.received_at else None

    async def act(gateway: Gateway) -> AccessRequest:
        check_right(Right.ADMINISTER)
        acts = gateway.able.protecting.agreement_acts
        return await acts.receive(wanted, received_at=came, context=acting(gateway))

    _show([with_gateway(act)])


@app.command("list")
def list_requests(
    *, everything: Annotated[bool, typer.Option("--all", help="Decided ones, too. Cả đề nghị đã trả lời.")] = False
) -> None:
    """Requests that wait, by the time at which they are due. Các đề nghị, theo hạn."""

    async def act(gateway: Gateway) -> Sequence[AccessRequest]:
        check_right(Right.ADMINISTER)
        return await gateway.services.late().access_requests.listed(gateway.tenant, everything=everything)

    _show(with_gateway(act))


@app.command()
def grant(
    number: Number,
    *,
    agreement: Annotated[int, typer.Option(help="Number of the agreement. Số thứ tự thoả thuận.")],
    reason: Reason,
) -> None:
    """Grant it; then make its key with `lienthong clients add`. Chấp thuận; sau đó tạo khoá."""
    _decide(number, AccessState.GRANTED, reason=reason, agreement=agreement)


@app.command()
def refuse(number: Number, *, reason: Reason) -> None:
    """Refuse, with reasons. Từ chối, nêu lý do."""
    _decide(number, AccessState.REFUSED, reason=reason)


def _decide(number: int, state: AccessState, *, reason: str, agreement: int | None = None) -> None:
    async def act(gateway: Gateway) -> AccessRequest:
        check_right(Right.ADMINISTER)
        decision = Decision(state=state, by=actor(), reason=reason, at=utc_now(), agreement=agreement)
        return await gateway.able.protecting.agreement_acts.decide(number, decision, context=acting(gateway))

    _show([with_gateway(act)])


def _show(found: Sequence[AccessRequest]) -> None:
    table = Table("id", "cơ quan", "ứng dụng", "dịch vụ", "số trường", "hạn trả lời", "trạng thái")
    for one in found:
        due = one.due_at.astimezone(VIETNAM).isoformat(sep=" ", timespec="minutes")
        wanted = one.wanted
        row = (wanted.agency_id, wanted.application, wanted.service, str(len(wanted.items)), due, STATES[one.state])
        table.add_row(str(one.id), *row)
    console.print(table if found else "No request waits. Không có đề nghị nào đang chờ.")
