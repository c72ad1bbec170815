"""Many at a stroke: look first, then a job; beyond a number a second person allows exactly what was looked at."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field, field_validator
from starlette.responses import Response

from gateway.approvals.many import selection
from gateway.approvals.service import PERSONAL
from gateway.console import given
from gateway.console.delivery_words import CAUSES, OPERATIONS, VERDICTS
from gateway.console.links import job_path, stream_path
from gateway.console.visit import Visit, visit
from gateway.delivery.jobs.model import MOST_ITEMS, Job
from gateway.delivery.jobs.works import Wanted, releases, replays
from gateway.delivery.model import PastSearch, Verdict
from gateway.operators.model import Right
from gateway.sdk.errors import ConflictError, UnprocessableError

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Operator = Annotated[Visit, Depends(visit(Right.OPERATE))]
RELEASE, REPLAY = "/console/delivery/held/release", "/console/delivery/replay"
PREVIEW = 20
DAY = timedelta(days=1)


class Many(BaseModel):
    """Of which system, and how many at most."""

    target: str = Field(max_length=100)
    limit: int = Field(default=100, ge=1, le=MOST_ITEMS)


class HeldMany(Many):
    """Held streams of one cause, and what is said of them."""

    code: str = Field(default="", max_length=100)
    verdict: Verdict = Verdict.UNKNOWN


class PastMany(Many):
    """Delivered messages; moments are Vietnam's."""

    target: str = Field(default="", max_length=100)
    operation: str = Field(default="", max_length=100)
    key: str = Field(default="", max_length=200)
    since: Annotated[given.Moment | None, given.EMPTY] = None
    until: Annotated[given.Moment | None, given.EMPTY] = None

    @field_validator("key")
    @classmethod
    def _names_no_person(cls, value: str) -> str:
        if PERSONAL.fullmatch(value.strip()):
            raise UnprocessableError("A key is no personal number.", vi="Mã không phải số định danh.", what="key")
        return value.strip()

    def search(self, now: datetime) -> PastSearch:
        """Of the last day, unless told."""
        return PastSearch(
            target=self.target,
            since=self.since or now - DAY,
            until=self.until or now + DAY,
            operation=self.operation,
            key=self.key,
            limit=self.limit,
        )


class Looked(BaseModel):
    """What somebody looked at before they pressed, and why, where a second person must allow it."""

    selection: str = Field(max_length=64)
    reason: str = Field(default="", max_length=1000)


class HeldForm(HeldMany, Looked):
    """`HeldMany`, sent."""


class PastForm(PastMany, Looked):
    """`PastMany`, sent."""


@router.get(RELEASE, name="release_many")
async def look_at_held(visitor: Viewer, asked: Annotated[HeldMany, Query()]) -> Response:
    wanted = await _held(visitor, asked)
    return visitor.page(
        "delivery/release.html",
        asked=asked,
        wanted=wanted,
        shown=wanted.items[:PREVIEW],
        selection=selection(wanted.chosen),
        needs_second=visitor.desk.delivery.jobs.many.needs(len(wanted.items)),
        alone=visitor.desk.delivery.jobs.many.alone,
        verdicts=VERDICTS,
        causes=CAUSES,
        names=visitor.desk.delivery.names,
        path_of=stream_path,
        most=MOST_ITEMS,
    )


@router.post(RELEASE, name="release_many_start")
async def release_held(visitor: Operator, form: Annotated[HeldForm, Form()]) -> Response:
    return await _begin(visitor, await _held(visitor, form), form)


@router.get(REPLAY, name="replay")
async def look_at_past(visitor: Viewer, asked: Annotated[PastMany, Query()]) -> Response:
    desk, wanted = visitor.desk.delivery, None
    search = asked.search(visitor.desk.services.clock())
    if asked.target:
        wanted = await _past(visitor, search)
    items = wanted.items if wanted else ()
    return visitor.page(
        "delivery/replay.html",
        asked=asked,
        search=search,
        wanted=wanted,
        shown=items[:PREVIEW],
        counts=sorted(Counter(str(item.said["operation"]) for item in items).items()),
        selection=selection(wanted.chosen) if wanted else "",
        needs_second=desk.jobs.many.needs(len(items)),
        alone=desk.jobs.many.alone,
        operations=OPERATIONS,
        offered=desk.operations,
        targets=desk.targets,
        names=desk.names,
        path_of=stream_path,
        local=given.local,
        most=MOST_ITEMS,
    )


@router.post(REPLAY, name="replay_start")
async def replay_past(visitor: Operator, form: Annotated[PastForm, Form()]) -> Response:
    return await _begin(visitor, await _past(visitor, form.search(visitor.desk.services.clock())), form)


async def _held(visitor: Visit, asked: HeldMany) -> Wanted:
    desk = visitor.desk.delivery
    desk.control.check_target(asked.target)
    found = await desk.outbox.held(visitor.tenant, asked.target, code=asked.code, limit=asked.limit)
    return releases(found, {"target": asked.target, "how": asked.verdict.value, "code": asked.code})


async def _past(visitor: Visit, search: PastSearch) -> Wanted:
    found = await visitor.desk.delivery.control.replays(visitor.tenant, search)
    return replays(found, {"target": search.target, "operation": search.operation})


async def _begin(visitor: Visit, wanted: Wanted, looked: Looked) -> Response:
    """What is done is what was looked at, or nothing."""
    if selection(wanted.chosen) != looked.selection:
        raise ConflictError(
            "The list is another one by now; nothing was done. Look at it again.",
            vi="Danh sách đã thay đổi so với lúc bạn xem; chưa làm gì. Hãy xem lại.",
            what="selection_changed",
        )
    jobs = visitor.desk.delivery.jobs
    if jobs.many.needs(len(wanted.items)) and not looked.reason.strip():
        raise UnprocessableError("Say why.", vi="Phải ghi lý do.", what="reason_missing")
    job: Job = await jobs.draft(wanted, context=visitor.context)
    visitor.about(f"job:{job.id}")
    if jobs.needs_second(job):
        await jobs.ask(job.id, reason=looked.reason, by=visitor.operator)
        return visitor.back(
            job_path(job.id),
            vi="Đã gửi đề nghị; khi người khác phê duyệt, hãy quay lại trang này để bắt đầu.",
            en="Asked; when somebody else has allowed it, come back here to begin.",
        )
    await jobs.start(job.id, by=visitor.operator, context=visitor.context)
    return visitor.back(job_path(job.id), vi="Đã bắt đầu.", en="Begun.")
