"""`lienthong shadow`: how a new way did beside the one in use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.output import console
from gateway.cli.session import with_gateway
from gateway.shadow.model import Comparison, Count, How

SHOWN = 20
WORDS = {
    How.SAME: "giống nhau",
    How.DIFFERS: "khác nhau",
    How.WORSE: "đường mới không trả lời",
    How.BETTER: "chỉ đường mới trả lời",
    How.BOTH_FAILED: "cả hai không trả lời",
}

app = typer.Typer(help="Ways that are tried. Đường truyền đang chạy thử.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Ways that are tried. Đường truyền đang chạy thử."""


@app.command()
def report(days: Annotated[int, typer.Option(min=1, help="Days back. Số ngày.")] = 7) -> None:
    """Counts, the fields that differed, and the calls in which they did. So sánh đường mới với đường đang dùng."""

    async def read(gateway: Gateway) -> tuple[Sequence[Count], Sequence[Comparison]]:
        since, store = utc_now() - timedelta(days=days), gateway.stores.office.shadow
        return (
            await store.counts(gateway.tenant, since=since),
            await store.differing(gateway.tenant, since=since, most=SHOWN),
        )

    counts, differing = with_gateway(read)
    if not counts:
        typer.echo("Chưa có lần thử nào. Nothing was tried.")
        return
    table = Table("nghiệp vụ", "đang dùng", "đang thử", "kết quả", "số lần", "trường khác nhau")
    for found in counts:
        fields = ", ".join(f"{name} ({times})" for name, times in sorted(found.fields.items()))
        table.add_row(found.operation, found.used, found.tried, WORDS[found.how], str(found.count), fields)
    console.print(table)
    for call in differing:
        console.print(f"{call.at:%Y-%m-%d %H:%M:%S} {call.operation} {call.call_id}: {WORDS[call.how]}")
