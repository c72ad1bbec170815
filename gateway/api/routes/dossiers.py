"""`/v1/dossiers`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from gateway.api.access import Caller, allowed
from gateway.api.batch import report
from gateway.api.lean import LeanRoute
from gateway.api.once import IdempotencyKey, parse_key, said, slot_of
from gateway.api.openapi import problems
from gateway.api.schemas.base import DossierNumber
from gateway.api.schemas.batches import ItemsOut, StatusEventsIn
from gateway.api.schemas.deadlines import DeadlinesOut
from gateway.api.schemas.dossiers import DossierIn, StatusEventIn, TakenOut
from gateway.api.schemas.history import AxesOut, EventOut, HistoryOut
from gateway.api.schemas.sync import SyncOut
from gateway.clients.model import Scope
from gateway.domain import people_in
from gateway.dossiers.model import ToldStep

router = APIRouter(route_class=LeanRoute, tags=["dossiers — hồ sơ"], responses=problems())
Code = Annotated[DossierNumber, Path(description="Dossier code — Mã hồ sơ", examples=["000.00.05.H99-261123-0007"])]


@router.put(
    "/v1/dossiers/{code}",
    operation_id="put_dossier",
    summary="Send a dossier",
    status_code=202,
    responses=problems(404, 409),
)
async def put_dossier(
    code: Code,
    body: DossierIn,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS))],
) -> TakenOut:
    """Gửi hồ sơ: the whole dossier. Its status begins here and is moved by status events only. 202 comes after the
    dossier and its delivery are stored durably."""
    caller.about(code)
    caller.works_on(body.procedure.code)
    document = body.model_dump(exclude_none=True)
    caller.concerns(people_in(document))
    return TakenOut.of(await caller.services.dossiers.put(code, document, context=caller.context))


@router.post(
    "/v1/dossiers/{code}/status-events",
    operation_id="add_status_event",
    summary="Report a step",
    status_code=202,
    response_model=TakenOut,
    responses=problems(404, 409),
)
async def add_status_event(
    code: Code,
    body: StatusEventIn,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS))],
    *,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Cập nhật tiến độ: one step of work, taken in once per `event_id`. A step older than the newest one never moves
    the dossier back; one that names its predecessor in `after` waits for it. `place` says what became of it."""
    slot = slot_of(caller, parse_key(idempotency_key))
    caller.about(code)
    step = ToldStep(code, body.model_dump(exclude_none=True), caller.context)
    caller.begins_nothing()  # a step is one transaction, which says itself where it may have been done
    return said(await caller.services.steps.do(slot, step))


@router.post(
    "/v1/status-events",
    operation_id="add_status_events",
    summary="Report steps of many dossiers",
    status_code=202,
    response_model=ItemsOut,
    responses=problems(),
)
async def add_status_events(
    body: StatusEventsIn,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS))],
) -> Response:
    """Cập nhật tiến độ theo lô: each step is taken or refused as it would be alone, and a bad one keeps none of the
    others out. No Idempotency-Key is needed: sent again, each `event_id` gets its first answer again."""
    return await report(body, caller)


@router.get(
    "/v1/dossiers/{code}/status-events",
    operation_id="list_status_events",
    summary="The steps that were told",
    responses=problems(404),
)
async def list_status_events(
    code: Code,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS_READ))],
) -> HistoryOut:
    """Lịch sử xử lý: every step, its place, and why it is late or waits."""
    caller.about(code)
    events = await caller.services.dossiers.events(code, context=caller.context)
    return HistoryOut(code=code, events=[EventOut.of(event) for event in events])


@router.get(
    "/v1/dossiers/{code}", operation_id="get_dossier", summary="Where a dossier stands", responses=problems(404)
)
async def get_dossier(
    code: Code,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS_READ))],
) -> AxesOut:
    """Trạng thái hồ sơ theo từng trục: business, payment, digitisation, hand-over and sync, each on its own."""
    caller.about(code)
    return AxesOut.of(await caller.services.dossiers.axes(code, context=caller.context))


@router.get(
    "/v1/dossiers/{code}/deadlines", operation_id="get_deadlines", summary="The law's clocks", responses=problems(404)
)
async def get_deadlines(
    code: Code,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS_READ))],
) -> DeadlinesOut:
    """Các thời hạn theo luật: by when it is handed on, given back, due; what is late. By the rules that it keeps."""
    caller.about(code)
    return DeadlinesOut.of(await caller.services.dossiers.clocks(code, context=caller.context))


@router.get(
    "/v1/dossiers/{code}/sync", operation_id="get_sync", summary="How far the copies are", responses=problems(404)
)
async def get_sync(
    code: Code,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS_READ))],
) -> SyncOut:
    """Tiến độ đồng bộ: nothing is called delivered before the target said so."""
    caller.about(code)
    return SyncOut.of(await caller.services.dossiers.sync(code, context=caller.context))
