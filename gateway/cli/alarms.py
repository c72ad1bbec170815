"""`lienthong alarms`: what a person must look at, and the word of whoever did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from gateway.alarms.model import Alarm
from gateway.bootstrap import Gateway
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway
from gateway.restraint.settling import Word

app = typer.Typer(help="What a person must look at. Cảnh báo cần người xem xét.", no_args_is_help=True)
By = Annotated[str, typer.Option(help="Who looked at it. Người xem xét.")]
Reason = Annotated[str, typer.Option(help="What was found out. Kết luận.")]
Number = Annotated[int, typer.Argument(min=1, help="Number from `list`. Số của cảnh báo.")]


@app.command("list")
def list_alarms(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Settled ones, too. Cả cảnh báo đã xử lý.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many. Số lượng tối đa.")] = 50,
) -> None:
    """Alarms that wait for a person, newest first. Các cảnh báo đang chờ."""

    async def act(gateway: Gateway) -> Sequence[Alarm]:
        return await gateway.able.alarms.listed(gateway.tenant, everything=everything, limit=limit)

    found = with_gateway(act)
    table = Table("id", "kind", "about", "count", "raised", "last", "settled")
    for alarm in found:
        times = [at.isoformat(timespec="seconds") if at else "" for at in (alarm.raised_at, alarm.last_at)]
        settled = alarm.settled_at.isoformat(timespec="seconds") if alarm.settled_at else ""
        table.add_row(str(alarm.id), alarm.occasion.kind, alarm.occasion.about, str(alarm.count), *times, settled)
    console.print(table if found else "No alarm waits. Không có cảnh báo nào.")


@app.command()
def show(alarm_id: Number) -> None:
    """Everything that is known of one. Xem một cảnh báo."""

    async def act(gateway: Gateway) -> Alarm:
        return await gateway.able.alarms.find(gateway.tenant, alarm_id)

    alarm = with_gateway(act)
    typer.echo(f"{alarm.id}  {alarm.occasion.kind}  {alarm.occasion.about}  x{alarm.count}")
    typer.echo(f"raised {alarm.raised_at.isoformat()}, last {alarm.last_at.isoformat()}")
    for name, value in sorted(alarm.occasion.facts.items()):
        typer.echo(f"{name}: {value}")
    if alarm.settled_at:
        typer.echo(f"settled {alarm.settled_at.isoformat()} by {alarm.settled_by}: {alarm.reason}")


@app.command()
def settle(
    alarm_id: Number,
    *,
    by: By,
    reason: Reason,
    lift: Annotated[
        bool, typer.Option("--lift", help="Let whoever it blocked look up again. Bỏ chặn cán bộ, hệ thống, hồ sơ.")
    ] = False,
) -> None:
    """Say that somebody has looked at it, and why it is done with. Xử lý xong một cảnh báo."""
    _check(by, reason)

    async def act(gateway: Gateway) -> Sequence[str]:
        word = Word(by=by, reason=reason)
        return await gateway.able.settling.settle(alarm_id, word, context=acting(gateway), lift=lift)

    lifted = with_gateway(act)
    typer.echo(f"Settled. Đã xử lý. {_told(lifted)}".rstrip())


@app.command("lift")
def lift_block(alarm_id: Number, *, by: By, reason: Reason) -> None:
    """Let whoever an alarm blocked look up again, whether it is settled or not. Bỏ chặn."""
    _check(by, reason)

    async def act(gateway: Gateway) -> Sequence[str]:
        return await gateway.able.settling.lift(alarm_id, Word(by=by, reason=reason), context=acting(gateway))

    typer.echo(_told(with_gateway(act)) or "Nobody is blocked by it. Không ai đang bị chặn vì cảnh báo này.")


def _check(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise typer.BadParameter("--by and --reason must not be empty. Phải ghi người xem xét và kết luận.")


def _told(lifted: Sequence[str]) -> str:
    return f"Lifted · Đã bỏ chặn: {', '.join(lifted)}" if lifted else ""
