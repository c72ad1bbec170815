"""`lienthong login` and `logout`: the operator behind the commands that follow."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gateway.bootstrap import Gateway
from gateway.cli.session import forget_session, keep_session, kept_session, with_gateway
from gateway.domain import VIETNAM
from gateway.operators.entrance import Credentials, Opened


def login(name: Annotated[str, typer.Argument(help="Your login. Tên đăng nhập.")]) -> None:
    """Log in with password and code; later commands are yours by name. Đăng nhập bằng mật khẩu và mã xác thực."""
    password, code = hidden("Mật khẩu · Password"), hidden("Mã xác thực · Code")
    said = Credentials(login=name, password=password, code=code, replaces=kept_session())

    async def act(gateway: Gateway) -> Opened:
        return await gateway.able.staffing.entrance.log_in(gateway.tenant, said)

    opened = with_gateway(act, recognise=False)
    keep_session(opened.token)
    until = opened.expires_at.astimezone(VIETNAM)
    typer.echo(f"{opened.operator.login}: đã đăng nhập, dài nhất tới {until:%H:%M} giờ Việt Nam. Logged in.")


def logout() -> None:
    """End the session of `login`. Đăng xuất."""
    token = kept_session()

    async def act(gateway: Gateway) -> bool:
        return await gateway.able.staffing.entrance.log_out(gateway.tenant, token)

    if token:
        with_gateway(act, recognise=False)
    forget_session()
    typer.echo("Logged out. Đã đăng xuất.")


def hidden(text: str) -> str:
    """What a person types unseen; a line of standard input where there is no terminal."""
    if sys.stdin.isatty():
        return str(typer.prompt(text, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\n")
