"""Code lists: when each was looked at, what drifted, what was not believed, and what waits for a code (COD-12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.catalogues.model import SOURCES
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.scores.words import CATALOGUES

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Taker = Annotated[Visit, Depends(visit(Right.OPERATE))]
REPORTS, WAITING, CODES = 20, 100, 20


class TakeForm(BaseModel):
    name: str = Field(pattern=r"^[a-z_]{1,40}$")
    believe: bool = False


@router.get("/console/catalogues", name="catalogues")
async def catalogues(visitor: Viewer) -> Response:
    drift, tenant = visitor.desk.drift, visitor.tenant
    views = {view.catalogue: view for view in await drift.views(tenant)}
    reports = await drift.reports(tenant, limit=REPORTS)
    newest = {report.catalogue: report for report in reversed(reports)}
    refused = {name for name, report in newest.items() if not report.applied and report.at == views[name].looked_at}
    return visitor.page(
        "catalogues/index.html",
        lists=[(name, views.get(name)) for name in sorted({*SOURCES, *views})],
        reports=reports,
        refused=refused,
        waiting=await drift.waiting(tenant, limit=WAITING),
        words=CATALOGUES,
        shown=CODES,
    )


@router.post("/console/catalogues/take", name="catalogue_take")
async def take(visitor: Taker, form: Annotated[TakeForm, Form()]) -> Response:
    visitor.about(form.name)
    done = await visitor.desk.takeover.take(form.name, context=visitor.context, believe=form.believe)
    if not done.applied:
        said = f"Danh mục {form.name} mất hơn nửa số mã nên chưa áp dụng; hãy xem phần đã mất."
        return visitor.back("/console/catalogues", vi=said, en=f"{form.name} lost more than half; it was not applied.")
    counts = [len(done.drift.added), len(done.drift.changed), len(done.drift.vanished)]
    vietnamese = "Đã lấy {}: thêm {}, đổi {}, mất {}.".format(form.name, *counts)
    english = "Took {}: {} added, {} changed, {} vanished.".format(form.name, *counts)
    return visitor.back("/console/catalogues", vi=vietnamese, en=english)
