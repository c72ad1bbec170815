"""What the comparison with the national systems found, and a comparison now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.links import job_path, linked, stream_path
from gateway.console.visit import Visit, visit
from gateway.delivery.jobs.model import Work
from gateway.delivery.jobs.works import Wanted
from gateway.ledger.words import CARES, FINDINGS
from gateway.operators.model import Right

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Operator = Annotated[Visit, Depends(visit(Right.OPERATE))]
HERE = "/console/discrepancies"
PAGE = 50


class ReconcileForm(BaseModel):
    """With which system."""

    target: str = Field(max_length=100)


@router.get(HERE, name="discrepancies")
async def discrepancies(
    visitor: Viewer,
    target: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    desk, tenant = visitor.desk.delivery, visitor.tenant
    rounds = {name: await desk.ledger.last_round(tenant, name) for name in desk.targets}
    compared = [name for name, last in rounds.items() if last]
    chosen = target or next(iter((*compared, *rounds)), "")
    if target:
        desk.control.check_target(target)
    found = await desk.ledger.troubles(tenant, chosen, after=after, limit=PAGE + 1)
    return visitor.page(
        "discrepancies/index.html",
        rounds=rounds,
        target=chosen,
        found=found[:PAGE],
        more=linked(HERE, target=chosen, after=found[PAGE - 1].stream.key) if len(found) > PAGE else "",
        findings=FINDINGS,
        cares=CARES,
        names=desk.names,
        targets=desk.targets,
        path_of=stream_path,
    )


@router.post(HERE, name="reconcile")
async def reconcile(visitor: Operator, form: Annotated[ReconcileForm, Form()]) -> Response:
    """Compare everything with one system now; what is missing there is sent again."""
    desk = visitor.desk.delivery
    desk.control.check_target(form.target)
    total = await desk.board.count(visitor.tenant, form.target)
    wanted = Wanted(what=Work.RECONCILE, parameters={"target": form.target, "how": "reconcile"}, total=total)
    job = await desk.jobs.draft(wanted, context=visitor.context)
    visitor.about(f"job:{job.id}")
    await desk.jobs.start(job.id, by=visitor.operator, context=visitor.context)
    return visitor.back(job_path(job.id), vi="Đã bắt đầu đối soát.", en="The comparison has begun.")
