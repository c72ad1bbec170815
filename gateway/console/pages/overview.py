"""How each national system is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.console.visit import Visit, visit
from gateway.operators.model import Right

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]


@router.get("/console", name="overview")
async def overview(visitor: Viewer) -> Response:
    lanes = await visitor.desk.outbox.lanes(visitor.tenant)
    return visitor.page("overview/index.html", lanes=lanes, targets=visitor.desk.targets)
