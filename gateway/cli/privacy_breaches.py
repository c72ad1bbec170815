"""`lienthong privacy breaches`: the register of breaches and its 72 hours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.asking import ask_words, check_right, moment, operator_of
from gateway.cli.output import console
from gateway.cli.session import with_gateway
from gateway.operators.model import Operator, Right
from gateway.privacy import words
from gateway.privacy.acts import PrivacyActs
from gateway.privacy.model import Breach, Opening, StartPoint

app = typer.Typer(help="The register of breaches. Sổ vi phạm dữ liệu cá nhân.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(min=1, help="Number from `list`. Số của vi phạm.")]


@app.command()
def add(
    *,
    since: Annotated[str, typer.Option("--from", help="When it began. Bắt đầu từ lúc.")],
    until: Annotated[str, typer.Option("--to", help="When it ended. Kết thúc lúc.")],
    discovered: Annotated[str, typer.Option(help="When it was found out. Phát hiện lúc.")],
    counts_from: Annotated[
        StartPoint, typer.Option(help="From when the hours count; happened is the safe reading. Tính giờ từ đâu.")
    ] = StartPoint.HAPPENED,
) -> None:
    """Enter a breach; what happened is asked for. Ghi sổ vi phạm."""
    opening = Opening(
        from_at=moment(since),
        to_at=moment(until),
        discovered_at=moment(discovered),
        counts_from=counts_from,
        words=ask_words("Đã xảy ra việc gì (không ghi tên người)"),
    )
    _step(lambda acts, by: acts.open_breach(opening, by=by))


@app.command("list")
def list_breaches(
    *, everything: Annotated[bool, typer.Option("--all", help="Closed ones, too. Cả vi phạm đã kết thúc.")] = False
) -> None:
    """Breaches and how many hours are left. Sổ vi phạm và số giờ còn lại."""

    async def act(gateway: Gateway) -> Sequence[Breach]:
        check_right(Right.PRIVACY)
        return await gateway.services.late().privacy.breaches.listed(gateway.tenant, everything=everything)

    found, now = with_gateway(act), utc_now()
    table = Table("id", "từ", "đến", "hạn thông báo", "đồng hồ", "đã thông báo", "kết thúc")
    for breach in found:
        opening = breach.opening
        clock = "" if breach.notified_at else words.hours(breach.hours_left(now))
        times = [words.moment(at) for at in (opening.from_at, opening.to_at, breach.due_at)]
        table.add_row(str(breach.id), *times, clock, words.moment(breach.notified_at), words.moment(breach.closed_at))
    console.print(table if found else "No breach is open. Không có vi phạm nào đang xử lý.")


@app.command()
def notify(
    number: Number,
    *,
    late_reason: Annotated[str, typer.Option(help="Why it is late, when it is. Lý do nếu muộn.")] = "",
) -> None:
    """Say that it was notified now. Đã thông báo."""
    _step(lambda acts, by: acts.notify_breach(number, late_reason=late_reason, by=by))


@app.command()
def close(
    number: Number, *, measures: Annotated[str, typer.Option(help="What was done. Biện pháp đã thực hiện.")]
) -> None:
    """Close it. Kết thúc xử lý."""
    _step(lambda acts, by: acts.close_breach(number, measures=measures, by=by))


def _step(step: Callable[[PrivacyActs, Operator], Awaitable[Breach]]) -> None:
    async def act(gateway: Gateway) -> Breach:
        check_right(Right.PRIVACY)
        return await step(gateway.able.protecting.acts, operator_of(gateway))

    done = with_gateway(act)
    left = "" if done.notified_at else f", {words.hours(done.hours_left(utc_now()))}"
    ended = "".join(
        f"; {said} {words.moment(at)}"
        for said, at in (("đã thông báo", done.notified_at), ("đã kết thúc", done.closed_at))
        if at
    )
    typer.echo(f"{done.reference}: hạn thông báo {words.moment(done.due_at)}{left}{ended}.")
