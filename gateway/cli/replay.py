"""`lienthong delivery replay`: send again what was delivered, after a look at what that would be.

A dossier's older version is never offered: a newer one stands for it, and sending it would turn the dossier back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.progress import track
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.approvals import four_eyes
from gateway.cli.output import console, progress
from gateway.cli.session import acting, with_gateway
from gateway.delivery.model import Past, PastSearch
from gateway.operators.model import Right
from gateway.sdk.errors import UnprocessableError

PREVIEW = 20
DAY = timedelta(days=1)


def replay(
    target: Annotated[str, typer.Argument(help="The system, such as national_portal. Hệ thống nhận.")],
    *,
    only: Annotated[
        list[str] | None,
        typer.Option(help="key=<dossier> or operation=<name>; repeatable. Lọc theo hồ sơ, loại."),
    ] = None,
    between: Annotated[
        tuple[datetime, datetime] | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Taken in from … to …, UTC. Khoảng thời gian."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many. Số lượng tối đa.")] = 100,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it they are only shown. Thực hiện.")] = False,
) -> None:
    """Show delivered messages (of the last day, unless told) and, with --yes, send them again as they were: the system
    is asked first, and gets only what it lacks. Xem trước rồi gửi lại bản tin đã gửi; chỉ gửi cái còn thiếu."""
    since, until = between or (utc_now() - DAY, utc_now() + DAY)
    search = PastSearch(
        target=target, since=since.replace(tzinfo=UTC), until=until.replace(tzinfo=UTC), limit=limit, **_filters(only)
    )

    async def act(gateway: Gateway) -> tuple[Sequence[Past], int]:
        control = gateway.able.delivering.control
        chosen = await control.replays(gateway.tenant, search)
        if not yes:
            return chosen, 0
        named = [(past.stream.key, past.seq) for past in chosen]
        await four_eyes(gateway, {"target": target, "how": "replay"}, named)
        done, context = 0, acting(gateway)
        for past in track(chosen, "Xếp gửi lại", console=progress):
            done += await control.replay(past, context=context)
        return chosen, done

    chosen, done = with_gateway(act, right=Right.OPERATE)
    counts = Counter(past.operation for past in chosen)
    table = Table("key", "message", "operation", "made at", "mapping")
    for past in chosen[:PREVIEW]:
        made = past.at.isoformat(timespec="seconds")
        table.add_row(past.stream.key, str(past.seq), past.operation, made, f"v{past.mapping_version}")
    console.print(table)
    told = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "0"
    if yes:
        typer.echo(f"{done} of {len(chosen)} ({told}) are sent again. Đã xếp gửi lại {done} trên {len(chosen)}.")
    else:
        typer.echo(f"{len(chosen)} found ({told}), nothing done; --yes sends them. Chưa làm gì; thêm --yes để gửi lại.")


def _filters(only: Sequence[str] | None) -> dict[str, str]:
    found = dict(part.partition("=")[::2] for part in only or ())
    if unknown := found.keys() - {"key", "operation"}:
        raise UnprocessableError(
            f"--only takes key=… or operation=…, not {', '.join(sorted(unknown))}.",
            vi="--only chỉ nhận key=… hoặc operation=….",
        )
    return found
