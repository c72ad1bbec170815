"""Traffic over time as plots, and who shared what with whom (KPI-10, KPI-11)."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.charts import Chart, Series
from gateway.console.visit import Visit, visit
from gateway.domain import local_day
from gateway.operators.model import Right
from gateway.traffic.board import is_fresh
from gateway.traffic.model import CLASSES, Grain, Sample, Shared, Sharing, Tally, Wanted
from gateway.traffic.tally import STEPS, floor, moments, quantile, together

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]

SPANS: dict[str, tuple[str, str, Grain, timedelta]] = {
    "hour": ("Một giờ, từng phút", "An hour, by minutes", Grain.MINUTE, timedelta(hours=1)),
    "day": ("Một ngày, từng giờ", "A day, by hours", Grain.HOUR, timedelta(days=1)),
    "month": ("30 ngày, từng ngày", "30 days, by days", Grain.DAY, timedelta(days=30)),
}
KINDS: dict[str, tuple[str, str]] = {
    "exchange": ("Cổng gọi hệ thống quốc gia", "We call national systems"),
    "inbound": ("Hệ thống quốc gia gọi cổng", "National systems call us"),
    "request": ("Hệ thống của tỉnh gọi cổng", "The province's systems call us"),
}
OUTCOMES: dict[str, tuple[str, str]] = {
    "none": ("Tốt", "Well"),
    "partner_business": ("Bị từ chối theo nghiệp vụ", "Refused by the rules"),
    "partner_technical": ("Lỗi kỹ thuật của hệ thống quốc gia", "Their technical faults"),
    "caller": ("Lỗi bên gọi", "The caller's faults"),
    "ours": ("Lỗi của cổng", "Our faults"),
}
MONTHS = 36
MOST = 100
FORMULA = re.compile(r"^[=+\-@\t\r]")
"""A spreadsheet would take it for a formula."""


class Asked(BaseModel):
    """What is plotted."""

    span: Literal["hour", "day", "month"] = "day"
    kind: Literal["exchange", "inbound", "request"] = "exchange"
    system: str = Field(default="", max_length=50, pattern=r"^[a-z0-9_]*$")


class Month(BaseModel):
    """Which month; empty: this one."""

    month: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")

    def first(self, now: datetime) -> date:
        return date.fromisoformat(f"{self.month}-01") if self.month else local_day(now).replace(day=1)


@router.get("/console/traffic", name="traffic")
async def traffic(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    _, _, grain, span = SPANS[asked.span]
    if asked.kind == "request":  # which names no system: those of one would all be nought
        asked = asked.model_copy(update={"system": ""})
    until = floor(visitor.desk.services.clock(), grain) + STEPS[grain]
    wanted = Wanted(grain=grain, since=until - span, until=until, kind=asked.kind, system=asked.system)
    store = visitor.desk.traffic
    _, counted_at = await store.place(visitor.tenant)  # before the figures: they are no older than it says
    counts, lanes = await asyncio.gather(store.spans(visitor.tenant, wanted), store.backlog(visitor.tenant, wanted))
    times = moments(grain, wanted.since, until)
    return visitor.page(
        "traffic/index.html",
        asked=asked,
        spans=SPANS,
        kinds=KINDS,
        systems=visitor.desk.targets,
        total=together(counts.values()),
        outcomes=OUTCOMES,
        charts=[*_charts(_known(times, counts, counted_at), times), *_backlog(times, lanes)],
        counted_at=counted_at,
        is_fresh=is_fresh(counted_at, visitor.desk.services.clock()),
    )


@router.get("/console/traffic/sharing", name="sharing")
async def sharing(visitor: Viewer, asked: Annotated[Month, Query()]) -> Response:
    first = asked.first(visitor.desk.services.clock())
    found = await visitor.desk.traffic.sharing(visitor.tenant, first)
    months = sorted({first, *await visitor.desk.traffic.months(visitor.tenant, limit=MONTHS)}, reverse=True)
    rows = sorted(found.rows, key=lambda row: row.tally.total, reverse=True)
    return visitor.page(
        "traffic/sharing.html",
        found=found,
        rows=rows[:MOST],
        hidden=max(len(rows) - MOST, 0),
        months=[(f"{month:%Y-%m}", f"{month:%m/%Y}") for month in months],
        chosen=f"{first:%Y-%m}",
        total=together(row.tally for row in rows),
        parties=lambda row: parties(row, visitor.tenant),
    )


@router.get("/console/traffic/sharing.csv", name="sharing_file")
async def sharing_file(visitor: Viewer, asked: Annotated[Month, Query()]) -> Response:
    """The whole month, for the periodic report."""
    first = asked.first(visitor.desk.services.clock())
    found = await visitor.desk.traffic.sharing(visitor.tenant, first)
    name = f"chia-se-{visitor.tenant}-{first:%Y-%m}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    content = "\ufeff" + written(found, visitor.tenant)
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def parties(row: Shared, tenant: str) -> tuple[str, str]:
    """Who provides and who asks."""
    return (row.system, row.actor) if row.kind == "exchange" else (tenant, row.system)


def written(found: Sharing, tenant: str) -> str:
    """As a table: one row for each party and operation, and the sum."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["thang", "ben_cung_cap", "ben_khai_thac", "nghiep_vu", "tong", *CLASSES])
    month = f"{found.month:%Y-%m}"
    for row in found.rows:
        named = [_plain(name) for name in (*parties(row, tenant), row.operation)]
        table.writerow([month, *named, row.tally.total, *row.tally.outcomes])
    total = together(row.tally for row in found.rows)
    table.writerow([month, "tong", f"den muc nhat ky {found.counted}", "", total.total, *total.outcomes])
    return text.getvalue()


def _plain(name: str) -> str:
    return f"'{name}" if FORMULA.match(name) else name


def _known(
    times: Sequence[datetime], counts: Mapping[datetime, Tally], counted_at: datetime | None
) -> list[Tally | None]:
    """Of each span; nothing counted is nought calls. None: the log is not counted as far as that."""
    return [counts[at] if at in counts else Tally() if counted_at and at <= counted_at else None for at in times]


def _charts(tallies: Sequence[Tally | None], times: Sequence[datetime]) -> list[Chart]:
    """Where there were no calls there is no latency at all."""
    outcomes = [
        Series(vi=vi, en=en, values=[tally.of(fault) if tally else None for tally in tallies])
        for fault, (vi, en) in OUTCOMES.items()
    ]
    latency = [
        Series(vi=name, en=name, values=[quantile(tally.latency, share) if tally else None for tally in tallies])
        for name, share in (("p50", 0.5), ("p95", 0.95))
    ]
    success = [None if tally is None or tally.success is None else 100 * tally.success for tally in tallies]
    return [
        Chart(
            id="outcomes",
            vi="Số giao dịch, theo kết quả",
            en="Calls, by outcome",
            times=times,
            series=outcomes,
            form="stack",
        ),
        Chart(
            id="latency",
            vi="Thời gian trả lời (ms, gần đúng)",
            en="Latency (ms, approximate)",
            times=times,
            series=latency,
        ),
        Chart(
            id="success",
            vi="Tỷ lệ không lỗi kỹ thuật (%)",
            en="Share without technical faults (%)",
            times=times,
            series=[Series(vi="Thành công", en="Success", values=success)],
            digits=1,
        ),
    ]


def _backlog(times: Sequence[datetime], lanes: Sequence[tuple[datetime, Sample]]) -> list[Chart]:
    """The highest of each span; where nobody looked, nothing is known. Lanes of several systems are added up."""
    by_time: dict[datetime, list[Sample]] = {}
    for at, sample in lanes:
        by_time.setdefault(at, []).append(sample)
    found = [by_time.get(at, []) for at in times]
    figures = {
        ("Bản tin chưa gửi", "Messages not sent"): [_sum([one.messages for one in some]) for some in found],
        ("Luồng đang giữ", "Streams held"): [_sum([one.held for one in some]) for some in found],
    }
    oldest = [max((one.oldest_s / 60 for one in some), default=None) for some in found]
    return [
        Chart(
            id="backlog",
            vi="Tồn đọng (mức cao nhất)",
            en="Backlog (the highest)",
            times=times,
            series=[Series(vi=vi, en=en, values=values) for (vi, en), values in figures.items()],
            form="steps",
        ),
        Chart(
            id="oldest",
            vi="Tuổi của bản tin cũ nhất chưa gửi (phút)",
            en="Age of the oldest unsent message (minutes)",
            times=times,
            series=[Series(vi="Tuổi", en="Age", values=oldest)],
            digits=1,
            form="steps",
        ),
    ]


def _sum(values: Sequence[int]) -> int | None:
    return sum(values) if values else None
