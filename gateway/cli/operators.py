"""`lienthong operators`: who runs the gateway. The first administrator is made here, on the machine itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.cli.entering import hidden
from gateway.cli.output import console
from gateway.cli.session import actor, check_right, operator, with_gateway
from gateway.operators.account import Enrolment
from gateway.operators.accounts import Accounts, Wanted
from gateway.operators.model import Right, Role
from gateway.sdk.errors import UnprocessableError

app = typer.Typer(help="Who runs the gateway. Người vận hành.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="Small letters, digits, dots and dashes. Tên đăng nhập.")]
Roles = Annotated[list[Role], typer.Option("--role", help="What they may do; repeat for several. Vai trò.")]


@app.command()
def add(
    name: Login,
    *,
    role: Roles,
    title: Annotated[str, typer.Option(help="What people call the post. Chức danh.")] = "",
) -> None:
    """Make an account; asks for the password, and shows once what the authenticator app and a drawer with a lock need.
    Thêm người vận hành; mã cho ứng dụng xác thực và mã dự phòng chỉ hiện một lần."""
    password = _new_password()
    wanted = Wanted(login=name, roles=frozenset(role), password=password, title=title)

    async def act(gateway: Gateway) -> Enrolment:
        return await _accounts(gateway).add(gateway.tenant, wanted, by=actor())

    _show(with_gateway(act))


@app.command("list")
def list_operators() -> None:
    """All accounts, their roles and when they were last used. Danh sách."""

    async def act(gateway: Gateway) -> Table:
        table = Table("login", "title", "roles", "since", "last log-in", "disabled")
        for each in await _accounts(gateway).all(gateway.tenant):
            moments = (each.created_at, each.last_login_at, each.disabled_at)
            times = [at.isoformat(timespec="minutes") if at else "" for at in moments]
            table.add_row(each.login, each.title, "\n".join(sorted(each.roles)), *times)
        return table

    console.print(with_gateway(act))


@app.command()
def roles(name: Login, *, role: Roles) -> None:
    """Change what somebody may do; their sessions end. Đổi vai trò."""

    async def act(gateway: Gateway) -> None:
        await _accounts(gateway).set_roles(gateway.tenant, name, frozenset(role), by=actor())

    with_gateway(act)
    typer.echo(f"{name}: {', '.join(sorted(role))}. Đã đổi vai trò.")


@app.command()
def disable(name: Login) -> None:
    """Close an account at once, as on a transfer. Khoá tài khoản ngay."""

    async def act(gateway: Gateway) -> None:
        await _accounts(gateway).disable(gateway.tenant, name, by=actor())

    with_gateway(act)
    typer.echo(f"{name}: disabled. Đã khoá.")


@app.command()
def enable(name: Login) -> None:
    """Open it again. Mở lại tài khoản."""

    async def act(gateway: Gateway) -> None:
        await _accounts(gateway).enable(gateway.tenant, name, by=actor())

    with_gateway(act)
    typer.echo(f"{name}: enabled. Đã mở lại.")


@app.command()
def unlock(name: Login) -> None:
    """Somebody who has to wait after failed log-ins need wait no more. Mở khoá đăng nhập sai nhiều lần."""

    async def act(gateway: Gateway) -> None:
        await _accounts(gateway).unlock(gateway.tenant, name, by=actor())

    with_gateway(act)
    typer.echo(f"{name}: unlocked. Đã mở khoá.")


@app.command("reset-totp")
def reset_totp(name: Login) -> None:
    """A new second factor, where the telephone is lost; the old one is worth nothing. Cấp lại mã xác thực."""

    async def act(gateway: Gateway) -> Enrolment:
        return await _accounts(gateway).reset_second(gateway.tenant, name, by=actor())

    _show(with_gateway(act))


@app.command()
def password(name: Login) -> None:
    """Set a new password; open sessions end. Đặt mật khẩu mới."""
    new = _new_password()

    async def act(gateway: Gateway) -> None:
        await _accounts(gateway, own=name).set_password(gateway.tenant, name, new, by=actor())

    with_gateway(act)
    typer.echo(f"{name}: password set. Đã đặt mật khẩu.")


@app.command()
def sessions(
    *, end: Annotated[str, typer.Option(help="End all sessions of this login. Đóng mọi phiên của người này.")] = ""
) -> None:
    """Sessions that are open. Các phiên đang mở."""

    async def act(gateway: Gateway) -> Table:
        if end:
            check_right(Right.ADMINISTER)
            await _accounts(gateway).end_sessions(gateway.tenant, end, by=actor())
        table = Table("login", "begun", "seen")
        for each in await gateway.able.staffing.sessions.open(gateway.tenant):
            times = [at.isoformat(timespec="seconds") for at in (each.begun_at, each.seen_at)]
            table.add_row(each.login, *times)
        return table

    console.print(with_gateway(act))


@app.command()
def review() -> None:
    """The yearly review of rights: accounts not used, disabled, or with roles that belong apart. Rà soát quyền."""

    async def act(gateway: Gateway) -> Table | str:
        unused = timedelta(days=gateway.ground.settings.operators.unused_days)
        table = Table("login", "finding")
        for each in await _accounts(gateway).review(gateway.tenant, unused=unused, by=actor()):
            table.add_row(each.login, each.kind)
        return table if table.row_count else "Không có gì phải sửa. Nothing was found."

    console.print(with_gateway(act))


def _accounts(gateway: Gateway, *, own: str = "") -> Accounts:
    """`NotAllowedError` for whoever has logged in and is no administrator, but for what is of `own` login."""
    who = operator()
    if who is None or who.login != own:
        check_right(Right.ADMINISTER)
    return gateway.able.staffing.accounts


def _new_password() -> str:
    first, again = hidden("Mật khẩu mới · New password"), hidden("Nhập lại · Again")
    if first != again:
        raise UnprocessableError("The two are not the same.", vi="Hai lần nhập không giống nhau.", what="password")
    return first


def _show(enrolment: Enrolment) -> None:
    typer.echo(enrolment.uri)
    typer.echo(
        "Địa chỉ trên là cho ứng dụng xác thực; mọi thứ ở đây chỉ hiện một lần. Sau đó: `lienthong login <tên>`.\n"
        "The address above is for an authenticator app; all of this is shown once. Next: `lienthong login <name>`.",
        err=True,
    )
    typer.echo("Mã dự phòng, mỗi mã dùng một lần · Recovery codes, once each:")
    for code in enrolment.recovery_codes:
        typer.echo(code)
