"""Under which agreement each system is asked, and what no agreement allows (CON-13, CON-17)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from gateway.agreements.model import Agreement, AgreementState, Terms
from gateway.api import problems
from gateway.api.schemas.agreements import AgreementIn
from gateway.console import given
from gateway.console.visit import Visit, visit
from gateway.domain import local_day
from gateway.operators.model import Right

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Administrator = Annotated[Visit, Depends(visit(Right.ADMINISTER))]
AgreementId = Annotated[int, Path(ge=1, le=2**53)]
Skip = Annotated[int, Query(ge=0, le=100_000)]
HERE = "/console/agreements"
MOST = 100
SOON_DAYS = 90
STATES: dict[AgreementState, tuple[str, str, str]] = {
    AgreementState.COMING: ("chưa có hiệu lực", "not yet in force", "calm"),
    AgreementState.IN_FORCE: ("đang hiệu lực", "in force", "good"),
    AgreementState.SUSPENDED: ("tạm dừng", "suspended", "bad"),
    AgreementState.ENDED: ("đã hết hạn", "ended", "bad"),
}


class TermsForm(BaseModel):
    """What the parties signed; lists have one entry in each line."""

    number: str = Field(max_length=300)
    system: str = Field(max_length=60)
    operations: str = Field(default="", max_length=5000)
    parties: str = Field(max_length=10_000)
    purpose: str = Field(max_length=5000)
    basis: str = Field(max_length=1000)
    fields: str = Field(default="", max_length=20_000)
    since: str = Field(max_length=10)
    until: str = Field(default="", max_length=10)
    contact: str = Field(default="", max_length=1000)
    handling: str = Field(default="", max_length=5000)

    def terms(self) -> Terms:
        """`RequestError` names what is wrong, in both languages."""
        said: dict[str, Any] = self.model_dump()
        for name in ("operations", "parties", "fields"):
            said[name] = lines(said[name])
        for name in ("until", "contact", "handling"):
            said[name] = said[name].strip() or None
        try:
            return AgreementIn.model_validate(said).terms()
        except ValidationError as exc:
            raise problems.of_validation(exc.errors()) from None


class EndForm(BaseModel):
    """`until`: the new last day; nothing: without end."""

    until: given.Day = None
    reason: str = Field(max_length=2000, repr=False)


class ReasonForm(BaseModel):
    """Why."""

    reason: str = Field(max_length=2000, repr=False)


@router.get(HERE, name="agreements")
async def agreements(visitor: Viewer, skip: Skip = 0) -> Response:
    """Those that end first come first."""
    services, tenant = visitor.desk.services, visitor.tenant
    found = await services.agreements.listed(tenant)
    today = local_day(services.clock())
    closed = await services.agreements.closed(tenant)
    return visitor.page(
        "agreements/index.html",
        rows=[(held, state, _left(held, today)) for held, state in found[skip : skip + MOST]],
        following=skip + MOST if len(found) > skip + MOST else 0,
        closed=closed[:MOST],
        waiting=len(await services.late().access_requests.listed(tenant, everything=False)),
        soon=SOON_DAYS,
        **_words(visitor),
    )


@router.get(f"{HERE}/new", name="agreements_new")
async def new(visitor: Administrator) -> Response:
    return visitor.page("agreements/new.html", operations=visitor.desk.admin.operations)


@router.post(HERE, name="agreements_register")
async def register(visitor: Administrator, form: Annotated[TermsForm, Form()]) -> Response:
    made = await visitor.desk.admin.agreements.register(form.terms(), context=visitor.context)
    return _back(visitor, made, vi="Đã khai báo thoả thuận.", en="The agreement is registered.")


@router.get(f"{HERE}/{{agreement_id}}", name="agreements_one")
async def one(visitor: Viewer, agreement_id: AgreementId) -> Response:
    visitor.about(f"agreement:{agreement_id}")
    services = visitor.desk.services
    held = await services.agreements.find(visitor.tenant, agreement_id)
    today = local_day(services.clock())
    return visitor.page(
        "agreements/one.html", held=held, state=held.state(today), left=_left(held, today), **_words(visitor)
    )


@router.post(f"{HERE}/{{agreement_id}}/end", name="agreements_end")
async def set_end(visitor: Administrator, agreement_id: AgreementId, form: Annotated[EndForm, Form()]) -> Response:
    """Renew it or end it."""
    acts = visitor.desk.admin.agreements
    held = await acts.set_end(agreement_id, until=form.until, reason=form.reason, context=visitor.context)
    return _back(visitor, held, vi="Đã đổi ngày hết hạn.", en="Its last day is changed.")


@router.post(f"{HERE}/{{agreement_id}}/suspend", name="agreements_suspend")
async def suspend(visitor: Administrator, agreement_id: AgreementId, form: Annotated[ReasonForm, Form()]) -> Response:
    """At once, in every process."""
    held = await visitor.desk.admin.agreements.suspend(agreement_id, reason=form.reason, context=visitor.context)
    vi = "Đã tạm dừng ngay. Phải báo bên bị tạm dừng trong 1 ngày, nêu lý do và điều kiện mở lại."
    return _back(visitor, held, vi=vi, en="Suspended. Tell the other side within a day, with the cause and the cure.")


@router.post(f"{HERE}/{{agreement_id}}/resume", name="agreements_resume")
async def resume(visitor: Administrator, agreement_id: AgreementId) -> Response:
    held = await visitor.desk.admin.agreements.resume(agreement_id, context=visitor.context)
    return _back(visitor, held, vi="Đã cho khai thác trở lại.", en="It goes on.")


def lines(text: str) -> list[str]:
    """One entry in each; empty ones are none."""
    return [line for each in text.splitlines() if (line := each.strip())]


def _back(visitor: Visit, held: Agreement, *, vi: str, en: str) -> Response:
    visitor.about(f"agreement:{held.id}")
    return visitor.back(f"{HERE}/{held.id}", vi=vi, en=en)


def _left(held: Agreement, today: date) -> int | None:
    """Days until its last day; None: it has none."""
    return None if held.terms.until is None else (held.terms.until - today).days


def _words(visitor: Visit) -> dict[str, Any]:
    return {"states": STATES, "administers": visitor.may(Right.ADMINISTER)}
