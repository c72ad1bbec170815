"""Who runs the gateway: accounts, roles, second factors, locks, sessions, and the review of rights."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.people import FINDINGS, RIGHTS, ROLES, picture_of
from gateway.console.visit import Visit, visit
from gateway.operators.account import Enrolment
from gateway.operators.accounts import Wanted
from gateway.operators.model import RIGHTS as RIGHTS_OF
from gateway.operators.model import Right, Role

router = APIRouter()
Administrator = Annotated[Visit, Depends(visit(Right.ADMINISTER))]
Login = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$")]
HERE = "/console/operators"
MOST = 100


class AddForm(BaseModel):
    """A new account. The password is typed by whoever will use it."""

    login: str = Field(max_length=40)
    title: str = Field(default="", max_length=200, repr=False)
    roles: list[Role] = Field(min_length=1)
    password: str = Field(max_length=1000, repr=False)


class RolesForm(BaseModel):
    """What they may do from now on."""

    roles: list[Role] = Field(min_length=1)


@router.get(HERE, name="operators")
async def operators(visitor: Administrator, after: Annotated[str, Query(max_length=40)] = "") -> Response:
    """By login; logins beyond `after`."""
    admin, tenant = visitor.desk.admin, visitor.tenant
    everybody = await admin.staffing.accounts.all(tenant)
    shown = [each for each in everybody if each.login > after]
    known = {each.login for each in everybody}
    sessions = await admin.staffing.sessions.open(tenant)
    return visitor.page(
        "operators/index.html",
        accounts=shown[:MOST],
        more=len(shown) > MOST,
        locked=await admin.staffing.accounts.locked(tenant),
        findings=admin.staffing.accounts.findings(everybody, unused=admin.unused),
        counts={login: sum(each.login == login for each in sessions) for login in {each.login for each in sessions}},
        strangers=[each for each in sessions if each.login not in known][:MOST],
        days=admin.unused.days,
        **_words(),
    )


@router.post(f"{HERE}/review", name="operators_review")
async def review(visitor: Administrator) -> Response:
    """That a person went through it is a leaf (SEC-12)."""
    admin = visitor.desk.admin
    found = await admin.staffing.accounts.review(visitor.tenant, unused=admin.unused, by=visitor.operator.actor)
    return visitor.back(
        HERE, vi=f"Đã ghi nhận lần rà soát: {len(found)} điểm cần xem.", en=f"Reviewed: {len(found)} findings."
    )


@router.get(f"{HERE}/new", name="operators_new")
async def new(visitor: Administrator) -> Response:
    return visitor.page("operators/new.html", **_words())


@router.post(HERE, name="operators_add")
async def add(visitor: Administrator, form: Annotated[AddForm, Form()]) -> Response:
    """What the answer shows is shown once, and kept nowhere."""
    visitor.about(f"operator:{form.login}")
    wanted = Wanted(login=form.login, roles=frozenset(form.roles), password=form.password, title=form.title)
    accounts = visitor.desk.admin.staffing.accounts
    return _enrolled(visitor, form.login, await accounts.add(visitor.tenant, wanted, by=visitor.operator.actor))


@router.get(f"{HERE}/{{login}}", name="operators_one")
async def one(visitor: Administrator, login: Login) -> Response:
    visitor.about(f"operator:{login}")
    admin = visitor.desk.admin
    account = await admin.staffing.accounts.find(visitor.tenant, login)
    sessions = [each for each in await admin.staffing.sessions.open(visitor.tenant) if each.login == login]
    return visitor.page(
        "operators/one.html",
        account=account,
        is_own=account.operator.actor == visitor.operator.actor,
        until=(await admin.staffing.accounts.locked(visitor.tenant)).get(login),
        sessions=sessions,
        **_words(),
    )


@router.post(f"{HERE}/{{login}}/roles", name="operators_roles")
async def set_roles(visitor: Administrator, login: Login, form: Annotated[RolesForm, Form()]) -> Response:
    visitor.about(f"operator:{login}")
    accounts = visitor.desk.admin.staffing.accounts
    await accounts.set_roles(visitor.tenant, login, frozenset(form.roles), by=visitor.operator.actor)
    return _back(visitor, login, vi="Đã đổi vai trò; các phiên của người này đã đóng.", en="The roles are changed.")


@router.post(f"{HERE}/{{login}}/disable", name="operators_disable")
async def disable(visitor: Administrator, login: Login) -> Response:
    visitor.about(f"operator:{login}")
    await visitor.desk.admin.staffing.accounts.disable(visitor.tenant, login, by=visitor.operator.actor)
    return _back(visitor, login, vi="Đã khoá tài khoản; các phiên đã đóng.", en="The account is disabled.")


@router.post(f"{HERE}/{{login}}/enable", name="operators_enable")
async def enable(visitor: Administrator, login: Login) -> Response:
    visitor.about(f"operator:{login}")
    await visitor.desk.admin.staffing.accounts.enable(visitor.tenant, login, by=visitor.operator.actor)
    return _back(visitor, login, vi="Đã mở lại tài khoản.", en="The account is enabled.")


@router.post(f"{HERE}/{{login}}/unlock", name="operators_unlock")
async def unlock(visitor: Administrator, login: Login) -> Response:
    visitor.about(f"operator:{login}")
    await visitor.desk.admin.staffing.accounts.unlock(visitor.tenant, login, by=visitor.operator.actor)
    return _back(visitor, login, vi="Người này có thể đăng nhập lại ngay.", en="They may log in again at once.")


@router.post(f"{HERE}/{{login}}/second-factor", name="operators_second_factor")
async def reset_second(visitor: Administrator, login: Login) -> Response:
    """What the answer shows is shown once, and kept nowhere."""
    visitor.about(f"operator:{login}")
    accounts = visitor.desk.admin.staffing.accounts
    return _enrolled(visitor, login, await accounts.reset_second(visitor.tenant, login, by=visitor.operator.actor))


@router.post(f"{HERE}/{{login}}/sessions/end", name="operators_end_sessions")
async def end_sessions(visitor: Administrator, login: Login) -> Response:
    """Those of the identity provider, too."""
    visitor.about(f"operator:{login}")
    ended = await visitor.desk.admin.staffing.accounts.end_sessions(visitor.tenant, login, by=visitor.operator.actor)
    return visitor.back(HERE, vi=f"Đã đóng {ended} phiên.", en=f"{ended} sessions are over.")


def _enrolled(visitor: Visit, login: str, enrolment: Enrolment) -> Response:
    return visitor.page("operators/enrolled.html", login=login, enrolment=enrolment, picture=picture_of(enrolment.uri))


def _back(visitor: Visit, login: str, *, vi: str, en: str) -> Response:
    return visitor.back(f"{HERE}/{login}", vi=vi, en=en)


def _words() -> dict[str, Any]:
    return {"roles": ROLES, "rights": RIGHTS, "rights_of": RIGHTS_OF, "words": FINDINGS}
