"""`lienthong delivery`: held messages."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.session import record_act, with_gateway
from gateway.delivery.model import StreamKey
from gateway.sdk.errors import NotFoundError

app = typer.Typer(help="Delivery to national systems. Gửi dữ liệu tới hệ thống quốc gia.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group of commands, even while it has one."""


@app.command()
def resume(
    target: Annotated[str, typer.Argument(help="The system, such as national_portal. Hệ thống nhận.")],
    key: Annotated[str, typer.Argument(help="Dossier code or payment id. Mã hồ sơ hoặc mã thanh toán.")],
) -> None:
    """Release one held stream; the target is asked first. Cho gửi lại hồ sơ đang bị giữ."""

    async def act(gateway: Gateway) -> bool:
        stream = StreamKey(tenant=gateway.settings.tenant, target=target, key=key)
        done = await gateway.outbox.resume(stream, now=utc_now())
        if done:
            await record_act(gateway, "resume_stream", reference=key, facts={"target": target})
        return done

    if not with_gateway(act):
        raise NotFoundError("No held stream has this name.", vi="Không có hồ sơ nào đang bị giữ với mã này.")
    typer.echo("Released. Đã cho gửi lại.")
