"""`/v1/admin/privacy`: who looked somebody up, what persons ask for, breaches. For the officer of data protection."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from gateway.api.openapi import problems
from gateway.api.schemas.access_reports import AccessReportIn, AccessReportOut
from gateway.api.schemas.breaches import BreachEndIn, BreachesOut, BreachIn, BreachNoticeIn, BreachOut
from gateway.api.schemas.data_requests import DataRequestIn, DataRequestOut, DataRequestsOut, PersonOut, StepIn
from gateway.api.staff import Staff, staff
from gateway.operators.model import Right

router = APIRouter(tags=["privacy — bảo vệ dữ liệu cá nhân"], responses=problems())
Officer = Annotated[Staff, Depends(staff(Right.PRIVACY))]
RequestId = Annotated[int, Path(ge=1, le=2**53, description="Number of the request — Số yêu cầu", examples=["7"])]
BreachId = Annotated[int, Path(ge=1, le=2**53, description="Number of the breach — Số vi phạm", examples=["4"])]
Everything = Annotated[bool, Query(alias="all", description="Ended ones, too — Cả những việc đã kết thúc")]
MOST = 1000
PRIVACY = "/v1/admin/privacy"


@router.post(f"{PRIVACY}/access-reports", operation_id="make_access_report", summary="Who looked a person up")
async def make_access_report(body: AccessReportIn, officer: Officer) -> AccessReportOut:
    """Ai đã tra cứu tôi. Complete from the day on which the log is indexed by person; that it was made is a leaf."""
    officer.about_typed("", body.reference)
    privacy = officer.late.privacy
    report = await privacy.reports.make(body.personal_id, reference=body.reference, context=officer.context)
    return AccessReportOut.of(report, contact=privacy.settings.contact, printable=body.printable)


@router.post(f"{PRIVACY}/requests", operation_id="receive_data_request", summary="Take a request in", status_code=201)
async def receive_data_request(body: DataRequestIn, officer: Officer) -> DataRequestOut:
    """Tiếp nhận yêu cầu của chủ thể dữ liệu: answered in 2 working days, carried out in 15 days, or 20."""
    made = await officer.late.privacy.requests.receive(
        body.kind,
        body.person(),
        by=officer.operator.actor,
        tenant=officer.operator.tenant,
        third_party=body.third_party,
    )
    officer.about(made.reference)
    return DataRequestOut.of(made)


@router.get(f"{PRIVACY}/requests", operation_id="list_data_requests", summary="Requests of persons")
async def list_data_requests(officer: Officer, everything: Everything = False) -> DataRequestsOut:
    """Các yêu cầu, theo hạn."""
    found = await officer.late.privacy.requests.listed(officer.operator.tenant, everything=everything, limit=MOST)
    return DataRequestsOut.of(found)


@router.get(
    f"{PRIVACY}/requests/{{request_id}}",
    operation_id="get_data_request",
    summary="A request of a person",
    responses=problems(404),
)
async def get_data_request(request_id: RequestId, officer: Officer) -> DataRequestOut:
    """Một yêu cầu; who asks is told apart."""
    found = await officer.late.privacy.requests.find(officer.operator.tenant, request_id)
    officer.about(found.reference)
    return DataRequestOut.of(found)


@router.get(
    f"{PRIVACY}/requests/{{request_id}}/person",
    operation_id="get_data_subject",
    summary="Who asks",
    responses=problems(404),
)
async def get_data_subject(request_id: RequestId, officer: Officer) -> PersonOut:
    """Người yêu cầu và nội dung yêu cầu."""
    officer.about(f"data_request:{request_id}")
    return PersonOut.of(await officer.late.privacy.requests.person(officer.operator.tenant, request_id))


@router.post(
    f"{PRIVACY}/requests/{{request_id}}/answer",
    operation_id="answer_data_request",
    summary="Say that the person was answered",
    responses=problems(404, 409),
)
async def answer_data_request(request_id: RequestId, body: StepIn, officer: Officer) -> DataRequestOut:
    """Đã trả lời cho người yêu cầu."""
    return DataRequestOut.of(await officer.late.privacy.requests.answer(**_step(officer, request_id, body)))


@router.post(
    f"{PRIVACY}/requests/{{request_id}}/extension",
    operation_id="extend_data_request",
    summary="Extend, once",
    responses=problems(404, 409),
)
async def extend_data_request(request_id: RequestId, body: StepIn, officer: Officer) -> DataRequestOut:
    """Gia hạn một lần, có lý do."""
    return DataRequestOut.of(await officer.late.privacy.requests.extend(**_step(officer, request_id, body)))


@router.post(
    f"{PRIVACY}/requests/{{request_id}}/completion",
    operation_id="finish_data_request",
    summary="Carried out",
    responses=problems(404, 409),
)
async def finish_data_request(request_id: RequestId, body: StepIn, officer: Officer) -> DataRequestOut:
    """Đã thực hiện. An erasure erases here, with another operator's approval; what a legal hold or
    a law keeps makes it a refusal with its reason."""
    step = {**_step(officer, request_id, body), "by": officer.operator}
    return DataRequestOut.of(await officer.late.privacy.requests.finish(**step))


@router.post(
    f"{PRIVACY}/requests/{{request_id}}/refusal",
    operation_id="refuse_data_request",
    summary="Refuse, with the reason",
    responses=problems(404, 409),
)
async def refuse_data_request(request_id: RequestId, body: StepIn, officer: Officer) -> DataRequestOut:
    """Từ chối, nêu căn cứ."""
    return DataRequestOut.of(await officer.late.privacy.requests.refuse(**_step(officer, request_id, body)))


@router.post(f"{PRIVACY}/breaches", operation_id="open_breach", summary="Enter a breach", status_code=201)
async def open_breach(body: BreachIn, officer: Officer) -> BreachOut:
    """Ghi sổ vi phạm; 72 giờ tính từ điểm được nêu."""
    operator = officer.operator
    made = await officer.late.privacy.breaches.open(body.opening(), by=operator.actor, tenant=operator.tenant)
    officer.about(made.reference)
    return BreachOut.of(made, now=officer.services.clock())


@router.get(f"{PRIVACY}/breaches", operation_id="list_breaches", summary="Breaches")
async def list_breaches(officer: Officer, everything: Everything = False) -> BreachesOut:
    """Sổ vi phạm, theo hạn."""
    now = officer.services.clock()
    found = await officer.late.privacy.breaches.listed(officer.operator.tenant, everything=everything)
    return BreachesOut(breaches=[BreachOut.of(breach, now=now) for breach in found])


@router.post(
    f"{PRIVACY}/breaches/{{breach_id}}/notice",
    operation_id="notify_breach",
    summary="Say that it was notified",
    responses=problems(404, 409),
)
async def notify_breach(breach_id: BreachId, body: BreachNoticeIn, officer: Officer) -> BreachOut:
    """Đã thông báo; muộn thì phải nêu lý do."""
    officer.about(f"breach:{breach_id}")
    operator = officer.operator
    done = await officer.late.privacy.breaches.notify(
        operator.tenant, breach_id, by=operator.actor, late_reason=body.late_reason or ""
    )
    return BreachOut.of(done, now=officer.services.clock())


@router.post(
    f"{PRIVACY}/breaches/{{breach_id}}/closure",
    operation_id="close_breach",
    summary="Close a breach",
    responses=problems(404, 409),
)
async def close_breach(breach_id: BreachId, body: BreachEndIn, officer: Officer) -> BreachOut:
    """Kết thúc xử lý."""
    officer.about(f"breach:{breach_id}")
    operator = officer.operator
    done = await officer.late.privacy.breaches.close(
        operator.tenant, breach_id, by=operator.actor, measures=body.measures
    )
    return BreachOut.of(done, now=officer.services.clock())


def _step(officer: Staff, request_id: int, body: StepIn) -> dict[str, Any]:
    officer.about(f"data_request:{request_id}")
    operator = officer.operator
    return {"tenant": operator.tenant, "request_id": request_id, "by": operator.actor, "reason": body.reason}
