"""What waits for a second person, who asked, and the decision (PDP-13, SEC-09)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Path
from pydantic import BaseModel
from starlette.responses import Response

from gateway.approvals.model import ACTS, RIGHT_FOR, Approval, ApprovalState
from gateway.console import approving
from gateway.console.links import job_path
from gateway.console.nav import FOUR_EYES
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right

router = APIRouter()
Either = Annotated[Visit, Depends(visit(*FOUR_EYES))]
Approver = Annotated[Visit, Depends(visit(Right.APPROVE))]
ApprovalId = Annotated[str, Path(pattern=r"^[0-9A-F]{20}$")]
HERE = "/console/approvals"
MOST = 100
ENGLISH: Mapping[str, str] = {
    "export_bodies": "Export an evidence package with what was exchanged",
    "release_many": "Send many messages again",
    "breach_pack": "Make the file of a personal data breach",
    "erase_bodies": "Erase what was exchanged",
    "lift_hold": "Lift a legal hold",
}
DONE_AT: Mapping[str, str] = {
    "export_bodies": "/console/evidence/packages",
    "release_many": "/console/delivery/replay",
    "breach_pack": "/console/privacy/breaches",
    "erase_bodies": "/console/privacy/holds",
    "lift_hold": "/console/privacy/holds",
}


class DecisionForm(BaseModel):
    """Allow it or not."""

    decision: Literal["allow", "refuse"]


@router.get(HERE, name="approvals")
async def approvals(visitor: Either) -> Response:
    found = await visitor.desk.services.late().approvals.listed(visitor.tenant, limit=MOST)
    waiting = await visitor.desk.services.late().approvals.waiting(visitor.tenant)
    return visitor.page(
        "approvals/index.html",
        waiting=waiting[:MOST],
        more=max(len(waiting) - MOST, 0),
        decided=[each for each in found if each.state is not ApprovalState.ASKED],
        acts={name: (vi, ENGLISH.get(name, name)) for name, vi in ACTS.items()},
        right_for=RIGHT_FOR,
        done_at=done_at,
        states=approving.STATES,
        approves=visitor.may(Right.APPROVE),
        most=MOST,
    )


@router.post(f"{HERE}/{{approval_id}}/decision", name="approvals_decide")
async def decide(visitor: Approver, approval_id: ApprovalId, form: Annotated[DecisionForm, Form()]) -> Response:
    """Nobody decides what they asked for themselves: the service refuses it."""
    visitor.about(f"approval:{approval_id}")
    allow = form.decision == "allow"
    await visitor.desk.services.late().approvals.decide(approval_id, allow=allow, by=visitor.operator)
    if allow:
        return visitor.back(HERE, vi="Đã phê duyệt; người đề nghị có thể làm.", en="Allowed; the asker may do it.")
    return visitor.back(HERE, vi="Đã từ chối.", en="Refused.")


def done_at(approval: Approval) -> str:
    """The page where what was allowed is done."""
    if job := approval.parameters.get("job"):
        return job_path(str(job))
    about, _, number = str(approval.parameters.get("reference", "")).partition(":")
    if about == "data_request" and number.isdecimal():
        return f"/console/privacy/requests/{number}"
    return DONE_AT[approval.act]
