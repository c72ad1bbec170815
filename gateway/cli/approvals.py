"""`lienthong approvals`: what one operator asks for and another one allows. Both have logged in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Column, Table

from gateway.approvals.many import exact
from gateway.approvals.model import Approval
from gateway.bootstrap import Gateway
from gateway.cli.output import console
from gateway.cli.session import operator, with_gateway
from gateway.operators.model import Operator
from gateway.sdk.errors import NotAllowedError

app = typer.Typer(help="Four eyes: ask, allow, refuse. Phê duyệt hai người.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="Id from `list`. Mã đề nghị.")]


@app.command("list")
def list_approvals(
    *, everything: Annotated[bool, typer.Option("--all", help="Decided ones, too. Cả đề nghị đã xong.")] = False
) -> None:
    """What waits for a second person. Các đề nghị đang chờ."""

    async def act(gateway: Gateway) -> Sequence[Approval]:
        approvals = gateway.able.approvals
        return await (approvals.listed(gateway.tenant, limit=200) if everything else approvals.waiting(gateway.tenant))

    found = with_gateway(act)
    whole = [Column(name, overflow="fold") for name in ("act", "parameters", "reason", "asked by", "until", "state")]
    table = Table(Column("id", no_wrap=True), *whole)
    for each in found:
        told = "\n".join(f"{name}={value}" for name, value in sorted(each.parameters.items()))
        until = each.expires_at.isoformat(timespec="minutes")
        table.add_row(each.id, each.act, told, each.reason, each.asked_by, until, each.state.value)
    console.print(table if found else "Nothing waits. Không có đề nghị nào.")


@app.command()
def ask(
    act: Annotated[str, typer.Argument(help="Such as release_many. Loại việc.")],
    *,
    parameter: Annotated[
        list[str] | None, typer.Option("--with", help="name=value, exactly as the command tells. Tham số.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why. Lý do.")],
) -> None:
    """Ask for something that takes four eyes; the command that needs it tells the exact words. Lập đề nghị."""
    parameters = dict(_pair(text) for text in parameter or ())

    async def do(gateway: Gateway) -> Approval:
        return await gateway.able.approvals.ask(act, parameters, reason=reason, by=_somebody())

    asked = with_gateway(do)
    typer.echo(
        f"{asked.id}: chờ người khác phê duyệt: `lienthong approvals allow {asked.id}`. Another operator decides."
    )


@app.command()
def allow(approval_id: Id) -> None:
    """Allow what another operator asked for. Phê duyệt."""
    typer.echo(f"{_decide(approval_id, allow=True)}: allowed. Đã phê duyệt.")


@app.command()
def refuse(approval_id: Id) -> None:
    """Refuse it. Từ chối."""
    typer.echo(f"{_decide(approval_id, allow=False)}: refused. Đã từ chối.")


async def four_eyes(gateway: Gateway, parameters: Mapping[str, str | int], chosen: Sequence[object]) -> None:
    """Spend the approval for releasing exactly `chosen`, where there are many; else nothing. The error says how to get
    one."""
    many = gateway.able.delivering.many
    if not many.needs(len(chosen)):
        return
    wanted = exact(parameters, chosen)
    try:
        await many.use(wanted, by=_somebody())
    except NotAllowedError as exc:
        raise _how(wanted) if exc.error_code == "caller.needs_approval" else exc from exc


def _decide(approval_id: str, *, allow: bool) -> str:
    async def do(gateway: Gateway) -> Approval:
        return await gateway.able.approvals.decide(approval_id, allow=allow, by=_somebody())

    return with_gateway(do).id


def _somebody() -> Operator:
    who = operator()
    if who is None:
        raise NotAllowedError(
            "This takes two operators who are known by name: `lienthong login` first.",
            vi="Việc này cần hai người vận hành có tài khoản; hãy `lienthong login` trước.",
            what="needs_approval",
        )
    return who


def _how(wanted: Mapping[str, str | int]) -> NotAllowedError:
    words = " ".join(f"--with {name}={value}" for name, value in sorted(wanted.items()))
    return NotAllowedError(
        f"So many need a second person. Ask: lienthong approvals ask release_many {words} --reason …; "
        "when another operator has allowed it, do this again.",
        vi=f"Gửi lại nhiều bản tin cần người thứ hai: lienthong approvals ask release_many {words} --reason …; "
        "khi đã được phê duyệt, chạy lại lệnh này.",
        what="needs_approval",
    )


def _pair(text: str) -> tuple[str, str | int]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise typer.BadParameter("--with takes name=value.")
    return name, int(value) if value.isdecimal() and len(value) < 9 else value
