"""What must not be erased, and what is erased by hand: holds and erasures, with four eyes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.approvals.model import Approval, ApprovalState
from gateway.audit.subject import subject_digest
from gateway.console import approving, given
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.retention.model import Scope
from gateway.sdk.errors import UnprocessableError

router = APIRouter()
Officer = Annotated[Visit, Depends(visit(Right.PRIVACY))]
HoldId = Annotated[int, Path(ge=1, le=2**53)]
HERE = "/console/privacy/holds"
PAGE = 100
ALIVE = {ApprovalState.ASKED, ApprovalState.ALLOWED}
ASKED = ("Đã gửi đề nghị phê duyệt.", "The approval was asked for.")


class HoldForm(BaseModel):
    """Exactly one of a reference, a range of rows and a person."""

    reference: str = Field(default="", max_length=200)
    first: str = Field(default="", pattern=r"^\s*[0-9]{0,16}\s*$")
    last: str = Field(default="", pattern=r"^\s*[0-9]{0,16}\s*$")
    personal_id: str = Field(default="", max_length=40, repr=False)
    reason: str = Field(max_length=10_000)

    def scope(self, officer: Visit) -> Scope:
        number = given.person(self.personal_id) if self.personal_id.strip() else ""
        digester = officer.desk.services.digester
        if number:
            officer.concerns(number)
        return Scope(
            reference=given.reference(self.reference),
            first=int(self.first) if self.first.strip() else None,
            last=int(self.last) if self.last.strip() else None,
            subject=subject_digest(number, digester, tenant=officer.tenant) if number else b"",
        )


class ActForm(BaseModel):
    """`act`: ask for the approval, or do it."""

    act: str = Field(pattern="^(ask|do)$")
    reason: str = Field(max_length=10_000)


class EraseForm(ActForm):
    """The contents of one dossier, payment or call."""

    reference: str = Field(min_length=1, max_length=200)


@router.get(HERE, name="holds")
async def holds(
    officer: Officer,
    show: Annotated[str, Query(pattern="^(open|all)$")] = "open",
    start: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    """Oldest first. Holds are few: a page of them is cut out of all."""
    found = await officer.desk.retention.holds(officer.tenant, everything=show == "all")
    lifting = {each.parameters.get("hold"): each for each in await _alive(officer, "lift_hold")}
    return officer.page(
        "privacy/holds.html",
        holds=found[start : start + PAGE],
        show=show,
        onward=f"{HERE}?show={show}&start={start + PAGE}" if len(found) > start + PAGE else "",
        lifting=lifting,
        erasing=await _alive(officer, "erase_bodies"),
        states=approving.STATES,
    )


@router.post(HERE, name="hold_place")
async def place(officer: Officer, form: Annotated[HoldForm, Form()]) -> Response:
    hold = await officer.desk.retention.hold(form.scope(officer), reason=form.reason, by=officer.operator)
    officer.about(f"hold:{hold.id}")
    return officer.back(HERE, vi=f"Đã đặt lệnh giữ số {hold.id}.", en=f"Hold {hold.id} is placed.")


@router.post(f"{HERE}/{{hold_id:int}}/lift", name="hold_lift")
async def lift(officer: Officer, hold_id: HoldId, form: Annotated[ActForm, Form()]) -> Response:
    officer.about(f"hold:{hold_id}")
    if form.act == "ask":
        parameters = {"hold": hold_id}
        await officer.desk.services.late().approvals.ask(
            "lift_hold", parameters, reason=form.reason, by=officer.operator
        )
        return officer.back(HERE, vi=ASKED[0], en=ASKED[1])
    _check_written(form.reason)
    with approving.told_plainly():
        await officer.desk.retention.lift(hold_id, reason=form.reason, by=officer.operator)
    return officer.back(HERE, vi=f"Đã gỡ lệnh giữ số {hold_id}.", en=f"Hold {hold_id} is lifted.")


@router.post(f"{HERE}/erasure", name="bodies_erase")
async def erase(officer: Officer, form: Annotated[EraseForm, Form()]) -> Response:
    """What a hold covers stays; how much was erased is told, and is a leaf."""
    reference = given.reference(form.reference)
    officer.about(reference)
    _check_written(reference, form.reason)
    if form.act == "ask":
        parameters = {"reference": reference}
        await officer.desk.services.late().approvals.ask(
            "erase_bodies", parameters, reason=form.reason, by=officer.operator
        )
        return officer.back(HERE, vi=ASKED[0], en=ASKED[1])
    with approving.told_plainly():
        done = await officer.desk.retention.erase(reference, reason=form.reason, by=officer.operator)
    return officer.back(
        HERE,
        vi=f"Đã xoá {done.bodies} nội dung của {done.rows} dòng.",
        en=f"{done.bodies} contents of {done.rows} rows are erased.",
    )


async def _alive(officer: Visit, act: str) -> list[Approval]:
    return [each for each in await approving.mine(officer, act) if each.state in ALIVE]


def _check_written(*texts: str) -> None:
    """Before an approval is spent on it."""
    if not all(text.strip() for text in texts):
        raise UnprocessableError("Say why.", vi="Phải ghi lý do.", what="reason_missing")
