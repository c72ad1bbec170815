"""What a person must look at, and the word of whoever did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console import alarm_facts, alarm_words
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.restraint.settling import Word, blocked

router = APIRouter()
ACTING = (Right.OPERATE, Right.ADMINISTER, Right.AUDIT, Right.PRIVACY)
"""An alarm is settled by whoever it is for: any right to act will do."""
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Actor = Annotated[Visit, Depends(visit(*ACTING))]
PAGE = 50
LAST = 2**62


class Asked(BaseModel):
    """Which alarms: `all`: settled ones, too; those before the number `before`."""

    all: bool = False
    before: int = Field(default=LAST, ge=1, le=LAST)


class WordForm(BaseModel):
    """What somebody found out. `lift`: whoever it blocked may look up again."""

    reason: str = Field(max_length=2000)
    lift: bool = False


@router.get("/console/alarms", name="alarms")
async def alarms(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    service = visitor.desk.alarms
    found = await service.page(visitor.tenant, everything=asked.all, before=asked.before, limit=PAGE + 1)
    return visitor.page(
        "alarms/list.html",
        asked=asked,
        alarms=found[:PAGE],
        onward=found[PAGE - 1].id if len(found) > PAGE else None,
        words=alarm_words.words,
        about=alarm_facts.about,
    )


@router.get("/console/alarms/{alarm_id}", name="alarm")
async def alarm(visitor: Viewer, alarm_id: int) -> Response:
    found = await visitor.desk.alarms.find(visitor.tenant, alarm_id)
    visitor.about(f"alarm:{found.id}")
    return visitor.page(
        "alarms/one.html",
        alarm=found,
        words=alarm_words.words(found.occasion.kind),
        facts=[(*alarm_facts.FACTS.get(name, (name, name)), value) for name, value in found.occasion.facts.items()],
        about=alarm_facts.about(found),
        blocked=blocked(found),
        may_act=visitor.may(*ACTING),
    )


@router.post("/console/alarms/{alarm_id}/settle", name="settle_alarm")
async def settle_alarm(visitor: Actor, alarm_id: int, form: Annotated[WordForm, Form()]) -> Response:
    visitor.about(f"alarm:{alarm_id}")
    word = Word(by=visitor.operator.login, reason=form.reason)
    lifted = await visitor.desk.settling.settle(alarm_id, word, context=visitor.context, lift=form.lift)
    vi = "Đã ghi nhận xử lý cảnh báo." + (f" Đã bỏ chặn: {len(lifted)}." if form.lift else "")
    en = "The alarm is settled." + (f" Unblocked: {len(lifted)}." if form.lift else "")
    return visitor.back(f"/console/alarms/{alarm_id}", vi=vi, en=en)


@router.post("/console/alarms/{alarm_id}/lift", name="lift_block")
async def lift_block(visitor: Actor, alarm_id: int, form: Annotated[WordForm, Form()]) -> Response:
    visitor.about(f"alarm:{alarm_id}")
    word = Word(by=visitor.operator.login, reason=form.reason)
    lifted = await visitor.desk.settling.lift(alarm_id, word, context=visitor.context)
    if not lifted:
        vi, en = "Không ai đang bị chặn vì cảnh báo này.", "Nobody is blocked by it."
    else:
        vi, en = f"Đã bỏ chặn: {len(lifted)}.", f"Unblocked: {len(lifted)}."
    return visitor.back(f"/console/alarms/{alarm_id}", vi=vi, en=en)
