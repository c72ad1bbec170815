"""`/v1/evidence/check`: whether some bytes are what the log recorded, for the client that exchanged them (CON-28)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.api.access import Caller, allowed
from gateway.api.openapi import problems
from gateway.api.schemas.evidence import EvidenceIn, EvidenceOut
from gateway.clients.model import Scope

router = APIRouter(tags=["evidence — chứng cứ"], responses=problems())


@router.post(
    "/v1/evidence/check",
    operation_id="check_evidence",
    summary="Whether these bytes are what was recorded",
    responses=problems(404),
)
async def check_evidence(body: EvidenceIn, caller: Annotated[Caller, Depends(allowed(*Scope))]) -> EvidenceOut:
    """Đối chiếu nội dung đã trao đổi với nhật ký; chỉ các dòng của chính hệ thống gọi."""
    caller.about(f"audit:{body.index}")
    actor = caller.client.client_id
    return EvidenceOut.of(body.index, await caller.services.late().evidence.check(body.index, body.raw(), actor=actor))
