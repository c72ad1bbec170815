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
from gateway.cli.session import actor, record_act, with_gateway
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
        async with gateway.ground.database.transaction():
            made = await gateway.services.access_requests.receive(
                wanted, received_at=came, by=actor(), tenant=gateway.tenant
            )
            facts: dict[str, str | int] = {"agency": wanted.agency_id, "items": len(wanted.items)}
            await record_act(gateway, "receive_access_request", reference=f"access_request:{made.id}", facts=facts)
        return made

    _show([with_gateway(act)])


@app.command("list")
def list_requests(
    *, everything: Annotated[bool, typer.Option("--all", help="Decided ones, too. Cả đề nghị đã trả lời.")] = False
) -> None:
    """Requests that wait, by the time at which they are due. Các đề nghị, theo hạn."""

    async def act(gateway: Gateway) -> Sequence[AccessRequest]:
        check_right(Right.ADMINISTER)
        return await gateway.services.access_requests.listed(gateway.tenant, everything=everything)

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
        async with gateway.ground.database.transaction():
            done = await gateway.services.access_requests.decide(gateway.tenant, number, decision)
            facts: dict[str, str | int] = {"state": state.value, "agreement": agreement or 0}
            wrote = {"reason": reason.encode()}
            await record_act(
                gateway, "decide_access_request", reference=f"access_request:{number}", facts=facts, bodies=wrote
            )
        return done

    _show([with_gateway(act)])


def _show(found: Sequence[AccessRequest]) -> None:
    table = Table("id", "cơ quan", "ứng dụng", "dịch vụ", "số trường", "hạn trả lời", "trạng thái")
    for one in found:
        due = one.due_at.astimezone(VIETNAM).isoformat(sep=" ", timespec="minutes")
        wanted = one.wanted
        row = (wanted.agency_id, wanted.application, wanted.service, str(len(wanted.items)), due, STATES[one.state])
        table.add_row(str(one.id), *row)
    console.print(table if found else "No request waits. Không có đề nghị nào đang chờ.")
