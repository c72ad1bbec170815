"""Planned suspensions: who is told, when, and what the gateway does meanwhile."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console import given
from gateway.console.visit import Visit, visit
from gateway.maintenance.model import Plan
from gateway.operators.model import Right

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Administrator = Annotated[Visit, Depends(visit(Right.ADMINISTER))]
HERE = "/console/maintenance"
PAGE = 50


class PlanForm(BaseModel):
    """As the form sends it; moments are Vietnam's."""

    subject: str = Field(max_length=60)
    begins: given.Moment
    ends: given.Moment
    text: str = Field(max_length=2000)
    text_en: str = Field(default="", max_length=2000)
    force_majeure: str = Field(default="", max_length=1000)
    pauses: bool = False
    rate: Annotated[float | None, Field(gt=0), given.EMPTY] = None

    def plan(self) -> Plan:
        return Plan(**self.model_dump())


class EndsForm(BaseModel):
    """A later expected recovery."""

    ends: given.Moment


@router.get(HERE, name="maintenance")
async def maintenance(visitor: Viewer, before: Annotated[int | None, Query(ge=1, le=2**53)] = None) -> Response:
    desk = visitor.desk
    windows = await desk.maintenance.listed(visitor.tenant, before=before, limit=PAGE)
    return visitor.page(
        "maintenance/index.html",
        windows=windows,
        more=windows[-1].id if len(windows) == PAGE else None,
        subjects=desk.status.subjects,
        soonest=desk.maintenance.soonest(),
    )


@router.post(HERE, name="announce_maintenance")
async def announce(visitor: Administrator, form: Annotated[PlanForm, Form()]) -> Response:
    await visitor.desk.maintenance.announce(form.plan(), context=visitor.context)
    return _told(visitor, vi="Đã công bố trên trang trạng thái.", en="Announced on the status page.")


@router.post(HERE + "/{window_id}/cancel", name="cancel_maintenance")
async def cancel(visitor: Administrator, window_id: int) -> Response:
    await visitor.desk.maintenance.cancel(window_id, context=visitor.context)
    return _told(visitor, vi="Đã huỷ kế hoạch.", en="Called off.")


@router.post(HERE + "/{window_id}/end", name="end_maintenance")
async def end(visitor: Administrator, window_id: int) -> Response:
    await visitor.desk.maintenance.end(window_id, context=visitor.context)
    return _told(visitor, vi="Đã kết thúc đợt tạm ngừng.", en="The suspension is over.")


@router.post(HERE + "/{window_id}/extend", name="extend_maintenance")
async def extend(visitor: Administrator, window_id: int, form: Annotated[EndsForm, Form()]) -> Response:
    await visitor.desk.maintenance.extend(window_id, ends=form.ends, context=visitor.context)
    return _told(visitor, vi="Đã đổi thời điểm khôi phục.", en="The expected recovery was moved.")


def _told(visitor: Visit, *, vi: str, en: str) -> Response:
    visitor.desk.status.forget()
    return visitor.back(HERE, vi=vi, en=en)
