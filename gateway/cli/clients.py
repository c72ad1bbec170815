"""`lienthong clients`: who may call."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway
from gateway.clients.acts import NewClient
from gateway.clients.model import Client, Scope
from gateway.operators.model import Right
from gateway.sdk.errors import UnprocessableError

app = typer.Typer(help="Keys of the provincial systems. Khoá truy cập của hệ thống một cửa.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Id of the client: small letters, digits and dashes. Mã hệ thống gọi.")]


@app.command()
def add(
    name: Name,
    *,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat for several. Quyền.")],
    title: Annotated[str, typer.Option(help="What people call it. Tên hiển thị.")] = "",
    agency: Annotated[
        list[str] | None,
        typer.Option(help="Agency it may look up and collect for; default all. Cơ quan được phép."),
    ] = None,
    callback: Annotated[
        str, typer.Option(help="Where it is called: a recheck ended, money changed (https). Địa chỉ nhận thông báo.")
    ] = "",
) -> None:
    """Make a key. It is shown once and stored nowhere; with --callback, a second line is the secret that its calls are
    signed with. Tạo khoá; khoá (và khoá ký thông báo) chỉ hiện một lần."""
    new = NewClient(client_id=name, scopes=scope, title=title, agencies=agency or (), callback=callback)

    async def act(gateway: Gateway) -> str:
        made = await gateway.able.client_acts.add(new, context=acting(gateway))
        return "\n".join(filter(None, (made.key, made.callback_secret)))

    typer.echo(with_gateway(act, right=Right.ADMINISTER))


@app.command()
def callback(
    name: Name,
    url: Annotated[str, typer.Argument(help="https address; none: --off is meant. Địa chỉ https.")] = "",
    *,
    off: Annotated[bool, typer.Option("--off", help="Call it no more. Thôi gọi báo.")] = False,
) -> None:
    """Where a client is called when a recheck ends or money changes. The secret is new each time and shown once.
    Đăng ký địa chỉ nhận thông báo; khoá ký chỉ hiện một lần."""
    if off == bool(url):
        raise UnprocessableError(
            "Give an address, or --off.", vi="Hãy nêu địa chỉ, hoặc --off.", what="callback_address"
        )

    async def act(gateway: Gateway) -> str:
        acts, context = gateway.able.client_acts, acting(gateway)
        if url:
            return await acts.set_callback(name, url, context=context)
        await acts.remove_callback(name, context=context)
        return f"{name}: no callbacks. Không gọi báo."

    typer.echo(with_gateway(act, right=Right.ADMINISTER))


@app.command("list")
def list_clients() -> None:
    """All clients and their scopes. Danh sách."""

    async def act(gateway: Gateway) -> Table:
        table = Table("client", "title", "scopes", "only for", "ways in", "since", "revoked", "callback")
        addresses = await gateway.stores.receivers.addresses(gateway.tenant)
        for client in await gateway.stores.clients.all(gateway.tenant):
            table.add_row(
                client.client_id,
                client.title,
                "\n".join(sorted(client.scopes)),
                "\n".join(limits_of(client)) or "all",
                "\n".join(ways_in(client, at=utc_now())),
                client.created_at.isoformat(timespec="minutes"),
                client.revoked_at.isoformat(timespec="minutes") if client.revoked_at else "",
                addresses.get(client.client_id, ""),
            )
        return table

    console.print(with_gateway(act))


@app.command()
def revoke(name: Name) -> None:
    """Close a client's access at once, by key, certificate and token, and call it no more. Thu hồi quyền truy cập, thôi
    gọi báo."""

    async def act(gateway: Gateway) -> None:
        await gateway.able.client_acts.revoke(name, context=acting(gateway))

    with_gateway(act, right=Right.ADMINISTER)
    typer.echo(f"Revoked {name}. Đã thu hồi khoá của {name}.")


def limits_of(client: Client) -> list[str]:
    """What narrows it beside its scopes."""
    listed = {
        "agency": client.agencies,
        "procedure": client.procedures,
        "operation": client.operations,
        "network": client.networks,
    }
    found = [f"{kind} {value}" for kind, values in listed.items() for value in values]
    rates = {"minute": client.per_minute, "day": client.per_day}
    return found + [f"{most} calls a {span}" for span, most in rates.items() if most is not None]


def ways_in(client: Client, *, at: datetime) -> list[str]:
    """Keys without their secrets, certificates, token subjects."""
    found = []
    if client.secret_digest:
        found.append("key" + (f" until {client.secret_until:%Y-%m-%d %H:%MZ}" if client.secret_until else ""))
    if client.earlier_digest and client.earlier_until and client.earlier_until > at:
        found.append(f"earlier key until {client.earlier_until:%Y-%m-%d %H:%MZ}")
    return [*found, *client.ways]
