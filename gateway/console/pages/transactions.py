"""Search transactions; the course of one, its leaves, and what was exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console import given
from gateway.console.links import linked
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.sdk.errors import NotFoundError
from gateway.transactions import explaining, words
from gateway.transactions.contents import Opened
from gateway.transactions.course import step_of
from gateway.transactions.model import LOOK, Fault, Place, Wanted
from gateway.transactions.sentences import Text
from gateway.transactions.service import Search

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Watcher = Annotated[Visit, Depends(visit(Right.AUDIT, Right.PRIVACY))]
Opener = Annotated[Visit, Depends(visit(Right.UNSEAL))]
Index = Annotated[int, Path(ge=0, le=2**62)]
WORDS = ("system", "operation", "fault", "actor")


class SearchForm(BaseModel):
    """As the address holds it; empty: not asked."""

    code: str = Field(default="", max_length=200)
    since: str = Field(default="", max_length=30)
    until: str = Field(default="", max_length=30)
    system: str = Field(default="", max_length=100)
    operation: str = Field(default="", max_length=100)
    fault: str = Field(default="", pattern="^(|ours|caller|partner_technical|partner_business)$")
    actor: str = Field(default="", max_length=100)
    looks: str = Field(default="", pattern="^(|1)$")
    before: str = Field(default="", max_length=80)


class PersonForm(BaseModel):
    """Sent, never in an address."""

    number: str = Field(min_length=9, max_length=20, repr=False)
    purpose: str = Field(max_length=500, repr=False)
    before: str = Field(default="", pattern="^[0-9]{0,18}$")


class ReasonForm(BaseModel):
    """Why a body is opened."""

    reason: str = Field(max_length=500, repr=False)


@router.get("/console/transactions", name="transactions")
async def transactions(visitor: Viewer, form: Annotated[SearchForm, Query()]) -> Response:
    wanted = Wanted(
        since=given.moment_or_none(form.since, "/since"),
        until=given.moment_or_none(form.until, "/until"),
        equal={name: getattr(form, name).strip() for name in WORDS if getattr(form, name).strip()},
        looks=bool(form.looks) or form.operation.strip().startswith(LOOK),
    )
    search = Search(code=form.code.strip(), wanted=wanted, before=_place(form.before))
    result = await visitor.desk.transactions.search(visitor.tenant, search)
    if result.found.rows:  # what leads nowhere may be anything that was typed
        visitor.about(search.code)
    onward = result.found.onward
    asked = {**form.model_dump(), "before": given.placed(onward.recorded_at, onward.index)} if onward else {}
    return _page(
        visitor,
        "transactions/index.html",
        form=form,
        result=result,
        systems=[("", visitor.t("tất cả", "all")), *((name, name) for name in visitor.desk.targets)],
        faults=[("", visitor.t("tất cả", "all"))]
        + [(fault.value, _said(visitor, words.FAULTS[fault])) for fault in Fault if fault is not Fault.NONE],
        onward=linked("/console/transactions", **asked) if onward else "",
    )


@router.get("/console/transactions/person", name="transactions_person_form")
async def person_form(visitor: Watcher) -> Response:
    return _page(visitor, "transactions/person.html", rows=None, onward=None)


@router.post("/console/transactions/person", name="transactions_of_person")
async def of_person(visitor: Watcher, form: Annotated[PersonForm, Form()]) -> Response:
    """The number is in no address, and not in the page that answers."""
    number = form.number.strip()
    visitor.concerns(number)
    before = int(form.before) if form.before else None
    rows = await visitor.desk.transactions.of_person(
        number, purpose=form.purpose, context=visitor.context, before=before
    )
    return _page(visitor, "transactions/person.html", rows=rows, onward=rows[-1].index if len(rows) >= 50 else None)


@router.get("/console/transactions/leaf/{index}", name="transaction_leaf")
async def leaf(visitor: Viewer, index: Index) -> Response:
    opened = await visitor.desk.contents.open(index)
    return await _leaf(visitor, opened, bodies=visitor.desk.contents.masked(opened), unsealed=False)


@router.post("/console/transactions/leaf/{index}/unseal", name="transaction_unseal")
async def unseal(visitor: Opener, index: Index, form: Annotated[ReasonForm, Form()]) -> Response:
    """Shown once; the page is kept nowhere."""
    bodies = await visitor.desk.contents.unseal(index, reason=form.reason, context=visitor.context)
    return await _leaf(visitor, await visitor.desk.contents.open(index), bodies=bodies, unsealed=True)


@router.get("/console/transactions/about/{reference:path}", name="transactions_about")
async def about(visitor: Viewer, reference: Annotated[str, Path(max_length=200)]) -> Response:
    """Everything about a dossier, a payment or another reference, over all traces."""
    try:
        course = await visitor.desk.courses.about(visitor.tenant, reference)
    except NotFoundError:  # other pages lead here before anything was done about it
        return _page(visitor, "transactions/nothing.html", reference=reference)
    visitor.about(reference)
    return _page(visitor, "transactions/course.html", course=course, reference=reference, trace_id="")


@router.get("/console/transactions/{trace_id}", name="transaction")
async def transaction(visitor: Viewer, trace_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]) -> Response:
    course = await visitor.desk.courses.of_trace(visitor.tenant, trace_id)
    for reference in course.references[:1]:
        visitor.about(reference)
    return _page(visitor, "transactions/course.html", course=course, reference="", trace_id=trace_id)


async def _leaf(visitor: Visit, opened: Opened, *, bodies: Any, unsealed: bool) -> Response:
    step = step_of(opened.row)
    visitor.about(step.row.reference)
    return _page(
        visitor,
        "transactions/leaf.html",
        step=step,
        told=opened.said,
        bodies=bodies,
        unsealed=unsealed,
        explained=await _explained(visitor, opened),
    )


async def _explained(visitor: Visit, opened: Opened) -> list[explaining.Explained]:
    """None where the system is not configured any more, or nothing was translated."""
    said, system = opened.said, visitor.desk.systems.get(opened.said.system)
    if system is None or not opened.contents:
        return []
    exchange = explaining.Exchange(
        operation=said.operation,
        call_id=str(said.facts.get("call_id", "")),
        at=said.occurred_at,
        http_status=_number(said.facts, "http_status", default=200),
        version=_number(said.facts, "mapping_version"),
        bodies=opened.contents,
        asked=await visitor.desk.contents.asked(said.trace_id),
    )
    return explaining.explain(system, exchange)


def _number(facts: Mapping[str, Any], name: str, *, default: int = 0) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) else default


def _page(visitor: Visit, template: str, **facts: Any) -> Response:
    return visitor.page(template, words=words, say=lambda text: _said(visitor, text), **facts)


def _said(visitor: Visit, text: Text) -> str:
    return visitor.t(text.vi, text.en)


def _place(text: str) -> Place | None:
    found = given.place(text)
    if found is None or not found[1].isdecimal() or len(found[1]) > 18:
        return None
    return Place(found[0], int(found[1]))
