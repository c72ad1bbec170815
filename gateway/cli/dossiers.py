"""`lienthong dossiers`: steps that wait for their place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.output import console
from gateway.cli.session import acting, with_gateway
from gateway.domain import VIETNAM
from gateway.dossiers.model import DueView
from gateway.dossiers.store import ParkedEvent
from gateway.dossiers.words import ALARMS
from gateway.rules.deadlines import Law, alarms
from gateway.rules.packs import load_calendar, load_packs, pack_named

app = typer.Typer(help="Dossiers and their steps. Hồ sơ và các bước xử lý.", no_args_is_help=True)


@app.command()
def parked(
    *,
    code: Annotated[str, typer.Option(help="Only this dossier. Chỉ hồ sơ này.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many. Số lượng tối đa.")] = 100,
) -> None:
    """Steps that wait for their place, and why. Các bước đang chờ đúng vị trí và lý do."""

    async def act(gateway: Gateway) -> Sequence[ParkedEvent]:
        return await gateway.stores.dossiers.parked(gateway.tenant, code=code, limit=limit)

    found = with_gateway(act)
    table = Table("dossier", "step", "status", "happened", "parked", "why")
    for step in found:
        event = step.event
        table.add_row(
            step.code,
            event.event_id,
            f"{event.status.value} {event.status.label_vi}",
            event.occurred_at.isoformat(timespec="minutes"),
            step.parked_at.isoformat(timespec="minutes"),
            step.why_vi,
        )
    console.print(table if found else "No step is parked. Không có bước nào đang chờ.")


@app.command()
def dismiss(
    code: Annotated[str, typer.Argument(help="Dossier code. Mã hồ sơ.")],
    event_id: Annotated[str, typer.Argument(help="The step. Mã bước.")],
    *,
    reason: Annotated[str, typer.Option(help="Why it will never count; kept as evidence. Lý do, được lưu lại.")],
) -> None:
    """Decide that a parked step will never count. It stays on record. Bỏ qua một bước đang chờ, vẫn lưu hồ sơ."""

    async def act(gateway: Gateway) -> None:
        await gateway.able.delivering.dismissing.dismiss((code, event_id), reason=reason, context=acting(gateway))

    with_gateway(act)
    typer.echo(f"{event_id}: dismissed. Đã bỏ qua.")


@app.command()
def due(*, limit: Annotated[int, typer.Option(min=1, help="At most so many. Số lượng tối đa.")] = 200) -> None:
    """What needs somebody now: overdue, due today, apology missing. Hồ sơ quá hạn, đến hạn, thiếu văn bản xin lỗi."""

    async def act(gateway: Gateway) -> Sequence[DueView]:
        soon = utc_now() + timedelta(days=2)
        return await gateway.stores.dossiers.due(gateway.tenant, before=soon, limit=limit)

    packs, calendar, now = load_packs(), load_calendar(), utc_now()
    table = Table("dossier", "status", "due", "việc cần làm")
    for dossier in with_gateway(act):
        law = Law(pack=pack_named(packs, dossier.pack), calendar=calendar)
        found = alarms(dossier.status, dossier.due_at, law, apologised=dossier.apologised, now=now)
        if found:
            due_at = dossier.due_at.astimezone(VIETNAM).isoformat(timespec="minutes")
            table.add_row(dossier.code, dossier.status.label_vi, due_at, "; ".join(ALARMS[alarm][0] for alarm in found))
    console.print(table if table.row_count else "Nothing is due. Không có hồ sơ nào đến hạn.")
