"""`lienthong purposes`: try a file of purposes, and see what a procedure may ask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.bootstrap import utc_now
from gateway.domain import local_day
from gateway.rules.purposes import Allowance, load_purposes, read_purposes
from gateway.sdk.errors import NotFoundError
from gateway.settings import load_settings

app = typer.Typer(help="Which procedure may ask what. Thủ tục được khai thác gì.", no_args_is_help=True)


@app.command()
def check(path: Annotated[Path, typer.Argument(help="A file or a folder. Tệp hoặc thư mục.")]) -> None:
    """Read it as the gateway would; what is wrong is named with its line. Kiểm tra tệp mục đích khai thác."""
    if path.is_dir():
        book = load_purposes(path, made_up=False)
        procedures = len(book.procedures)
    else:
        procedures = len(read_purposes(path))
    typer.echo(f"{procedures} procedures, nothing wrong. {procedures} thủ tục, không có lỗi.")


@app.command()
def show(procedure: Annotated[str, typer.Argument(help="Its code, in any shape. Mã thủ tục.")]) -> None:
    """What a procedure may ask, today and from other days on. Xem thủ tục được khai thác gì."""
    settings = load_settings()
    book = load_purposes(settings.restraint.purposes, made_up=settings.sandbox)
    history = book.history(procedure)
    if not history:
        raise NotFoundError(
            "No rule lets this procedure ask anything.", vi="Chưa có quy định nào cho thủ tục này được khai thác."
        )
    today = book.allowance(procedure, local_day(utc_now()))
    for since, allowance in history:
        mark = "  ← today, hôm nay" if allowance is today and since <= local_day(utc_now()) else ""
        typer.echo(f"{since}{mark}")
        typer.echo(_told(allowance))


def _told(allowance: Allowance | None) -> str:
    if allowance is None:
        return "  nothing · không được khai thác"
    also = [name for name in ("accounts", "registrations", "registration_contacts") if getattr(allowance, name)]
    lines = (
        f"  basis: {allowance.basis} ({allowance.source})",
        f"  citizen: {', '.join(sorted(allowance.citizen)) or '-'}",
        f"  enterprise, beyond what is free to everybody: {', '.join(sorted(allowance.enterprise)) or '-'}",
        f"  also: {', '.join(also) or '-'}",
    )
    return "\n".join(lines)
