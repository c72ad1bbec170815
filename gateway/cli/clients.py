"""`lienthong clients`: who may call."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.output import console
from gateway.cli.session import record_act, with_gateway
from gateway.clients.authenticate import CLIENT_ID
from gateway.clients.model import Scope
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
) -> None:
    """Make a key. It is shown once and stored nowhere. Tạo khoá; khoá chỉ hiện một lần."""
    if not CLIENT_ID.fullmatch(name):
        raise UnprocessableError(
            "A client id has small letters, digits and dashes, 40 at most.",
            vi="Mã hệ thống chỉ gồm chữ thường, chữ số và dấu gạch ngang, tối đa 40 ký tự.",
        )

    async def act(gateway: Gateway) -> str:
        key = await gateway.able.authenticator.issue(
            gateway.tenant, name, scopes=scope, title=title, agencies=agency or ()
        )
        facts = {"scopes": " ".join(sorted(scope))}
        await record_act(gateway, "add_client", reference=name, facts=facts)
        return key

    typer.echo(with_gateway(act))


@app.command("list")
def list_clients() -> None:
    """All clients and their scopes. Danh sách."""

    async def act(gateway: Gateway) -> Table:
        table = Table("client", "title", "scopes", "agencies", "since", "revoked")
        for client in await gateway.stores.clients.all(gateway.tenant):
            revoked = client.revoked_at.isoformat(timespec="minutes") if client.revoked_at else ""
            table.add_row(
                client.client_id,
                client.title,
                "\n".join(sorted(client.scopes)),
                "\n".join(client.agencies) or "all",
                client.created_at.isoformat(timespec="minutes"),
                revoked,
            )
        return table

    console.print(with_gateway(act))


@app.command()
def revoke(name: Name) -> None:
    """Close a client's access at once. Thu hồi khoá."""

    async def act(gateway: Gateway) -> bool:
        done = await gateway.stores.clients.revoke(gateway.tenant, name, at=utc_now())
        if done:
            await record_act(gateway, "revoke_client", reference=name, facts={})
        return done

    if not with_gateway(act):
        raise NotFoundError(
            "No such client, or it is revoked already.", vi="Không có hệ thống này hoặc khoá đã bị thu hồi."
        )
    typer.echo(f"Revoked {name}. Đã thu hồi khoá của {name}.")
