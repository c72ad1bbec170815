"""`lienthong delivery`: see what waits, stop and start a target, hold and release a dossier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.cli.approvals import four_eyes
from gateway.cli.output import console
from gateway.cli.replay import replay
from gateway.cli.session import acting, with_gateway
from gateway.delivery.model import Lane, Said, StreamKey, StreamView, Verdict
from gateway.operators.model import Right
from gateway.sdk.errors import NotFoundError

VERDICTS = (
    "What you found out about the message that was held. unknown: ask the system first (chưa rõ: hỏi lại bên nhận). "
    "arrived: it has it, go on with the next (bên nhận đã có: gửi bản tin kế tiếp). "
    "missing: it does not, send without asking (bên nhận chưa có: gửi luôn). "
    "replaced: the newest version of the dossier goes in its place (gửi bản mới nhất thay cho bản này). "
    "dropped: a step that shall never go out (bỏ hẳn một bước gửi nhầm)."
)
PREVIEW = 20

app = typer.Typer(help="Delivery to national systems. Gửi dữ liệu tới hệ thống quốc gia.", no_args_is_help=True)
Target = Annotated[str, typer.Argument(help="The system, such as national_portal. Hệ thống nhận.")]
Key = Annotated[str, typer.Argument(help="Dossier code or payment id. Mã hồ sơ hoặc mã thanh toán.")]
Says = Annotated[Verdict, typer.Option(help=VERDICTS)]


@app.command()
def status() -> None:
    """What waits for each system, how long, and what is held. Tình trạng gửi tới từng hệ thống."""

    async def act(gateway: Gateway) -> Sequence[Lane]:
        return await gateway.stores.outbox.lanes(gateway.tenant)

    lanes = with_gateway(act)
    table = Table("target", "waiting", "sending", "held", "messages", "oldest", "brake")
    for lane in lanes:
        brake = "paused" if lane.paused else f"{lane.rate:g}/s" if lane.rate else ""
        oldest = lane.oldest.isoformat(timespec="seconds") if lane.oldest else ""
        counts = (lane.waiting, lane.claimed, lane.held, lane.messages)
        table.add_row(lane.target, *map(str, counts), oldest, brake)
    console.print(table if lanes else "Everything is delivered. Đã gửi hết.")


@app.command()
def pause(target: Target) -> None:
    """Send nothing more to one system; what comes in waits. Tạm ngừng gửi tới một hệ thống."""

    async def act(gateway: Gateway) -> None:
        await gateway.able.delivering.control.pause(target, context=acting(gateway))

    with_gateway(act, right=Right.OPERATE)
    typer.echo(f"{target}: paused. Đã tạm ngừng.")


@app.command()
def resume(
    target: Target,
    *,
    rate: Annotated[
        float | None, typer.Option(min=0.001, help="Messages a second at most; none: no limit. Tốc độ tối đa.")
    ] = None,
) -> None:
    """Send to one system again, at a set rate if need be. Gửi trở lại, có thể giới hạn tốc độ."""

    async def act(gateway: Gateway) -> None:
        await gateway.able.delivering.control.resume(target, context=acting(gateway), rate=rate)

    with_gateway(act, right=Right.OPERATE)
    typer.echo(f"{target}: resumed{f' at {rate:g} messages/s' if rate else ''}. Đã gửi trở lại.")


@app.command("ask-first")
def ask_first() -> None:
    """After a restore: ask each system before anything is sent again. Sau khi phục hồi: hỏi bên nhận trước khi gửi."""

    async def act(gateway: Gateway) -> int:
        return await gateway.able.delivering.control.ask_first(context=acting(gateway))

    typer.echo(
        f"{with_gateway(act, right=Right.OPERATE)} streams will be asked about first. Sẽ hỏi bên nhận trước khi gửi."
    )


app.command()(replay)


@app.command()
def hold(target: Target, key: Key) -> None:
    """Stop one dossier's messages to a system. Giữ lại một hồ sơ, không gửi nữa."""

    async def act(gateway: Gateway) -> bool:
        stream = StreamKey(tenant=gateway.tenant, target=target, key=key)
        return await gateway.able.delivering.control.hold(stream, context=acting(gateway))

    if not with_gateway(act, right=Right.OPERATE):
        raise NotFoundError(
            "It has nothing to send, or is held already.", vi="Hồ sơ này không còn gì để gửi hoặc đang bị giữ."
        )
    typer.echo(f"{key}: held. Đã giữ lại.")


@app.command()
def release(
    target: Target,
    key: Key,
    *,
    verdict: Says = Verdict.UNKNOWN,
    count: Annotated[
        int | None,
        typer.Option(min=1, help="With arrived: so many of those that left together. Số bản tin đã tới."),
    ] = None,
    learned: Annotated[
        list[str] | None,
        typer.Option(
            help="name=value that the system told by another way, such as dossier=…, where later messages need it. "
            "Điều bên nhận cho biết qua đường khác."
        ),
    ] = None,
) -> None:
    """Let one held dossier go on. Cho gửi lại hồ sơ đang bị giữ."""
    said = Said(verdict=verdict, count=count, learned=dict(_pair(text) for text in learned or ()))

    async def act(gateway: Gateway) -> bool:
        stream = StreamKey(tenant=gateway.tenant, target=target, key=key)
        return await gateway.able.delivering.control.release(stream, said, context=acting(gateway))

    if not with_gateway(act, right=Right.OPERATE):
        raise NotFoundError(
            "No held stream has this name, or the verdict does not suit its first message (see --help).",
            vi="Không có hồ sơ nào đang bị giữ với mã này, hoặc kết luận không hợp với bản tin đầu tiên (xem --help).",
        )
    typer.echo("Released. Đã cho gửi lại.")


@app.command("release-all")
def release_all(
    target: Target,
    *,
    code: Annotated[str, typer.Option(help="Only those held for this code, such as partner.refused. Mã vướng mắc.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many. Số lượng tối đa.")] = 100,
    verdict: Says = Verdict.UNKNOWN,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it they are only shown. Thực hiện.")] = False,
) -> None:
    """Show the dossiers held for one reason and, with --yes, let them go on. Xem trước rồi cho gửi lại hàng loạt."""

    async def act(gateway: Gateway) -> tuple[Sequence[StreamView], int]:
        found = await gateway.stores.outbox.held(gateway.tenant, target, code=code, limit=limit)
        if yes:
            named = [(view.stream.key, view.head) for view in found]
            await four_eyes(gateway, {"target": target, "how": verdict.value}, named)
        said, context = Said(verdict=verdict), acting(gateway)
        release = gateway.able.delivering.control.release
        done = [await release(v.stream, said, context=context, seq=v.head + 1) for v in found] if yes else []
        return found, sum(done)

    found, done = with_gateway(act, right=Right.OPERATE)
    table = Table("key", "message", "of", "trouble")
    for view in found[:PREVIEW]:
        table.add_row(
            view.stream.key, str(view.head + 1), str(view.tail), view.trouble.detail_vi if view.trouble else ""
        )
    console.print(table)
    if yes:
        typer.echo(f"Released {done} of {len(found)}. Đã cho gửi lại {done} trên {len(found)}.")
    else:
        typer.echo(f"{len(found)} found, nothing done; --yes releases them. Tìm thấy {len(found)}, chưa làm gì.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise typer.BadParameter("--learned takes name=value.")
    return name, value
