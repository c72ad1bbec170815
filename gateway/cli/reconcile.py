"""`lienthong reconcile`: close a day of money to zero."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.bootstrap.money_acts import MoneyActs
from gateway.cli.output import console, progress
from gateway.cli.session import acting, with_gateway
from gateway.domain import Context
from gateway.reconciliation.acts import DayActs
from gateway.reconciliation.model import DayReport
from gateway.reconciliation.printed import page
from gateway.reconciliation.report import document
from gateway.reconciliation.settlement import as_csv, quarter, settlement
from gateway.reconciliation.words import KINDS, money, rail_name
from gateway.sdk import GatewayError
from gateway.settings import load_settings

NOT_CLEAN = 1
STOPPED = "{rail}: chưa đối soát được, vì lý do dưới đây; hết lỗi thì chạy lại. Not compared; run it again later."


def reconcile(
    day: Annotated[str, typer.Argument(metavar="DATE", help="2026-11-23; or 2026Q4. Ngày, hoặc quý để quyết toán.")],
    *,
    rail: Annotated[str, typer.Option(help="One rail only, or `bank`. Chỉ một kênh.")] = "",
    close: Annotated[str, typer.Option(metavar="NAME", help="Close the day; the officer's name. Người khoá sổ.")] = "",
    as_json: Annotated[Path | None, typer.Option("--json", help="Report for programs. Báo cáo JSON.")] = None,
    printed: Annotated[Path | None, typer.Option("--print", help="Report for paper (HTML). Bản in.")] = None,
) -> None:
    """Compare our books, each rail's word and the bank's statement; of a quarter, write its settlement as CSV.

    Exit code 0: clean; 1: something waits for somebody; 2: it could not be done. Đối soát ba bên, khoá sổ, quyết toán.
    """
    if "Q" in day:
        typer.echo(with_gateway(lambda gateway: _settled(gateway, day)), nl=False)
        return
    on = _day(day)

    async def act(gateway: Gateway) -> Sequence[DayReport]:
        acts, context = MoneyActs.on(gateway.ground, gateway.stores, gateway.able).days, acting(gateway)
        reports = await _compare(acts, on, rail, context=context)
        if close:
            reports = [await acts.close(on, report.day.rail, by=close, context=context) for report in reports]
        return reports

    reports = with_gateway(act)
    _write(on, reports, as_json=as_json, printed=printed)
    for report in reports:
        _show(report)
    if not all(report.clean for report in reports):
        raise typer.Exit(NOT_CLEAN)


async def _compare(acts: DayActs, day: date, rail: str, *, context: Context) -> Sequence[DayReport]:
    names = await acts.begin(day, rail, context=context)
    reports = []
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=progress) as bar:
        task = bar.add_task("", total=len(names))

        def seen(name: str, count: int) -> None:
            bar.update(task, description=f"{rail_name(name)}: {money(count)} dòng sổ")

        for name in names:
            seen(name, 0)
            try:
                reports.append(await acts.compare(day, name, context=context, seen=seen))
            except GatewayError:
                bar.console.print(STOPPED.format(rail=rail_name(name)))
                raise
            bar.advance(task)
    return reports


async def _settled(gateway: Gateway, text: str) -> str:
    books, bills, rails = gateway.stores.books, gateway.stores.bills, gateway.able.money_days.rails
    rows = await settlement(books, bills, tenant=gateway.tenant, rails=rails, days=quarter(text))
    return as_csv(rows)


def _write(day: date, reports: Sequence[DayReport], *, as_json: Path | None, printed: Path | None) -> None:
    tenant, now = load_settings().tenant, utc_now()
    if as_json:
        told = document(day, reports, tenant=tenant, at=now)
        as_json.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if printed:
        printed.write_text(page(day, reports, tenant=tenant, at=now), encoding="utf-8")


def _show(report: DayReport) -> None:
    day = report.day
    closed = " · đã khoá sổ / closed" if day.closed_at else ""
    console.print(
        f"{day.day} · {rail_name(day.rail)} · {'khớp / clean' if report.clean else 'còn việc / open'}{closed}"
    )
    table = Table("loại / kind", "giao dịch / key", "hồ sơ / case", "hạn / due")
    for finding in report.findings:
        case = report.cases.get(finding.case_id) if finding.case_id is not None else None
        due = case.due_at.isoformat(sep=" ", timespec="minutes") if case else ""
        table.add_row(KINDS[finding.kind], finding.key, str(case.id) if case else "", due)
    if report.findings:
        console.print(table)
    for total in day.totals:
        if total.group in {"rail", "refunds"}:
            console.print(f"{total.group} {total.side}: {total.count} · {money(total.amount)} đ")


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as exc:
        raise typer.BadParameter("A day is written 2026-11-23. Ngày phải ghi như 2026-11-23.") from exc
