"""`lienthong statements`: the bank's or the Treasury's statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.bootstrap.money_acts import MoneyActs
from gateway.cli.output import console, progress
from gateway.cli.session import acting, acting_login, with_gateway
from gateway.reconciliation.model import Statement
from gateway.reconciliation.statements import FIELDS, read_statement
from gateway.sdk import ConfigurationError
from gateway.sdk.errors import UnprocessableError
from gateway.settings import load_settings

SHOWN = 50
app = typer.Typer(help="Statements of the bank or the Treasury. Sao kê ngân hàng, kho bạc.", no_args_is_help=True)


@app.command("import")
def take(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, one transaction a line. Tệp CSV.")],
    *,
    account: Annotated[str, typer.Option(help="Whose statement it is. Tài khoản của sao kê.")],
    column: Annotated[
        list[str] | None, typer.Option(help="`amount=Số tiền`: the file's own name of a column. Tên cột.")
    ] = None,
) -> None:
    """Take a statement in. The same file, or the same line, changes nothing. Nhập sao kê; nhập lại không đổi gì."""
    statement = _read(file, account, column or [])

    async def act(gateway: Gateway) -> int | None:
        acts = MoneyActs.on(gateway.ground, gateway.stores, gateway.able)
        return await acts.statements.take(statement, by=acting_login(), context=acting(gateway))

    added = with_gateway(act)
    if added is None:
        typer.echo("This very file was taken before. Tệp này đã nhập trước đó; không thay đổi gì.")
    else:
        typer.echo(f"{added} new lines of {len(statement.lines)}. Đã nhập {added} dòng mới.")


@app.command()
def covered() -> None:
    """The last day of each account's statements. Ngày cuối có sao kê của từng tài khoản."""

    async def act(gateway: Gateway) -> Mapping[str, date]:
        return await gateway.stores.office.statements.covered(gateway.tenant)

    found = with_gateway(act)
    table = Table("tài khoản / account", "đến ngày / up to")
    for account, last in sorted(found.items()):
        table.add_row(account, last.isoformat())
    console.print(table if found else "There are none. Chưa có sao kê nào.")


def _read(file: Path, account: str, named: list[str]) -> Statement:
    columns = {str(field): name for field, name in load_settings().reconciliation.statement_columns.items()}
    for pair in named:
        field, equals, name = pair.partition("=")
        if field not in FIELDS or not equals or not name:
            raise typer.BadParameter(
                f"--column: one of {', '.join(FIELDS)}, = and a name. Ghi một trong các tên đó, dấu =, tên cột của tệp."
            )
        columns[field] = name
    try:
        return read_statement(file.read_bytes(), account=account, columns=columns)
    except OSError as exc:
        raise ConfigurationError(f"{file.name} cannot be read.", vi=f"Không đọc được tệp {file.name}.") from exc
    except UnprocessableError as exc:
        for told in exc.fields[:SHOWN]:
            line, _, field = told.pointer.strip("/").partition("/")
            progress.print(f"dòng {line}, {field}: {told.detail_vi} {told.detail}")
        if len(exc.fields) > SHOWN:
            progress.print(f"… {len(exc.fields) - SHOWN}")
        raise
