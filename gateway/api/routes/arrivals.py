"""`/v1/arrivals`: what national systems sent, for the province to pick up."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from gateway.api.access import Caller, allowed
from gateway.api.once import IdempotencyKey, answer_of, once, parse_key
from gateway.api.openapi import problems
from gateway.api.schemas.arrivals import ArrivalOut, ArrivalsOut, PageIn, WholeArrivalOut
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope

router = APIRouter(tags=["arrivals — bản tin đến"], responses=problems())
ArrivalId = Annotated[
    UUID, Path(description="Arrival id — Mã bản tin đến", examples=["0d4f6c1e-8f0b-4f0e-9f53-6a0b7c1d2e3f"])
]


@router.get("/v1/arrivals", operation_id="list_arrivals", summary="What has come")
async def list_arrivals(
    page: Annotated[PageIn, Query()],
    caller: Annotated[Caller, Depends(allowed(Scope.ARRIVALS_READ))],
) -> ArrivalsOut:
    """Bản tin đến: oldest first, those that were not acknowledged yet. Nothing of what they say stands here."""
    found = await caller.services.arrivals.waiting(
        after=page.after, limit=page.limit, everything=page.everything, context=caller.context
    )
    return ArrivalsOut.of(found, after=page.after)


@router.get("/v1/arrivals/{arrival_id}", operation_id="get_arrival", summary="An arrival", responses=problems(404))
async def get_arrival(
    arrival_id: ArrivalId,
    caller: Annotated[Caller, Depends(allowed(Scope.ARRIVALS_READ))],
) -> WholeArrivalOut:
    """Toàn bộ một bản tin đến. Who read it is recorded: it may speak of people."""
    caller.about(str(arrival_id))
    arrival = await caller.services.arrivals.read(str(arrival_id), context=caller.context)
    caller.request.state.file = "reply"  # so that a leaf is written, with the digest of what is kept here anyway
    return WholeArrivalOut.whole(arrival)


@router.post(
    "/v1/arrivals/{arrival_id}/acknowledgement",
    operation_id="acknowledge_arrival",
    summary="Say that you have it",
    response_model=ArrivalOut,
    responses=problems(404, 409),
)
async def acknowledge_arrival(
    arrival_id: ArrivalId,
    caller: Annotated[Caller, Depends(allowed(Scope.ARRIVALS))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Xác nhận đã lấy bản tin: it is no longer listed, and stays readable. Said twice, the first time stands."""
    key = parse_key(idempotency_key)
    caller.about(str(arrival_id))

    async def action() -> Answer:
        view = await caller.services.arrivals.acknowledge(str(arrival_id), context=caller.context)
        return answer_of(200, ArrivalOut.of(view))

    return await once(caller, key, action)
