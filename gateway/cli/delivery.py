"""`lienthong delivery`: held messages."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.session import record_act, with_gateway
from gateway.delivery.model import StreamKey, Verdict
from gateway.sdk.errors import NotFoundError

VERDICTS = (
    "What you found out about the message that was held. unknown: ask the system first (chưa rõ: hỏi lại bên nhận). "
    "arrived: it has it, go on with the next (bên nhận đã có: gửi bản tin kế tiếp). "
    "missing: it does not, send without asking (bên nhận chưa có: gửi luôn). "
    "replaced: do not send it, a later message stands for it (bỏ qua, bản tin sau thay thế)."
)

app = typer.Typer(help="Delivery to national systems. Gửi dữ liệu tới hệ thống quốc gia.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group of commands, even while it has one."""


@app.command()
def resume(
    target: Annotated[str, typer.Argument(help="The system, such as national_portal. Hệ thống nhận.")],
    key: Annotated[str, typer.Argument(help="Dossier code or payment id. Mã hồ sơ hoặc mã thanh toán.")],
    *,
    verdict: Annotated[Verdict, typer.Option(help=VERDICTS)] = Verdict.UNKNOWN,
) -> None:
    """Release one held stream. Cho gửi lại hồ sơ đang bị giữ."""

    async def act(gateway: Gateway) -> bool:
        stream = StreamKey(tenant=gateway.settings.tenant, target=target, key=key)
        async with gateway.database.transaction():
            done = await gateway.outbox.resume(stream, verdict, now=utc_now())
            if done:  # no evidence, no act: the leaf is durable before the release is
                facts = {"target": target, "verdict": verdict.value}
                await record_act(gateway, "resume_stream", reference=key, facts=facts)
        return done

    if not with_gateway(act):
        raise NotFoundError(
            "No held stream has this name, or nothing later replaces its message.",
            vi="Không có hồ sơ nào đang bị giữ với mã này, hoặc chưa có bản tin sau để thay thế.",
        )
    typer.echo("Released. Đã cho gửi lại.")
