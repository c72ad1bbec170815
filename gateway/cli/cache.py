"""`lienthong cache`: delete copies of answers."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.bootstrap import Gateway
from gateway.cli.session import record_act, with_gateway

app = typer.Typer(help="Copies of look-ups. Bản lưu tạm kết quả tra cứu.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """So that `clear` stays a command of its own while it is the only one."""


@app.command()
def clear(*, system: Annotated[str, typer.Option(help="Of this system only. Chỉ của hệ thống này.")] = "") -> None:
    """Delete every copy now, such as when an agreement ends (CON-17). Xoá ngay mọi bản lưu tạm."""

    async def act(gateway: Gateway) -> int:
        async with gateway.ground.database.transaction():
            count = await gateway.stores.copies.clear(gateway.tenant, system=system)
            await record_act(gateway, "clear_cache", reference=system, facts={"copies": count})
        return count

    typer.echo(f"{with_gateway(act)} copies deleted. Đã xoá các bản lưu.")
