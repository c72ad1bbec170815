"""Requests of others to be connected, answered in five working days (CON-12)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from gateway.agreements.model import AccessState, Decision, Wanted
from gateway.api import problems
from gateway.api.schemas.agreements import AccessRequestIn
from gateway.console import given
from gateway.console.pages.agreements import lines
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Administrator = Annotated[Visit, Depends(visit(Right.ADMINISTER))]
RequestId = Annotated[int, Path(ge=1, le=2**53)]
HERE = "/console/access-requests"
MOST = 100
STATES: dict[AccessState, tuple[str, str, str]] = {
    AccessState.RECEIVED: ("đang chờ", "waiting", "late"),
    AccessState.GRANTED: ("chấp thuận", "granted", "good"),
    AccessState.REFUSED: ("từ chối", "refused", "bad"),
}


class WantedForm(BaseModel):
    """What must be stated; `items` has one field in each line. `received_at`: in Vietnam's time; nothing: now."""

    agency_id: str = Field(max_length=35)
    application: str = Field(max_length=60)
    purpose: str = Field(max_length=5000)
    items: str = Field(max_length=20_500)
    service: str = Field(max_length=60)
    frequency: str = Field(max_length=1000)
    client: str = Field(default="", max_length=60)
    received_at: str = Field(default="", max_length=30)

    def wanted(self) -> Wanted:
        """`RequestError` names what is wrong, in both languages."""
        said: dict[str, Any] = self.model_dump(exclude={"received_at"})
        said |= {"items": lines(self.items), "client": self.client.strip() or None}
        try:
            return AccessRequestIn.model_validate(said).wanted()
        except ValidationError as exc:
            raise problems.of_validation(exc.errors()) from None


class DecisionForm(BaseModel):
    """`agreement`: the number that a grant names."""

    state: Literal["granted", "refused"]
    reason: str = Field(max_length=2000, repr=False)
    agreement: str = Field(default="", max_length=16, pattern=r"^[0-9]*$")


@router.get(HERE, name="access_requests")
async def access_requests(
    visitor: Viewer,
    everything: Annotated[bool, Query(alias="all")] = False,
    skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Response:
    """By the time at which they are due."""
    found = await visitor.desk.services.late().access_requests.listed(visitor.tenant, everything=everything)
    return visitor.page(
        "agreements/requests.html",
        requests=found[skip : skip + MOST],
        following=skip + MOST if len(found) > skip + MOST else 0,
        everything=everything,
        states=STATES,
        administers=visitor.may(Right.ADMINISTER),
    )


@router.get(f"{HERE}/new", name="access_requests_new")
async def new(visitor: Administrator) -> Response:
    return visitor.page("agreements/request_new.html")


@router.post(HERE, name="access_requests_receive")
async def receive(visitor: Administrator, form: Annotated[WantedForm, Form()]) -> Response:
    """The clock runs from the moment at which it came."""
    came = given.moment_or_none(form.received_at, "/received_at")
    made = await visitor.desk.admin.agreements.receive(form.wanted(), received_at=came, context=visitor.context)
    visitor.about(f"access_request:{made.id}")
    return visitor.back(f"{HERE}/{made.id}", vi="Đã tiếp nhận đề nghị.", en="The request is taken in.")


@router.get(f"{HERE}/{{request_id}}", name="access_requests_one")
async def one(visitor: Viewer, request_id: RequestId) -> Response:
    visitor.about(f"access_request:{request_id}")
    services = visitor.desk.services
    return visitor.page(
        "agreements/request.html",
        request=await services.late().access_requests.find(visitor.tenant, request_id),
        agreements=[held for held, _ in await services.agreements.listed(visitor.tenant)][:MOST],
        states=STATES,
        administers=visitor.may(Right.ADMINISTER),
    )


@router.post(f"{HERE}/{{request_id}}/decision", name="access_requests_decide")
async def decide(visitor: Administrator, request_id: RequestId, form: Annotated[DecisionForm, Form()]) -> Response:
    """A grant names its agreement; the key is made afterwards."""
    visitor.about(f"access_request:{request_id}")
    decision = Decision(
        state=AccessState(form.state),
        by=visitor.operator.actor,
        reason=form.reason,
        at=visitor.desk.services.clock(),
        agreement=int(form.agreement) if form.agreement and form.state == "granted" else None,
    )
    await visitor.desk.admin.agreements.decide(request_id, decision, context=visitor.context)
    if decision.state is AccessState.GRANTED:
        vi = "Đã chấp thuận; bước tiếp theo: tạo khoá ở trang Hệ thống gọi."
        return visitor.back(f"{HERE}/{request_id}", vi=vi, en="Granted; next: make its key, at Clients.")
    return visitor.back(f"{HERE}/{request_id}", vi="Đã từ chối.", en="Refused.")
