"""`lienthong transactions`: find a transaction, and whose fault it was."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.cli.output import console
from gateway.cli.session import with_gateway
from gateway.domain import VIETNAM
from gateway.transactions import words
from gateway.transactions.course import Course
from gateway.transactions.model import Fault, Wanted
from gateway.transactions.service import TRACE, Result, Search

app = typer.Typer(help="Find transactions and whose fault they were. Tìm giao dịch, lỗi của ai.", no_args_is_help=True)


@app.command()
def find(
    code: Annotated[str, typer.Argument(help="Dossier, payment, trace, call, a partner's number. Mã bất kỳ.")] = "",
    *,
    system: Annotated[str, typer.Option(help="Hệ thống.")] = "",
    operation: Annotated[str, typer.Option(help="Nghiệp vụ.")] = "",
    fault: Annotated[str, typer.Option(help="ours, caller, partner_technical, partner_business. Lỗi của ai.")] = "",
    actor: Annotated[str, typer.Option(help="Ai làm.")] = "",
) -> None:
    """The newest first, 50 at most; without a code those of the last 30 days. Giao dịch mới nhất trước."""
    asked = {"system": system, "operation": operation, "fault": fault, "actor": actor}
    wanted = Wanted(equal={name: value for name, value in asked.items() if value})

    async def act(gateway: Gateway) -> Result:
        return await gateway.desk.transactions.search(gateway.tenant, Search(code=code, wanted=wanted))

    result = with_gateway(act)
    table = Table("leaf", "at", "operation", "system", "outcome", "fault", "reference", "trace")
    for row in result.found.rows:
        at = f"{row.recorded_at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
        fault_name = "" if row.fault is Fault.NONE else row.fault.value
        table.add_row(
            str(row.index), at, row.operation, row.system, row.outcome, fault_name, row.reference, row.trace_id
        )
    console.print(table if result.found.rows else "Nothing was found. Không tìm thấy giao dịch nào.")
    if result.found.onward:
        console.print("There is more; narrow the search. Còn nữa; hãy thu hẹp điều kiện tìm.")
    if result.behind:
        console.print(f"{result.behind} leaves are not read in yet. Nhật ký còn {result.behind} dòng chưa đọc.")


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="A trace, or a dossier, payment or other reference. Mã.")],
) -> None:
    """The course of one transaction, or of everything about a reference. Diễn biến và lỗi của ai."""

    async def act(gateway: Gateway) -> Course:
        courses = gateway.desk.courses
        read = courses.of_trace if TRACE.fullmatch(code) else courses.about
        return await read(gateway.tenant, code)

    course = with_gateway(act)
    typer.echo(f"{course.verdict.what.vi} {course.verdict.next.vi}")
    typer.echo(f"{course.verdict.what.en} {course.verdict.next.en}")
    table = Table("leaf", "at", "operation", "system", "outcome", "what")
    for step in course.steps:
        at = f"{(step.began_at or step.row.recorded_at).astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
        row = step.row
        table.add_row(str(row.index), at, row.operation, row.system, row.outcome, step.judgement.what.vi)
    console.print(table)
    for wait in course.next:
        at = wait.at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S") if wait.at else "–"
        label = words.WAITING[wait.kind]
        typer.echo(f"{label.vi} / {label.en} {wait.to} ({wait.reference}): {wait.state.value}, {at} {wait.trouble}")
