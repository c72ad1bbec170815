"""`lienthong cases`: what a person must clear up about money, by when, and the word of whoever did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.bootstrap.money_acts import MoneyActs
from gateway.cases.deciding import Decision
from gateway.cases.model import Case
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway
from gateway.domain import VIETNAM
from gateway.reconciliation.words import FACTS, KINDS, MONEY, OWNERS, money

app = typer.Typer(help="Discrepancies of money that a person clears up. Hồ sơ sai lệch về tiền.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(min=1, help="Number from `list`. Số của hồ sơ.")]


@app.command("list")
def list_cases(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Resolved ones, too. Cả hồ sơ đã xử lý.")] = False,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Of one day of the books. Của một ngày.")
    ] = None,
    rail: Annotated[str, typer.Option(help="Of one rail, or of `bank`. Của một kênh.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many. Số lượng tối đa.")] = 50,
) -> None:
    """Cases that wait, by the time at which they are due. Các hồ sơ đang chờ, theo hạn."""

    async def act(gateway: Gateway) -> Sequence[Case]:
        on = day.date() if day else None
        return await gateway.able.cases.listed(gateway.tenant, everything=everything, limit=limit, day=on, rail=rail)

    found = with_gateway(act)
    table = Table("id", "hạn / due", "loại / kind", "kênh / rail", "về / about", "ngày / day", "bên xử lý", "đã xử lý")
    for case in found:
        opening = case.opening
        on = opening.day.isoformat() if opening.day else ""
        kind = f"{opening.kind.value} · {KINDS[opening.kind]}"
        told = (kind, opening.rail, opening.about, on, OWNERS[opening.owner], _time(case.resolved_at))
        table.add_row(str(case.id), _time(case.due_at), *told)
    console.print(table if found else "No case waits. Không có hồ sơ nào đang chờ.")


@app.command()
def show(case_id: Number) -> None:
    """Everything that is known of one. Xem một hồ sơ."""

    async def act(gateway: Gateway) -> Case:
        return await gateway.able.cases.find(gateway.tenant, case_id)

    case = with_gateway(act)
    opening = case.opening
    console.print(f"{case.id}  {opening.kind.value} · {KINDS[opening.kind]}  {opening.rail}  {opening.about}")
    console.print(
        f"opened {_time(case.opened_at)} by {opening.finder}; due {_time(case.due_at)}; {OWNERS[opening.owner]}"
    )
    for name, value in sorted(opening.facts.items()):
        told = money(value) if name in MONEY and isinstance(value, int) else value
        console.print(f"{name} ({FACTS.get(name, name)}): {told}")
    if case.resolved_at:
        console.print(f"resolved {_time(case.resolved_at)} by {case.resolved_by}: {case.resolution}")
    if case.evidence:
        console.print(f"evidence sha256 {case.evidence}")


@app.command()
def resolve(
    case_id: Number,
    *,
    by: Annotated[str, typer.Option(help="Who cleared it up. Người xử lý.")],
    resolution: Annotated[str, typer.Option("--words", help="What was found out and done. Kết quả xử lý.")],
    evidence: Annotated[str, typer.Option(help="SHA-256 of what proves it. Mã băm của chứng cứ.")] = "",
) -> None:
    """Say that it was cleared up, by whom and how. Ghi kết quả xử lý."""

    async def act(gateway: Gateway) -> None:
        acts = MoneyActs.on(gateway.ground, gateway.stores, gateway.able)
        decision = Decision(by=by, resolution=resolution, evidence=evidence)
        await acts.cases.resolve(case_id, decision, context=acting(gateway))

    with_gateway(act)
    typer.echo("Resolved. Đã ghi kết quả xử lý.")


def _time(at: datetime | None) -> str:
    return at.astimezone(VIETNAM).isoformat(sep=" ", timespec="minutes") if at else ""
