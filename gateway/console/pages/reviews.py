"""Reviews of the log: which weeks and months wait, what a reviewer is shown of one, and the signature (SEC-07)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.audit.digest import digest
from gateway.audit.reviews import MOST_COUNTED, Pace, Period, Verdict, named, period_of
from gateway.console import log_words
from gateway.console.people import FINDINGS, ROLES
from gateway.console.visit import Visit, visit
from gateway.domain import local_day
from gateway.operators.accounts import findings_of
from gateway.operators.model import Right

router = APIRouter()
Auditor = Annotated[Visit, Depends(visit(Right.AUDIT))]
HERE = "/console/evidence/reviews"
SHOWN = 60
LINES = 50
"""Lines of one sign on the page; the rest is counted."""


class SignForm(BaseModel):
    """What the reviewer concludes."""

    verdict: Verdict
    words: str = Field(max_length=10_000)


@router.get(HERE, name="log_reviews")
async def reviews(auditor: Auditor) -> Response:
    desk = auditor.desk
    today = local_day(desk.services.clock())
    waiting = await desk.reviews.due()
    return auditor.page(
        "evidence/reviews.html",
        waiting=waiting[:SHOWN],
        more=len(waiting[SHOWN:]),
        running=[period_of(pace, today) for pace in Pace],
        done=await desk.reviews.listed(limit=SHOWN),
        today=today,
    )


@router.get(f"{HERE}/{{pace}}/{{name}}", name="log_review")
async def review(auditor: Auditor, pace: Pace, name: str) -> Response:
    desk, period = auditor.desk, named(pace, name)
    auditor.about(f"log_review:{period.name}")
    lines = await desk.reviews.tally(period)
    accounts = await desk.services.late().accounts.all(auditor.tenant)
    return auditor.page(
        "evidence/review.html",
        period=period,
        review=await desk.reviews.find(period),
        is_over=local_day(desk.services.clock()) >= period.after,
        found=digest(lines, pace),
        total=sum(line.count for line in lines),
        is_cut=len(lines) >= MOST_COUNTED,
        most=LINES,
        fresh=[each for each in accounts if period.since <= each.created_at < period.until],
        findings=findings_of(accounts, since=desk.services.clock() - desk.unused),
        kinds=FINDINGS,
        roles=ROLES,
        words=log_words,
    )


@router.post(f"{HERE}/{{pace}}/{{name}}", name="log_review_sign")
async def sign(auditor: Auditor, pace: Pace, name: str, *, form: Annotated[SignForm, Form()]) -> Response:
    period: Period = named(pace, name)
    auditor.about(f"log_review:{period.name}")
    await auditor.desk.reviews.sign(period, verdict=form.verdict, words=form.words, context=auditor.context)
    return auditor.back(HERE, vi=f"Đã ký rà soát kỳ {period.name}.", en=f"The review of {period.name} is signed.")
