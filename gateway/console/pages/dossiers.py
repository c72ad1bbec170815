"""Dossiers: what is due, one dossier on all its axes, steps that wait for their place. Nothing personal is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from gateway.console.delivery_words import CAUSES, STATES
from gateway.console.links import linked, stream_path
from gateway.console.visit import Visit, visit
from gateway.domain import STATUSES, DossierCode, InvalidValueError
from gateway.dossiers.dismissing import LONGEST_REASON
from gateway.dossiers.model import DueView
from gateway.dossiers.words import ALARMS, DIGITISATIONS, HAND_OVERS, PAYMENTS, PLACES, SYNCS
from gateway.operators.model import Right
from gateway.rules.deadlines import Alarm, Law, alarms
from gateway.rules.packs import load_calendar, load_packs, pack_named
from gateway.sdk.errors import NotFoundError

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Operator = Annotated[Visit, Depends(visit(Right.OPERATE))]
HERE, PARKED = "/console/dossiers", "/console/dossiers/parked"
PAGE = 50
SOON = timedelta(days=2)
Code = Annotated[str, Query(max_length=100)]


class FindForm(BaseModel):
    """A dossier's code, as somebody typed it."""

    code: str = Field(max_length=100)


class DismissForm(BaseModel):
    """Why a step will never count."""

    code: str = Field(max_length=100)
    event_id: str = Field(max_length=200)
    reason: str = Field(max_length=LONGEST_REASON)


@router.get(HERE, name="dossiers")
async def dossiers(visitor: Viewer, at: Annotated[datetime | None, Query()] = None, code: Code = "") -> Response:
    """What needs somebody now, the longest due first; those after (`at`, `code`)."""
    now = visitor.desk.services.clock()
    after = (at, code) if at else None
    found = await visitor.desk.delivery.dossiers.due(visitor.tenant, before=now + SOON, after=after, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return visitor.page(
        "dossiers/index.html",
        found=_with_alarms(found[:PAGE], now),
        statuses=STATUSES,
        more=linked(HERE, at=last.due_at.isoformat(), code=last.code) if last else "",
        words=ALARMS,
    )


@router.post(HERE, name="find_dossier")
async def find(visitor: Viewer, form: Annotated[FindForm, Form()]) -> Response:
    """By POST: what is typed here may be a person's number, and must stand in no address."""
    missing = NotFoundError("No dossier has this code.", vi="Không có hồ sơ nào mang mã này.")
    try:
        code = DossierCode.parse(form.code.strip().upper()).value
    except InvalidValueError:
        raise missing from None
    visitor.about(code)
    if await visitor.desk.delivery.dossiers.find(visitor.tenant, code) is None:
        raise missing
    return RedirectResponse(f"{HERE}/{code}", status_code=303)


@router.get(PARKED, name="parked_steps")
async def parked(
    visitor: Viewer, *, at: Annotated[datetime | None, Query()] = None, code: Code = "", event_id: Code = ""
) -> Response:
    """The oldest first; those after (`at`, `code`, `event_id`)."""
    after = (at, code, event_id) if at else None
    found = await visitor.desk.delivery.dossiers.parked(visitor.tenant, after=after, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    place = last and {"at": last.parked_at.isoformat(), "code": last.code, "event_id": last.event.event_id}
    return visitor.page(
        "dossiers/parked.html",
        found=found[:PAGE],
        statuses=STATUSES,
        more=linked(PARKED, **place) if place else "",
    )


@router.post(PARKED, name="dismiss_step")
async def dismiss(visitor: Operator, form: Annotated[DismissForm, Form()]) -> Response:
    visitor.about(form.code)
    step = (form.code, form.event_id)
    await visitor.desk.delivery.dismissing.dismiss(step, reason=form.reason, context=visitor.context)
    return visitor.back(PARKED, vi="Đã bỏ qua bước này; bước vẫn lưu trong hồ sơ.", en="Dismissed; it stays on record.")


@router.get(HERE + "/{code}", name="dossier")
async def dossier(visitor: Viewer, code: str) -> Response:
    """`NotFoundError`: no dossier has this code."""
    desk, service = visitor.desk.delivery, visitor.desk.services.dossiers
    record = await desk.dossiers.find(visitor.tenant, code)
    if record is None:
        raise NotFoundError("No dossier has this code.", vi="Không có hồ sơ nào mang mã này.")
    visitor.about(code)
    sync = await service.sync(code, context=visitor.context)
    return visitor.page(
        "dossiers/dossier.html",
        record=record,
        axes=await service.axes(code, context=visitor.context),
        clocks=await service.clocks(code, context=visitor.context),
        events=(await service.events(code, context=visitor.context))[-100:],
        streams=sync.streams,
        paused=await desk.outbox.paused(visitor.tenant),
        statuses=STATUSES,
        states=STATES,
        causes=CAUSES,
        alarm_words=ALARMS,
        payments=PAYMENTS,
        digitisations=DIGITISATIONS,
        hand_overs=HAND_OVERS,
        syncs=SYNCS,
        places=PLACES,
        names=desk.names,
        path_of=stream_path,
    )


def _with_alarms(found: Sequence[DueView], now: datetime) -> list[tuple[DueView, list[Alarm]]]:
    packs, calendar = load_packs(), load_calendar()
    laws = {name: Law(pack=pack_named(packs, name), calendar=calendar) for name in {view.pack for view in found}}
    return [
        (view, alarms(view.status, view.due_at, laws[view.pack], apologised=view.apologised, now=now)) for view in found
    ]
