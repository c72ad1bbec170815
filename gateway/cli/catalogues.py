"""`lienthong catalogues`: the portal's code lists, what drifted in them, and what waits for a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway
from gateway.catalogues.model import SOURCES, CatalogueView, Sync, Waiting
from gateway.cli.output import console
from gateway.cli.session import actor, with_gateway
from gateway.domain import VIETNAM
from gateway.observability import continue_trace

SHOWN = 20

app = typer.Typer(help="Shared code lists. Danh mục dùng chung lấy từ Cổng.", no_args_is_help=True)
Limit = Annotated[int, typer.Option(min=1, help="At most so many. Số lượng tối đa.")]


@app.command("list")
def listing() -> None:
    """Every list: its version, its codes in force, when it was looked at. Các danh mục đang có."""

    async def act(gateway: Gateway) -> Sequence[CatalogueView]:
        return await gateway.stores.catalogues.views(gateway.tenant)

    known = {view.catalogue: view for view in with_gateway(act)}
    table = Table("catalogue", "version", "codes", "looked at", "changed at")
    for name in sorted({*SOURCES, *known}):
        view = known.get(name)
        if view is None:
            table.add_row(name, "–", "–", "chưa lấy lần nào", "")
            continue
        changed = view.changed_at.astimezone(VIETNAM).isoformat(timespec="minutes") if view.changed_at else ""
        looked = view.looked_at.astimezone(VIETNAM).isoformat(timespec="minutes")
        table.add_row(name, str(view.version), str(view.codes), looked, changed)
    console.print(table)


@app.command()
def sync(
    name: Annotated[str, typer.Argument(help="One list; all of them without it. Tên danh mục.")] = "",
    *,
    believe: Annotated[
        bool, typer.Option("--believe", help="Take it although more than half is gone. Chấp nhận dù mất hơn nửa số mã.")
    ] = False,
) -> None:
    """Take lists over now and let go what waited for a code. Lấy danh mục ngay."""

    async def act(gateway: Gateway) -> Sequence[Sync]:
        context = continue_trace("").context(tenant=gateway.tenant, actor=actor())
        names = [name] if name else gateway.ground.settings.sync.catalogues
        return [await gateway.able.takeover.take(each, context=context, believe=believe) for each in names]

    for done in with_gateway(act):
        _print(done)


@app.command()
def drift(*, limit: Limit = 20) -> None:
    """What changed in the lists, the newest first. Danh mục thay đổi gì."""

    async def act(gateway: Gateway) -> Sequence[Sync]:
        return await gateway.stores.catalogues.reports(gateway.tenant, limit=limit)

    found = with_gateway(act)
    for report in found:
        _print(report)
    if not found:
        typer.echo("No change was seen. Chưa thấy thay đổi nào.")


@app.command()
def waiting(*, limit: Limit = 100) -> None:
    """Dossiers that name a code which no list has. Hồ sơ đang chờ vì có mã chưa có trong danh mục."""

    async def act(gateway: Gateway) -> Sequence[Waiting]:
        return await gateway.stores.catalogues.waiting(gateway.tenant, limit=limit)

    found = with_gateway(act)
    table = Table("dossier", "target", "catalogue", "code", "since")
    for row in found:
        since = row.since.astimezone(VIETNAM).isoformat(timespec="minutes")
        table.add_row(row.stream.key, row.stream.target, row.unknown.catalogue, row.unknown.code, since)
    console.print(table if found else "Nothing waits for a code. Không có hồ sơ nào chờ mã.")


def _print(report: Sync) -> None:
    at = report.at.astimezone(VIETNAM).isoformat(timespec="minutes")
    typer.echo(f"{report.catalogue} · {at} · version {report.version}")
    if not report.applied:
        typer.echo("  ! Mất hơn nửa số mã nên chưa áp dụng; kiểm tra rồi chạy `catalogues sync TÊN --believe`.")
        typer.echo("  ! Not applied: more than half of it was gone. Look, then sync it with --believe.")
    told = report.drift
    _print_part("+", told.added)
    _print_part("~", {code: f"{old} → {new}" for code, (old, new) in told.changed.items()})
    _print_part("-", told.vanished)
    if told.is_empty:
        typer.echo("  không thay đổi / no change")


def _print_part(sign: str, codes: Mapping[str, str]) -> None:
    for code, name in sorted(codes.items())[:SHOWN]:
        typer.echo(f"  {sign} {code}  {name}")
    if len(codes) > SHOWN:
        typer.echo(f"  {sign} … {len(codes) - SHOWN}")
