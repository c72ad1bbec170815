"""Whether the process lives, and whether it can serve. Neither says anything about national systems: a gateway whose
portal is down is exactly what a province needs running."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.api.access import services_of
from gateway.api.problems import AGAIN_S

router = APIRouter(include_in_schema=False)


@router.get("/healthz", operation_id="alive")
async def alive() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz", operation_id="ready")
async def ready(request: Request) -> Response:
    """200 when the database answers, 503 when it does not."""
    if await services_of(request).ready():
        return Response(b"ready\n")
    return Response(b"no database\n", status_code=503, headers={"retry-after": str(AGAIN_S)})
