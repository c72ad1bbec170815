"""`/v1/admin/agreements` and `/v1/admin/access-requests`: under which agreement each system is asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from gateway.agreements.model import Agreement, Decision
from gateway.api.openapi import problems
from gateway.api.schemas.agreements import (
    AccessDecisionIn,
    AccessRequestIn,
    AccessRequestOut,
    AccessRequestsOut,
    AgreementEndIn,
    AgreementIn,
    AgreementOut,
    AgreementsOut,
    SuspensionIn,
)
from gateway.api.staff import Staff, staff
from gateway.domain import local_day
from gateway.operators.model import Right

router = APIRouter(tags=["agreements — thoả thuận chia sẻ dữ liệu"], responses=problems())
Administrator = Annotated[Staff, Depends(staff(Right.ADMINISTER))]
Looker = Annotated[Staff, Depends(staff(Right.LOOK))]
AgreementId = Annotated[int, Path(ge=1, le=2**53, description="Number — Số thứ tự thoả thuận", examples=["1"])]
AccessId = Annotated[int, Path(ge=1, le=2**53, description="Number — Số đề nghị", examples=["3"])]
Everything = Annotated[bool, Query(alias="all", description="Decided ones, too — Cả đề nghị đã trả lời")]


@router.post(
    "/v1/admin/agreements",
    operation_id="register_agreement",
    summary="Register an agreement",
    status_code=201,
    responses=problems(409),
)
async def register_agreement(body: AgreementIn, staff: Administrator) -> AgreementOut:
    """Khai báo thoả thuận chia sẻ dữ liệu đã ký."""
    staff.about_typed("agreement:", body.number)
    made = await staff.services.agreements.register(body.terms(), by=staff.operator.actor, context=staff.context)
    return _told(staff, made)


@router.get("/v1/admin/agreements", operation_id="list_agreements", summary="Agreements")
async def list_agreements(staff: Looker) -> AgreementsOut:
    """Các thoả thuận; sắp hết hạn đứng trước."""
    found = await staff.services.agreements.listed(staff.operator.tenant)
    return AgreementsOut(agreements=[AgreementOut.of(held, on=_today(staff)) for held, _ in found])


@router.get(
    "/v1/admin/agreements/{agreement_id}",
    operation_id="get_agreement",
    summary="An agreement",
    responses=problems(404),
)
async def get_agreement(agreement_id: AgreementId, staff: Looker) -> AgreementOut:
    """Một thoả thuận."""
    return _told(staff, await staff.services.agreements.find(staff.operator.tenant, agreement_id))


@router.post(
    "/v1/admin/agreements/{agreement_id}/end",
    operation_id="set_agreement_end",
    summary="Renew or end it",
    responses=problems(404),
)
async def set_agreement_end(agreement_id: AgreementId, body: AgreementEndIn, staff: Administrator) -> AgreementOut:
    """Gia hạn hoặc chấm dứt. What waited for a renewal goes by itself."""
    until = date.fromisoformat(body.until) if body.until else None
    done = await staff.services.agreements.set_end(staff.operator.tenant, agreement_id, until=until, reason=body.reason)
    return _told(staff, done)


@router.post(
    "/v1/admin/agreements/{agreement_id}/suspension",
    operation_id="suspend_agreement",
    summary="Suspend it at once",
    responses=problems(404, 409),
)
async def suspend_agreement(agreement_id: AgreementId, body: SuspensionIn, staff: Administrator) -> AgreementOut:
    """Tạm dừng ngay; bên bị tạm dừng phải được báo trong 1 ngày (NĐ 47/2020 Điều 43.5)."""
    done = await staff.services.agreements.suspend(
        staff.operator.tenant, agreement_id, by=staff.operator.actor, reason=body.reason
    )
    return _told(staff, done)


@router.post(
    "/v1/admin/agreements/{agreement_id}/resumption",
    operation_id="resume_agreement",
    summary="Let it go on",
    responses=problems(404, 409),
)
async def resume_agreement(agreement_id: AgreementId, staff: Administrator) -> AgreementOut:
    """Cho khai thác trở lại."""
    return _told(staff, await staff.services.agreements.resume(staff.operator.tenant, agreement_id))


@router.post(
    "/v1/admin/access-requests",
    operation_id="receive_access_request",
    summary="Take a request to be connected in",
    status_code=201,
)
async def receive_access_request(body: AccessRequestIn, staff: Administrator) -> AccessRequestOut:
    """Tiếp nhận đề nghị kết nối, khai thác: trả lời trong 5 ngày làm việc (NĐ 47/2020 Điều 35.3)."""
    came = datetime.fromisoformat(body.received_at) if body.received_at else None
    operator = staff.operator
    made = await staff.late.access_requests.receive(
        body.wanted(), received_at=came, by=operator.actor, tenant=operator.tenant
    )
    staff.about(f"access_request:{made.id}")
    return AccessRequestOut.of(made)


@router.get("/v1/admin/access-requests", operation_id="list_access_requests", summary="Requests to be connected")
async def list_access_requests(staff: Looker, everything: Everything = False) -> AccessRequestsOut:
    """Các đề nghị, theo hạn."""
    found = await staff.late.access_requests.listed(staff.operator.tenant, everything=everything)
    return AccessRequestsOut(requests=[AccessRequestOut.of(request) for request in found])


@router.post(
    "/v1/admin/access-requests/{access_id}/decision",
    operation_id="decide_access_request",
    summary="Grant or refuse",
    responses=problems(404, 409),
)
async def decide_access_request(access_id: AccessId, body: AccessDecisionIn, staff: Administrator) -> AccessRequestOut:
    """Chấp thuận (nêu thoả thuận) hoặc từ chối (nêu lý do)."""
    staff.about(f"access_request:{access_id}")
    operator = staff.operator
    decision = Decision(
        state=body.state,
        by=operator.actor,
        reason=body.reason,
        at=staff.services.clock(),
        agreement=body.agreement,
    )
    return AccessRequestOut.of(await staff.late.access_requests.decide(operator.tenant, access_id, decision))


def _told(staff: Staff, held: Agreement) -> AgreementOut:
    staff.about(f"agreement:{held.id}")
    return AgreementOut.of(held, on=_today(staff))


def _today(staff: Staff) -> date:
    return local_day(staff.services.clock())
