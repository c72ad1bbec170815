"""`lienthong scores`: the figures that the province is scored by, closing a period, and files for other systems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.cli.output import console
from gateway.cli.session import actor, with_gateway
from gateway.domain import VIETNAM
from gateway.observability import continue_trace
from gateway.scores.export import as_csv, as_json, document
from gateway.scores.model import Period
from gateway.scores.scoring import Card
from gateway.scores.store import Closing

app = typer.Typer(help="Scores of QĐ 766 and others. Điểm số theo QĐ 766 và các chỉ số khác.", no_args_is_help=True)
PeriodText = Annotated[str, typer.Option("--period", help="2026-10, 2026-Q4 or 2026; none: this month. Kỳ.")]
AgencyCode = Annotated[str, typer.Option("--agency", help="Agency or place; none: the province. Cơ quan, địa bàn.")]


@app.command()
def report(*, period: PeriodText = "", agency: AgencyCode = "") -> None:
    """Points by group, with what cannot be measured here. Điểm từng nhóm và phần chưa đo được."""

    async def act(gateway: Gateway) -> Card:
        scores = gateway.able.scores
        chosen = Period.parse(period) if period else scores.month()
        return await scores.card(gateway.tenant, chosen, await scores.scope(gateway.tenant, agency))

    card = with_gateway(act)
    table = Table("chỉ số", "điểm", "tối đa", "tử số / mẫu số", "loại ra")
    for group in card.groups:
        table.add_row(group.group.vi, f"{group.points}", f"{group.measured} / {group.group.points}", "", "")
        for one in group.scored:
            points = (
                "chưa đo được" if one.figure is None else "không phát sinh" if one.points is None else str(one.points)
            )
            told = f"{one.figure.numerator}/{one.figure.denominator}" if one.figure else ""
            excluded = str(one.figure.excluded) if one.figure else ""
            table.add_row(f"  {one.indicator.vi}", points, str(one.indicator.points), told, excluded)
    console.print(table)
    band = f"; {card.band.vi}" if card.band else "; chưa xếp loại được / no class yet"
    typer.echo(
        f"{card.points} của {card.measured} điểm đo được ở đây; trên 100: từ {card.points} tới {card.at_most}{band}"
    )
    closed = f"đã đóng {card.closed_at.isoformat(timespec='seconds')}" if card.closed_at else "chưa đóng kỳ"
    typer.echo(
        f"{card.period.name}, {closed}; tính tới {card.cut_off.isoformat(timespec='seconds')}; {card.pack.title}"
    )


@app.command()
def export(
    *,
    period: PeriodText = "",
    agency: AgencyCode = "",
    csv: Annotated[bool, typer.Option("--csv", help="Lines instead of one document. Dạng CSV.")] = False,
    to: Annotated[Path | None, typer.Option(help="A file; none: the terminal. Tệp ghi ra.")] = None,
) -> None:
    """The figures for other systems, JSON or CSV. Xuất số liệu cho hệ thống khác."""

    async def act(gateway: Gateway) -> dict[str, Any]:
        scores = gateway.able.scores
        chosen = Period.parse(period) if period else scores.month()
        scope = await scores.scope(gateway.tenant, agency)
        card = await scores.card(gateway.tenant, chosen, scope)
        nine, of_224, of_1565 = await scores.indicators(gateway.tenant, card, scope)
        return document(card, nine, [*of_224, *of_1565])

    told = with_gateway(act)
    text = as_csv(told) if csv else as_json(told)
    if to is None:
        typer.echo(text, nl=False)
        return
    to.write_text(text, encoding="utf-8", newline="")
    typer.echo(f"Wrote {to}. Đã ghi.")


@app.command()
def close(
    period: Annotated[str, typer.Argument(help="2026-10, 2026-Q3 or 2025. Kỳ đã kết thúc.")],
) -> None:
    """Freeze a period's figures for good. Đóng kỳ: số liệu giữ nguyên từ đây."""

    async def act(gateway: Gateway) -> Closing:
        context = continue_trace("").context(tenant=gateway.tenant, actor=actor())
        return await gateway.able.scores.close(Period.parse(period), context=context)

    done = with_gateway(act)
    typer.echo(f"Closed {done.period}. Đã đóng kỳ {done.period}.")


@app.command("list")
def list_closings() -> None:
    """Periods that were closed. Các kỳ đã đóng."""

    async def act(gateway: Gateway) -> Sequence[Closing]:
        return await gateway.able.scores.closings(gateway.tenant)

    found = with_gateway(act)
    table = Table("period", "closed at", "closed by")
    for one in found:
        table.add_row(one.period, one.closed_at.astimezone(VIETNAM).isoformat(timespec="seconds"), one.closed_by)
    console.print(table if found else "No period was closed. Chưa đóng kỳ nào.")
