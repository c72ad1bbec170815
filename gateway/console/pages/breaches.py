"""The register of breaches, its 72 hours, and the pack for the authorities."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.approvals.model import ApprovalState
from gateway.console import approving, given
from gateway.console.pages.packages import download
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.privacy.model import Opening, StartPoint
from gateway.privacy.pack import ACT, Scope
from gateway.privacy.words import STARTS

router = APIRouter()
Officer = Annotated[Visit, Depends(visit(Right.PRIVACY))]
BreachId = Annotated[int, Path(ge=1, le=2**53)]
HERE = "/console/privacy/breaches"
PAGE = 100
PACKS_SHOWN = 20


class OpenForm(BaseModel):
    """A breach as it is first known. Times are Vietnam's."""

    since: str = Field(max_length=40)
    until: str = Field(max_length=40)
    discovered: str = Field(max_length=40)
    counts_from: StartPoint
    words: str = Field(min_length=1, max_length=10_000)

    def opening(self) -> Opening:
        return Opening(
            from_at=given.moment(self.since, "/since"),
            to_at=given.moment(self.until, "/until"),
            discovered_at=given.moment(self.discovered, "/discovered"),
            counts_from=self.counts_from,
            words=self.words.strip(),
        )


class PackForm(BaseModel):
    """Which leaves the pack looks at. `act`: ask for the approval, or make it."""

    act: str = Field(pattern="^(ask|make)$")
    since: str = Field(max_length=40)
    until: str = Field(max_length=40)
    client: str = Field(default="", max_length=100)
    officer: str = Field(default="", max_length=100)
    system: str = Field(default="", max_length=100)
    operation: str = Field(default="", max_length=100)
    reason: str = Field(default="", max_length=2000)

    def scope(self) -> Scope:
        only = {name: given.reference(getattr(self, name), f"/{name}") for name in ONLY}
        return Scope(from_at=given.moment(self.since, "/since"), to_at=given.moment(self.until, "/until"), **only)


ONLY = {
    "client": ("Chỉ hệ thống gọi", "Only this client"),
    "officer": ("Chỉ cán bộ", "Only this officer"),
    "system": ("Chỉ hệ thống quốc gia", "Only this national system"),
    "operation": ("Chỉ nghiệp vụ", "Only this operation"),
}
"""By what a pack may be narrowed, and how the page calls it."""


@router.get(HERE, name="breaches")
async def breaches(
    officer: Officer,
    show: Annotated[str, Query(pattern="^(open|all)$")] = "open",
    start: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    """Soonest due first. The register is short: a page of it is cut out of the whole."""
    found = await officer.desk.services.late().privacy.breaches.listed(officer.tenant, everything=show == "all")
    onward = f"{HERE}?show={show}&start={start + PAGE}" if len(found) > start + PAGE else ""
    shown = found[start : start + PAGE]
    return officer.page("privacy/breaches.html", breaches=shown, show=show, onward=onward, starts=STARTS)


@router.post(HERE, name="breach_open")
async def open_breach(officer: Officer, form: Annotated[OpenForm, Form()]) -> Response:
    made = await officer.desk.privacy_acts.open_breach(form.opening(), by=officer.operator)
    officer.about(made.reference)
    return officer.back(f"{HERE}/{made.id}", vi="Đã ghi vào sổ vi phạm.", en="The breach is in the register.")


@router.get(f"{HERE}/{{breach_id:int}}", name="breach")
async def breach(officer: Officer, breach_id: BreachId) -> Response:
    found = await officer.desk.services.late().privacy.breaches.find(officer.tenant, breach_id)
    officer.about(found.reference)
    packs = await approving.mine(officer, ACT)
    return officer.page(
        "privacy/breach.html",
        breach=found,
        packs=[each for each in packs if each.state is not ApprovalState.USED][:PACKS_SHOWN],
        states=approving.STATES,
        starts=STARTS,
        only=tuple(ONLY),
        filters=ONLY,
        moment_of=given.moment,
        local=given.local,
    )


@router.post(f"{HERE}/{{breach_id:int}}/notice", name="breach_notify")
async def notify(
    officer: Officer, breach_id: BreachId, late_reason: Annotated[str, Form(max_length=10_000)] = ""
) -> Response:
    officer.about(f"breach:{breach_id}")
    await officer.desk.privacy_acts.notify_breach(breach_id, late_reason=late_reason.strip(), by=officer.operator)
    return officer.back(f"{HERE}/{breach_id}", vi="Đã ghi: đã thông báo.", en="Noted: it was notified.")


@router.post(f"{HERE}/{{breach_id:int}}/closure", name="breach_close")
async def close(officer: Officer, breach_id: BreachId, measures: Annotated[str, Form(max_length=10_000)]) -> Response:
    officer.about(f"breach:{breach_id}")
    await officer.desk.privacy_acts.close_breach(breach_id, measures=measures.strip(), by=officer.operator)
    return officer.back(f"{HERE}/{breach_id}", vi="Đã kết thúc xử lý.", en="It is closed.")


@router.post(f"{HERE}/{{breach_id:int}}/pack", name="breach_pack")
async def pack(officer: Officer, breach_id: BreachId, form: Annotated[PackForm, Form()]) -> Response:
    """The file, once another operator has allowed exactly this scope."""
    officer.about(f"breach:{breach_id}")
    scope = form.scope()
    if form.act == "ask":
        await officer.desk.services.late().approvals.ask(ACT, scope.parameters, reason=form.reason, by=officer.operator)
        return officer.back(f"{HERE}/{breach_id}", vi="Đã gửi đề nghị phê duyệt.", en="The approval was asked for.")
    with approving.told_plainly():
        made = await officer.desk.privacy_acts.pack(scope, breach_id=breach_id, by=officer.operator)
    return download(made, f"ho-so-vi-pham-{breach_id}.zip")
