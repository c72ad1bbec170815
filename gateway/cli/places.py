"""`lienthong places`: take the province's agencies and places over, and ask what a code means on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.output import console, progress
from gateway.cli.session import record_act, with_gateway
from gateway.domain import VIETNAM, local_day
from gateway.dossiers.model import DueView
from gateway.places.lineage import KINDS, How, Resolution, Unit
from gateway.places.sheet import Plan
from gateway.sdk import ConfigurationError
from gateway.sdk.errors import UnprocessableError

SHOWN = 20
FOUND = {
    How.SAME: "chính mã này",
    How.SUCCESSORS: "mã kế thừa",
    How.PREDECESSORS: "mã trước đó",
    How.NONE: "không có mã nào có hiệu lực",
}

app = typer.Typer(help="Agencies and places. Cơ quan, địa danh và mã kế thừa.", no_args_is_help=True)


@app.command("import")
def take(
    file: Annotated[Path, typer.Argument(help="CSV, one period of a code a line. Tệp CSV.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it they are only shown. Thực hiện.")] = False,
) -> None:
    """Show what a file changes and, with --yes, take it over. Xem trước rồi nhập cơ quan, địa danh."""
    text = _read(file)

    async def act(gateway: Gateway) -> Plan:
        if not yes:
            return await gateway.able.places.preview(text, tenant=gateway.tenant)
        async with gateway.ground.database.transaction():
            done = await gateway.able.places.take(text, tenant=gateway.tenant)
            facts = {"added": len(done.added), "changed": len(done.changed)}
            await record_act(gateway, "import_places", reference=file.name, facts=facts)
        return done

    try:
        found = with_gateway(act)
    except UnprocessableError as exc:
        for told in exc.fields:
            progress.print(f"{_place(told.pointer)}: {told.detail_vi} {told.detail}")
        raise
    for unit in found.added[:SHOWN]:
        typer.echo(f"+ {_shown(unit)}")
    for _, unit in found.changed[:SHOWN]:
        typer.echo(f"~ {_shown(unit)}")
    hidden = max(len(found.added) - SHOWN, 0) + max(len(found.changed) - SHOWN, 0)
    if hidden:
        typer.echo(f"… {hidden}")
    counts = f"{len(found.added)} mới, {len(found.changed)} đổi, {found.unchanged} giữ nguyên"
    typer.echo(f"{counts}. {'Done. Đã nhập.' if yes else 'Nothing done; --yes takes it over. Chưa làm gì.'}")


@app.command()
def resolve(
    code: Annotated[str, typer.Argument(help="Code or alias, old or new. Mã, cũ hoặc mới.")],
    *,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today. Ngày cần tra.")] = None,
) -> None:
    """What a code means on a day. Mã này vào một ngày là đơn vị nào."""
    day = on.date() if on else local_day(utc_now())

    async def act(gateway: Gateway) -> Resolution:
        return (await gateway.able.places.lineage(gateway.tenant)).resolve(code, day)

    found = with_gateway(act)
    typer.echo(f"{code} · {day}: {found.how.value}, {FOUND[found.how]}")
    _print(found.units)
    typer.echo("Các thời kỳ của mã này · periods of this code")
    _print(found.periods)


@app.command()
def orphans(
    *, limit: Annotated[int, typer.Option(min=1, help="Look at so many dossiers. Xét tối đa.")] = 10_000
) -> None:
    """Open dossiers with a due date whose receiving body exists no more. Hồ sơ của cơ quan không còn hiệu lực."""

    async def act(gateway: Gateway) -> Sequence[tuple[DueView, Resolution]]:
        tenant = gateway.tenant
        opened = await gateway.stores.dossiers.due(tenant, before=utc_now() + timedelta(days=3650), limit=limit)
        views = {view.code: view for view in opened}
        found = await gateway.able.places.orphans(views, on=local_day(utc_now()), tenant=tenant)
        return [(views[code], heirs) for code, heirs in found]

    found = with_gateway(act)
    table = Table("dossier", "status", "due", "cơ quan cũ", "cơ quan kế thừa")
    for dossier, heirs in found:
        after = ", ".join(f"{unit.code} {unit.name}" for unit in heirs.units) or "chưa có"
        due = dossier.due_at.astimezone(VIETNAM).isoformat(timespec="minutes")
        table.add_row(dossier.code, dossier.status.label_vi, due, heirs.periods[-1].name, after)
    console.print(table if found else "No dossier lost its body. Không có hồ sơ nào của cơ quan đã hết hiệu lực.")


def _place(pointer: str) -> str:
    """Line and field of the file; or, of what is on record and no longer holds together with it, code and field."""
    where, _, field = pointer.strip("/").partition("/")
    if where == "recorded":
        code, _, field = field.rpartition("/")
        return f"mã đã ghi {code}, {field}"
    return f"dòng {where}, {field or 'cả dòng'}"


def _print(units: Sequence[Unit]) -> None:
    table = Table("code", "name", "kind", "from", "to", "parent", "alias", "successors")
    for unit in units:
        until = unit.valid_to.isoformat() if unit.valid_to else ""
        period = (unit.valid_from.isoformat(), until)
        table.add_row(
            unit.code, unit.name, KINDS[unit.kind], *period, unit.parent, unit.alias, " ".join(unit.successors)
        )
    if units:
        console.print(table)


def _shown(unit: Unit) -> str:
    until = unit.valid_to.isoformat() if unit.valid_to else "…"
    after = f" → {' '.join(unit.successors)}" if unit.successors else ""
    return f"{unit.code}  {unit.name}  {unit.valid_from.isoformat()} – {until}{after}"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(
            f"{file.name} cannot be read as UTF-8 text.", vi=f"Không đọc được tệp {file.name} (UTF-8)."
        ) from exc
