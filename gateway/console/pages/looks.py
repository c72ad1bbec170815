"""Who looked a person up: asked for with the number, which is sent by POST alone, told on the page or as a document."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console import given, log_words
from gateway.console.pages.packages import download
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.privacy.looks_page import document, paper

router = APIRouter()
Officer = Annotated[Visit, Depends(visit(Right.PRIVACY))]
HERE = "/console/privacy/looks"


class LooksForm(BaseModel):
    """Whose look-ups, and the request of the person that this answers. `form`: on the page, to print, for programs."""

    personal_id: str = Field(max_length=40, repr=False)
    reference: str = Field(max_length=100)
    form: str = Field(default="page", pattern="^(page|print|json)$")


@router.get(HERE, name="looks")
async def looks(officer: Officer, request: Annotated[int | None, Query(ge=1, le=2**53)] = None) -> Response:
    return officer.page("privacy/looks.html", reference=f"data_request:{request}" if request else "", report=None)


@router.post(HERE, name="looks_report")
async def report(officer: Officer, form: Annotated[LooksForm, Form()]) -> Response:
    """Every report is a leaf about the same person, whatever it is shown as."""
    number, privacy = given.person(form.personal_id), officer.desk.services.late().privacy
    officer.concerns(number)
    made = await privacy.reports.make(number, reference=form.reference.strip(), context=officer.context)
    officer.about(made.reference)
    if form.form == "print":
        page = paper(made, contact=privacy.settings.contact).html().encode()
        return download(page, "ai-da-tra-cuu.html", "text/html; charset=utf-8")
    if form.form == "json":
        return download(orjson.dumps(document(made)), "ai-da-tra-cuu.json", "application/json")
    return officer.page(
        "privacy/looks.html",
        reference=made.reference,
        report=made,
        words=log_words,
    )
