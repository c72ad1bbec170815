"""`lienthong clients`: who may call."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.callbacks.address import check_address
from gateway.callbacks.call import new_secret, shown
from gateway.callbacks.model import Receiver
from gateway.cli.output import console
from gateway.cli.session import record_act, with_gateway
from gateway.clients.authenticate import CLIENT_ID
from gateway.clients.model import Client, Scope
from gateway.operators.model import Right
from gateway.sdk.errors import NotFoundError, UnprocessableError

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
    address = check_address(callback) if callback else ""
    if not CLIENT_ID.fullmatch(name):
        raise UnprocessableError(
            "A client id has small letters, digits and dashes, 40 at most.",
            vi="Mã hệ thống chỉ gồm chữ thường, chữ số và dấu gạch ngang, tối đa 40 ký tự.",
        )

    async def act(gateway: Gateway) -> str:
        async with gateway.ground.database.transaction():
            key = await gateway.able.authenticator.issue(
                gateway.tenant, name, scopes=scope, title=title, agencies=agency or ()
            )
            facts = {"scopes": " ".join(sorted(scope))}
            await record_act(gateway, "add_client", reference=name, facts=facts)
            return f"{key}\n{await _register(gateway, name, address)}" if address else key

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
    address = "" if off else check_address(url)

    async def act(gateway: Gateway) -> str:
        client = await gateway.stores.clients.find(gateway.tenant, name)
        if client is None or client.revoked_at is not None:
            raise _unknown()
        async with gateway.ground.database.transaction():
            if address:
                return await _register(gateway, name, address)
            if await gateway.stores.receivers.remove(gateway.tenant, name):
                await record_act(gateway, "remove_callback", reference=name, facts={})
        return f"{name}: no callbacks. Không gọi báo."

    typer.echo(with_gateway(act, right=Right.ADMINISTER))


async def _register(gateway: Gateway, name: str, url: str) -> str:
    """The secret, as the receiver is configured with it."""
    secret = new_secret()
    await gateway.stores.receivers.put(Receiver(tenant=gateway.tenant, client_id=name, url=url, secret=secret))
    await record_act(gateway, "set_callback", reference=name, facts={"host": urlsplit(url).netloc})
    return shown(secret)


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

    async def act(gateway: Gateway) -> bool:
        async with gateway.ground.database.transaction():
            done = await gateway.stores.clients.revoke(gateway.tenant, name, at=utc_now())
            if done:
                removed = await gateway.stores.receivers.remove(gateway.tenant, name)
                await record_act(gateway, "revoke_client", reference=name, facts={"callbacks_removed": int(removed)})
        return done

    if not with_gateway(act, right=Right.ADMINISTER):
        raise _unknown()
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


def _unknown() -> NotFoundError:
    return NotFoundError(
        "No such client, or it is revoked already.", vi="Không có hệ thống này hoặc khoá đã bị thu hồi."
    )
