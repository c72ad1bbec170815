"""Long work and how far it is: start what was allowed, stop, go on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.delivery_words import JOBS, OPERATIONS, VERDICTS, WORKS
from gateway.console.links import job_path, linked, stream_path
from gateway.console.visit import Visit, visit
from gateway.delivery.jobs.model import Job
from gateway.delivery.model import Verdict
from gateway.operators.model import Right
from gateway.sdk.errors import ConflictError

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Watcher = Annotated[Visit, Depends(visit(Right.LOOK, quiet=True))]
Operator = Annotated[Visit, Depends(visit(Right.OPERATE))]
JobId = Annotated[str, Path(pattern=r"^[0-9A-F]{20}$")]
HERE = "/console/jobs"
PAGE = 50


class ReasonForm(BaseModel):
    """Why so many at a stroke."""

    reason: str = Field(max_length=1000)


@router.get(HERE, name="jobs")
async def jobs(visitor: Viewer, before: Annotated[datetime | None, Query()] = None) -> Response:
    found = await visitor.desk.delivery.jobs.listed(visitor.tenant, before=before, limit=PAGE + 1)
    more = linked(HERE, before=found[PAGE - 1].begun_at.isoformat()) if len(found) > PAGE else ""
    return visitor.page(
        "jobs/index.html",
        found=found[:PAGE],
        more=more,
        works=WORKS,
        states=JOBS,
        names=visitor.desk.delivery.names,
    )


@router.get(HERE + "/{job_id}", name="job")
async def job(visitor: Viewer, job_id: JobId, after: Annotated[int, Query(ge=0)] = 0) -> Response:
    desk = visitor.desk.delivery
    visitor.about(f"job:{job_id}")
    found = await desk.jobs.find(visitor.tenant, job_id)
    items = await desk.jobs.items(found, after=after, limit=PAGE + 1)
    how = str(found.parameters.get("how", ""))
    return visitor.page(
        "jobs/job.html",
        **await _standing(visitor, found),
        items=items[:PAGE],
        more=f"{job_path(job_id)}?after={items[PAGE - 1].number}" if len(items) > PAGE else "",
        verdict=VERDICTS[Verdict(how)] if how in {*Verdict} else None,
        operations=OPERATIONS,
        names=desk.names,
        path_of=stream_path,
    )


@router.get(HERE + "/{job_id}/progress", name="job_progress")
async def progress(visitor: Watcher, job_id: JobId) -> Response:
    """The piece of the page that changes."""
    found = await visitor.desk.delivery.jobs.find(visitor.tenant, job_id)
    return visitor.page("jobs/progress.html", **await _standing(visitor, found))


@router.post(HERE + "/{job_id}/ask", name="job_ask")
async def ask(visitor: Operator, job_id: JobId, form: Annotated[ReasonForm, Form()]) -> Response:
    visitor.about(f"job:{job_id}")
    await visitor.desk.delivery.jobs.ask(job_id, reason=form.reason, by=visitor.operator)
    return visitor.back(job_path(job_id), vi="Đã gửi đề nghị phê duyệt.", en="Asked.")


@router.post(HERE + "/{job_id}/start", name="job_start")
async def start(visitor: Operator, job_id: JobId) -> Response:
    visitor.about(f"job:{job_id}")
    await visitor.desk.delivery.jobs.start(job_id, by=visitor.operator, context=visitor.context)
    return visitor.back(job_path(job_id), vi="Đã bắt đầu.", en="Begun.")


@router.post(HERE + "/{job_id}/stop", name="job_stop")
async def stop(visitor: Operator, job_id: JobId) -> Response:
    visitor.about(f"job:{job_id}")
    if not await visitor.desk.delivery.jobs.stop(job_id, context=visitor.context):
        raise ConflictError("It does not run.", vi="Việc này không đang chạy.", what="job_over")
    return visitor.back(
        job_path(job_id),
        vi="Đã dừng; phần đã làm vẫn giữ nguyên.",
        en="Stopped; what was done stays done.",
    )


async def _standing(visitor: Visit, found: Job) -> dict[str, Any]:
    desk = visitor.desk.delivery
    needs_second = desk.jobs.needs_second(found)
    state = found.seen(visitor.desk.services.clock())
    return {
        "job": found,
        "state": state.value,
        "state_words": JOBS[state],
        "work": WORKS[found.what],
        "needs_second": needs_second,
        "approval": await desk.jobs.approval(found) if needs_second else None,
        "alone": desk.jobs.many.alone,
    }
