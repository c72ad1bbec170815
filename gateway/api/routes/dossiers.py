"""`/v1/dossiers`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from gateway.api.access import Caller, allowed
from gateway.api.once import IdempotencyKey, answer_of, once, parse_key
from gateway.api.openapi import problems
from gateway.api.schemas.base import DossierNumber
from gateway.api.schemas.dossiers import DossierIn, StatusEventIn, TakenOut
from gateway.api.schemas.sync import SyncOut
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope

router = APIRouter(tags=["dossiers — hồ sơ"], responses=problems())
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
    return TakenOut.of(
        await caller.services.dossiers.put(code, body.model_dump(exclude_none=True), context=caller.context)
    )


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
    """Cập nhật tiến độ: one step of work. It is taken in once per `event_id`, in the order of its times."""
    key = parse_key(idempotency_key)
    caller.about(code)

    async def action() -> Answer:
        taken = await caller.services.dossiers.add_event(
            code, body.model_dump(exclude_none=True), context=caller.context
        )
        return answer_of(202, TakenOut.of(taken))

    return await once(caller, key, action)


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
