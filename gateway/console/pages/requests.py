"""What persons ask for about their data: taken in, answered, extended, carried out, refused, each within its time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console import approving, given
from gateway.console.links import linked
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.privacy.acts import Step
from gateway.privacy.erasing import ACT
from gateway.privacy.model import Person, Place, RequestKind, RequestState
from gateway.privacy.words import KINDS, STATES

router = APIRouter()
Officer = Annotated[Visit, Depends(visit(Right.PRIVACY))]
RequestId = Annotated[int, Path(ge=1, le=2**53)]
HERE = "/console/privacy/requests"
PAGE = 100
ENGLISH = {
    RequestKind.ACCESS: "See the data",
    RequestKind.CORRECT: "Correct it",
    RequestKind.ERASE: "Erase it",
    RequestKind.RESTRICT: "Restrict processing",
    RequestKind.OBJECT: "Object to processing",
    RequestKind.WITHDRAW: "Withdraw consent",
    RequestState.RECEIVED: "received",
    RequestState.ANSWERED: "answered, being carried out",
    RequestState.DONE: "carried out",
    RequestState.REFUSED: "refused, with the reason",
}
TOLD = {
    Step.ANSWER: ("Đã ghi: đã trả lời.", "Noted: answered."),
    Step.EXTEND: ("Đã gia hạn.", "Extended."),
    Step.FINISH: ("Đã ghi kết quả thực hiện.", "What came of it is noted."),
    Step.REFUSE: ("Đã ghi: từ chối.", "Noted: refused."),
}


class ReceiveForm(BaseModel):
    """A request as the person makes it."""

    kind: RequestKind
    personal_id: str = Field(max_length=40, repr=False)
    full_name: str = Field(default="", max_length=200, repr=False)
    contact: str = Field(default="", max_length=300, repr=False)
    words: str = Field(min_length=1, max_length=10_000, repr=False)
    third_party: str = Field(default="", pattern="^(yes)?$")


class StepForm(BaseModel):
    """What was done, or why."""

    step: Step
    reason: str = Field(max_length=10_000)


@router.get(HERE, name="data_requests")
async def requests(
    officer: Officer,
    show: Annotated[str, Query(pattern="^(open|all)$")] = "open",
    after: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Soonest due first."""
    listed = await officer.desk.services.late().privacy.requests.listed(
        officer.tenant, everything=show == "all", limit=PAGE + 1, after=_place(after)
    )
    last = listed[PAGE - 1] if len(listed) > PAGE else None
    onward = linked(HERE, show=show, after=given.placed(last.done_due, last.id)) if last else ""
    return officer.page(
        "privacy/requests.html",
        requests=listed[:PAGE],
        show=show,
        onward=onward,
        kinds=KINDS,
        states=STATES,
        english=ENGLISH,
    )


@router.post(HERE, name="data_request_receive")
async def receive(officer: Officer, form: Annotated[ReceiveForm, Form()]) -> Response:
    person = Person(
        number=given.person(form.personal_id),
        name=form.full_name.strip(),
        contact=form.contact.strip(),
        words=form.words.strip(),
    )
    officer.concerns(person.number)
    made = await officer.desk.privacy_acts.receive(
        form.kind, person, third_party=form.third_party == "yes", by=officer.operator
    )
    officer.about(made.reference)
    return officer.back(f"{HERE}/{made.id}", vi="Đã tiếp nhận yêu cầu.", en="The request was received.")


@router.get(f"{HERE}/{{request_id:int}}", name="data_request")
async def request(officer: Officer, request_id: RequestId) -> Response:
    return await _page(officer, request_id)


@router.post(f"{HERE}/{{request_id:int}}/person", name="data_request_person")
async def person(officer: Officer, request_id: RequestId) -> Response:
    """Who asks; that it was looked at is a leaf about them."""
    asks = await officer.desk.privacy_acts.person(request_id, by=officer.operator)
    officer.concerns(asks.number)
    return await _page(officer, request_id, person=asks)


@router.post(f"{HERE}/{{request_id:int}}/step", name="data_request_step")
async def step(officer: Officer, request_id: RequestId, form: Annotated[StepForm, Form()]) -> Response:
    officer.about(f"data_request:{request_id}")
    with approving.told_plainly():
        await officer.desk.privacy_acts.take(form.step, request_id, reason=form.reason, by=officer.operator)
    vi, en = TOLD[form.step]
    return officer.back(f"{HERE}/{request_id}", vi=vi, en=en)


@router.post(f"{HERE}/{{request_id:int}}/approval", name="data_request_ask")
async def ask(officer: Officer, request_id: RequestId, reason: Annotated[str, Form(max_length=2000)]) -> Response:
    """To erase takes another operator."""
    found = await officer.desk.services.late().privacy.requests.find(officer.tenant, request_id)
    officer.about(found.reference)
    parameters = {"reference": found.reference}
    await officer.desk.services.late().approvals.ask(ACT, parameters, reason=reason, by=officer.operator)
    return officer.back(f"{HERE}/{request_id}", vi="Đã gửi đề nghị phê duyệt.", en="The approval was asked for.")


async def _page(officer: Visit, request_id: int, *, person: Person | None = None) -> Response:
    found = await officer.desk.services.late().privacy.requests.find(officer.tenant, request_id)
    officer.about(found.reference)
    erases = found.kind is RequestKind.ERASE and found.is_open
    return officer.page(
        "privacy/request.html",
        request=found,
        person=person,
        erases=erases,
        approval=await approving.standing(officer, ACT, {"reference": found.reference}) if erases else None,
        approvals=approving.STATES,
        kinds=KINDS,
        states=STATES,
        english=ENGLISH,
    )


def _place(after: str) -> Place | None:
    found = given.place(after)
    if found is None or not found[1].isdecimal() or len(found[1]) > 16:
        return None
    return Place(due=found[0], id=int(found[1]))
