"""`lienthong sync`: compare with the national systems, and the figures that the province is scored by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.output import console, progress
from gateway.cli.session import acting, with_gateway
from gateway.domain import local_day
from gateway.ledger.model import DayFigures, Figure, Line, Report, Round
from gateway.ledger.store import Period
from gateway.ledger.words import CARES, FINDINGS

SHOWN = 50

app = typer.Typer(help="Proof of sync. Đối soát và tỷ lệ đồng bộ.", no_args_is_help=True)
Target = Annotated[str, typer.Option(help="The system that is compared with. Hệ thống được đối soát.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Local day. Ngày.")]


@app.command()
def reconcile(
    *,
    target: Target = "national_portal",
    repair: Annotated[bool, typer.Option(help="Send again what is missing there. Gửi bù cái còn thiếu.")] = True,
) -> None:
    """Compare every dossier with its copy now. Đối soát từng hồ sơ ngay bây giờ."""

    async def act(gateway: Gateway) -> Round:
        with progress.status("") as status:

            async def seen(count: int) -> None:
                status.update(f"{count} hồ sơ")

            return await gateway.able.ledger.order(target, context=acting(gateway), repair=repair, seen=seen)

    done = with_gateway(act)
    table = Table("finding", "kết quả", "dossiers")
    for name, count in sorted(done.counts.items()):
        table.add_row(name, FINDINGS[name][0], str(count))
    console.print(table if done.counts else "Nothing was sent to it yet. Chưa gửi gì tới hệ thống này.")


@app.command()
def discrepancies(*, target: Target = "national_portal", limit: Annotated[int, typer.Option(min=1)] = 100) -> None:
    """Dossiers whose copy differs, and what is being done. Hồ sơ lệch và việc đang làm."""

    async def act(gateway: Gateway) -> Sequence[Line]:
        return await gateway.stores.office.ledger.troubles(gateway.tenant, target, limit=limit)

    found = with_gateway(act)
    table = Table("dossier", "kết quả", "rounds", "việc đang làm", "chi tiết")
    for line in found:
        told = (FINDINGS[line.finding.value][0], str(line.rounds), CARES[line.care][0], line.detail_vi)
        table.add_row(line.stream.key, *told)
    console.print(table if found else "No discrepancy. Không có sai lệch.")


@app.command()
def report(
    *,
    since: Day = None,
    until: Day = None,
    target: Target = "national_portal",
    as_json: Annotated[bool, typer.Option("--json", help="For programs. Dạng JSON.")] = False,
) -> None:
    """Sync figures by day, with the dossiers that cost points. Tỷ lệ đồng bộ từng ngày và các hồ sơ mất điểm."""

    async def act(gateway: Gateway) -> Report:
        now = utc_now()
        last = until.date() if until else local_day(now)
        period = Period(
            target=target,
            since=since.date() if since else last - timedelta(days=6),
            until=last,
            within_s=gateway.ground.settings.sync.within_s,
            cut_off=now,
        )
        return await gateway.able.ledger.report(gateway.tenant, period)

    found = with_gateway(act)
    if as_json:
        typer.echo(json.dumps(_document(found), ensure_ascii=False, indent=2, default=str))
        return
    table = Table("day", "đầy đủ / complete", "kịp thời / in time", "chưa tới hạn")
    for day in found.days:
        table.add_row(str(day.day), _shown(day.completeness), _shown(day.timeliness), str(day.timeliness.excluded))
    total = (found.total("completeness"), found.total("timeliness"))
    table.add_row("tổng / total", _shown(total[0]), _shown(total[1]), str(total[1].excluded), end_section=True)
    console.print(table)
    for dossier in found.unsynced[:SHOWN]:
        console.print(f"{dossier.day} {dossier.code}: {FINDINGS[dossier.reason][0]}. {dossier.detail_vi}".rstrip())
    last_round = found.last_round
    compared = last_round.began_at.isoformat(timespec="seconds") if last_round else "chưa bao giờ / never"
    typer.echo(f"Đối soát gần nhất: {compared}. Kịp thời: trong {found.within_s:g} giây. Cách tính {found.rule}.")


def _shown(figure: Figure) -> str:
    return "–" if figure.percent is None else f"{figure.percent:g} % ({figure.numerator}/{figure.denominator})"


def _document(found: Report) -> dict[str, object]:
    return {
        "target": found.target,
        "rule": found.rule,
        "within_s": found.within_s,
        "cut_off": found.cut_off.isoformat(),
        "completeness": _figure(found.total("completeness")),
        "timeliness": _figure(found.total("timeliness")),
        "days": [_day(day) for day in found.days],
        "unsynced": [asdict(dossier) for dossier in found.unsynced],
        "last_round": asdict(found.last_round) if found.last_round else None,
    }


def _day(day: DayFigures) -> dict[str, object]:
    return {
        "day": _iso(day.day),
        "completeness": _figure(day.completeness),
        "timeliness": _figure(day.timeliness),
    }


def _figure(figure: Figure) -> dict[str, object]:
    return {**asdict(figure), "percent": figure.percent}


def _iso(day: date) -> str:
    return day.isoformat()
