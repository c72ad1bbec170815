"""What waits for each system, what is held and why, and one stream with what can be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console import given
from gateway.console.delivery_words import CAUSES, OPERATIONS, STATES, VERDICTS
from gateway.console.links import linked, stream_path
from gateway.console.visit import Visit, visit
from gateway.delivery.model import Lane, LaneBrake, Said, StreamKey, StreamView, Verdict
from gateway.domain import DossierCode
from gateway.operators.model import Right
from gateway.sdk.errors import ConflictError, NotFoundError, UnprocessableError

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Operator = Annotated[Visit, Depends(visit(Right.OPERATE))]
HERE, HELD = "/console/delivery", "/console/delivery/held"
PAGE = 50
MOST_GROUPS = 100
Key = Annotated[str, Query(max_length=200)]


class TargetForm(BaseModel):
    """Which system."""

    target: str = Field(max_length=100)


class ResumeForm(TargetForm):
    """How fast."""

    rate: Annotated[float | None, Field(ge=0.001, le=100_000), given.EMPTY] = None


class StreamForm(TargetForm):
    """Which stream."""

    key: str = Field(max_length=200)


class ReleaseForm(StreamForm):
    """What a person found out. `seq`: the message that they looked at."""

    seq: int = Field(ge=1)
    verdict: Verdict
    count: Annotated[int | None, Field(ge=1), given.EMPTY] = None
    learned: str = Field(default="", max_length=2000)

    @property
    def said(self) -> Said:
        count = self.count if self.verdict is Verdict.ARRIVED else None
        return Said(
            verdict=self.verdict, count=count, learned=dict(map(_pair, filter(str.strip, self.learned.splitlines())))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One system's lane. `lane` None: nothing is to be sent to it."""

    target: str
    lane: Lane | None
    brake: LaneBrake | None


@router.get(HERE, name="delivery")
async def delivery(visitor: Viewer) -> Response:
    desk = visitor.desk.delivery
    lanes = {lane.target: lane for lane in await desk.outbox.lanes(visitor.tenant)}
    brakes = {brake.target: brake for brake in await desk.board.brakes(visitor.tenant)}
    targets = dict.fromkeys((*desk.targets, *lanes, *brakes))
    standings = [Standing(target=target, lane=lanes.get(target), brake=brakes.get(target)) for target in targets]
    return visitor.page("delivery/index.html", standings=standings, names=desk.names, configured=visitor.desk.targets)


@router.post(HERE + "/pause", name="pause_target")
async def pause(visitor: Operator, form: Annotated[TargetForm, Form()]) -> Response:
    visitor.about(form.target)
    await visitor.desk.delivery.control.pause(form.target, context=visitor.context)
    return visitor.back(HERE, vi=f"{form.target}: đã tạm ngừng.", en=f"{form.target}: paused.")


@router.post(HERE + "/resume", name="resume_target")
async def resume(visitor: Operator, form: Annotated[ResumeForm, Form()]) -> Response:
    visitor.about(form.target)
    await visitor.desk.delivery.control.resume(form.target, context=visitor.context, rate=form.rate)
    paced = ("", "") if form.rate is None else (f", tối đa {form.rate:g} bản tin/giây", f" at {form.rate:g}/s")
    return visitor.back(HERE, vi=f"{form.target}: đã gửi trở lại{paced[0]}.", en=f"{form.target}: resumed{paced[1]}.")


@router.post(HERE + "/ask-first", name="ask_first")
async def ask_first(visitor: Operator) -> Response:
    count = await visitor.desk.delivery.control.ask_first(context=visitor.context)
    return visitor.back(
        HERE,
        vi=f"Sẽ hỏi bên nhận trước khi gửi {count} hồ sơ.",
        en=f"{count} streams will be asked about first.",
    )


@router.get(HELD, name="held_streams")
async def held(visitor: Viewer, *, target: Key = "", code: Key = "", after: Key = "") -> Response:
    """Counted by cause first; then those of one system."""
    desk = visitor.desk.delivery
    groups = await desk.board.groups(visitor.tenant, limit=MOST_GROUPS)
    chosen = target or (groups[0].target if groups else "")
    found: Sequence[StreamView] = (
        await desk.outbox.held(visitor.tenant, chosen, code=code, after=after, limit=PAGE + 1) if chosen else ()
    )
    more = linked(HELD, target=chosen, code=code, after=found[PAGE - 1].stream.key) if len(found) > PAGE else ""
    return visitor.page(
        "delivery/held.html",
        groups=groups,
        causes=CAUSES,
        names=desk.names,
        targets=desk.targets,
        target=chosen,
        code=code,
        found=found[:PAGE],
        more=more,
        path_of=stream_path,
        linked=linked,
    )


@router.get(HERE + "/streams/{target}/{key:path}", name="stream")
async def stream(
    visitor: Viewer, target: str, key: str, *, before: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    desk, name = visitor.desk.delivery, StreamKey(tenant=visitor.tenant, target=target, key=key)
    view = await _view(visitor, name)
    visitor.about(key)
    messages = await desk.board.messages(name, before=before, limit=PAGE + 1)
    stuck = await desk.outbox.stuck(name)
    choices = desk.control.choices(name, stuck.operation) if stuck else ()
    more = f"{stream_path(target, key)}?before={messages[PAGE - 1].seq}" if len(messages) > PAGE else ""
    return visitor.page(
        "delivery/stream.html",
        view=view,
        messages=messages[:PAGE],
        more=more,
        stuck=stuck,
        choices=[(verdict, *VERDICTS[verdict]) for verdict in choices],
        state=STATES[view.state],
        is_paused=target in await desk.outbox.paused(visitor.tenant),
        causes=CAUSES,
        operations=OPERATIONS,
        names=desk.names,
        is_dossier=bool(DossierCode.PATTERN.fullmatch(key)),
    )


@router.post(HERE + "/hold", name="hold_stream")
async def hold(visitor: Operator, form: Annotated[StreamForm, Form()]) -> Response:
    visitor.about(form.key)
    name = StreamKey(tenant=visitor.tenant, target=form.target, key=form.key)
    if not await visitor.desk.delivery.control.hold(name, context=visitor.context):
        raise ConflictError(
            "It has nothing to send, or is held already.",
            vi="Không còn gì để gửi, hoặc đang bị giữ.",
            what="stream_state",
        )
    return visitor.back(stream_path(form.target, form.key), vi="Đã giữ lại.", en="Held.")


@router.post(HERE + "/release", name="release_stream")
async def release(visitor: Operator, form: Annotated[ReleaseForm, Form()]) -> Response:
    visitor.about(form.key)
    name, said = StreamKey(tenant=visitor.tenant, target=form.target, key=form.key), form.said
    if not await visitor.desk.delivery.control.release(name, said, context=visitor.context, seq=form.seq):
        raise ConflictError(
            "It is not held any more, is held at another message, or this verdict does not suit it.",
            vi="Không còn bị giữ, đang giữ ở bản tin khác, hoặc kết luận này không hợp với bản tin đầu tiên.",
            what="stream_state",
        )
    return visitor.back(stream_path(form.target, form.key), vi="Đã cho gửi tiếp.", en="Released.")


async def _view(visitor: Visit, name: StreamKey) -> StreamView:
    views = await visitor.desk.delivery.outbox.views(name.tenant, name.key, now=visitor.desk.services.clock())
    for view in views:
        if view.stream == name:
            return view
    raise NotFoundError(
        "Nothing was ever sent to this system under this name.", vi="Chưa gửi gì với mã này tới hệ thống này."
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise UnprocessableError(
            "What was learned is written as name=value, one a line.",
            vi="Điều bên nhận cho biết phải viết dạng tên=giá trị, mỗi dòng một mục.",
            what="learned",
        )
    return name, value
