"""`/v1/admin`: sessions, accounts and approvals. The first administrator is made on the machine itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from gateway.api.access import services_of
from gateway.api.openapi import problems
from gateway.api.peer import peer_of
from gateway.api.schemas.operators import (
    ApprovalAskIn,
    ApprovalDecisionIn,
    EnrolmentOut,
    FourEyesListOut,
    FourEyesOut,
    LogInIn,
    MeOut,
    OperatorIn,
    OperatorOut,
    OperatorsOut,
    OperatorStateIn,
    RolesIn,
    SessionEndOut,
    SessionOut,
)
from gateway.api.staff import Staff, staff
from gateway.operators.accounts import Wanted
from gateway.operators.entrance import Credentials
from gateway.operators.model import Right

router = APIRouter(tags=["operators — người vận hành"], responses=problems())
Anybody = Annotated[Staff, Depends(staff(*Right))]
Administrator = Annotated[Staff, Depends(staff(Right.ADMINISTER))]
Enroller = Annotated[Staff, Depends(staff(Right.ADMINISTER, secret=True))]
Asker = Annotated[Staff, Depends(staff(Right.OPERATE, Right.UNSEAL, Right.PRIVACY))]
Approver = Annotated[Staff, Depends(staff(Right.APPROVE))]
Either = Annotated[Staff, Depends(staff(Right.APPROVE, Right.OPERATE, Right.UNSEAL, Right.PRIVACY))]
Login = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$", description="The login — Tên đăng nhập", examples=["an.mau"])
]
ApprovalId = Annotated[
    str, Path(pattern=r"^[0-9A-F]{20}$", description="Id — Mã đề nghị", examples=["0A1B2C3D4E5F6A7B8C9D"])
]
MOST = 200


@router.post("/v1/admin/sessions", operation_id="log_in", summary="Log in", status_code=201)
async def log_in(body: LogInIn, request: Request) -> SessionOut:
    """Đăng nhập. One answer for everything that is wrong; whoever guesses has to wait. A session that is sent along
    ends."""
    request.state.secret = request.state.begun = True
    services = services_of(request)
    said = Credentials(
        login=body.login,
        password=body.password,
        code=body.code,
        address=peer_of(request.scope).address,
        replaces=_token(request),
    )
    return SessionOut.of(await services.late().entrance.log_in(services.tenant, said))


@router.delete("/v1/admin/sessions", operation_id="log_out", summary="Log out")
async def log_out(staff: Anybody) -> SessionEndOut:
    """Đăng xuất. A token of the identity provider is not ours to end."""
    ended = await staff.late.entrance.log_out(staff.operator.tenant, _token(staff.request))
    return SessionEndOut(ended=ended)


@router.get("/v1/admin/me", operation_id="get_me", summary="Who you are here")
async def get_me(staff: Anybody) -> MeOut:
    """Tài khoản đang dùng."""
    return MeOut.of(staff.operator)


@router.get("/v1/admin/operators", operation_id="list_operators", summary="All accounts")
async def list_operators(staff: Administrator) -> OperatorsOut:
    """Danh sách người vận hành."""
    found = await staff.late.accounts.all(staff.operator.tenant)
    return OperatorsOut(operators=[OperatorOut.of(account) for account in found])


@router.post(
    "/v1/admin/operators",
    operation_id="add_operator",
    summary="Make an account",
    status_code=201,
    responses=problems(409),
)
async def add_operator(body: OperatorIn, staff: Enroller) -> EnrolmentOut:
    """Thêm người vận hành. What is answered is shown once."""
    staff.about_typed("operator:", body.login)
    wanted = Wanted(login=body.login, roles=frozenset(body.roles), password=body.password, title=body.title or "")
    return EnrolmentOut.of(await staff.late.accounts.add(staff.operator.tenant, wanted, by=staff.operator.actor))


@router.put(
    "/v1/admin/operators/{login}/roles",
    operation_id="set_operator_roles",
    summary="Change roles",
    responses=problems(404, 409),
)
async def set_operator_roles(login: Login, body: RolesIn, staff: Administrator) -> OperatorOut:
    """Đổi vai trò; các phiên đang mở bị đóng. Nobody changes their own."""
    staff.about_typed("operator:", login)
    accounts, tenant = staff.late.accounts, staff.operator.tenant
    await accounts.set_roles(tenant, login, body.roles, by=staff.operator.actor)
    return OperatorOut.of(await accounts.find(tenant, login))


@router.put(
    "/v1/admin/operators/{login}/state",
    operation_id="set_operator_state",
    summary="Disable or enable",
    responses=problems(404, 409),
)
async def set_operator_state(login: Login, body: OperatorStateIn, staff: Administrator) -> OperatorOut:
    """Khoá hoặc mở tài khoản."""
    staff.about_typed("operator:", login)
    accounts, tenant = staff.late.accounts, staff.operator.tenant
    change = accounts.disable if body.disabled else accounts.enable
    await change(tenant, login, by=staff.operator.actor)
    return OperatorOut.of(await accounts.find(tenant, login))


@router.post(
    "/v1/admin/operators/{login}/second-factor",
    operation_id="reset_second_factor",
    summary="A new second factor",
    responses=problems(404, 409),
)
async def reset_second_factor(login: Login, staff: Enroller) -> EnrolmentOut:
    """Cấp lại yếu tố thứ hai. What is answered is shown once."""
    staff.about_typed("operator:", login)
    return EnrolmentOut.of(
        await staff.late.accounts.reset_second(staff.operator.tenant, login, by=staff.operator.actor)
    )


@router.get("/v1/admin/approvals", operation_id="list_approvals", summary="What takes a second person")
async def list_approvals(staff: Either) -> FourEyesListOut:
    """Các đề nghị phê duyệt, mới nhất trước."""
    found = await staff.late.approvals.listed(staff.operator.tenant, limit=MOST)
    return FourEyesListOut(approvals=[FourEyesOut.of(approval) for approval in found])


@router.post("/v1/admin/approvals", operation_id="ask_approval", summary="Ask for an approval", status_code=201)
async def ask_approval(body: ApprovalAskIn, staff: Asker) -> FourEyesOut:
    """Lập đề nghị phê duyệt."""
    asked = await staff.late.approvals.ask(body.act, body.parameters, reason=body.reason, by=staff.operator)
    staff.about(f"approval:{asked.id}")
    return FourEyesOut.of(asked)


@router.post(
    "/v1/admin/approvals/{approval_id}/decision",
    operation_id="decide_approval",
    summary="Allow or refuse",
    responses=problems(404, 409),
)
async def decide_approval(approval_id: ApprovalId, body: ApprovalDecisionIn, staff: Approver) -> FourEyesOut:
    """Phê duyệt hoặc từ chối. Nobody decides what they asked for themselves."""
    staff.about(f"approval:{approval_id}")
    return FourEyesOut.of(await staff.late.approvals.decide(approval_id, allow=body.allow, by=staff.operator))


def _token(request: Request) -> str:
    """The bearer token as it was sent."""
    return request.headers.get("authorization", "").partition(" ")[2].strip()
