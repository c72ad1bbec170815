"""Operators, their sessions, and what takes a second person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from gateway.api.schemas.base import Line, Received, Sent, Text, told
from gateway.approvals.model import Approval, ApprovalState
from gateway.operators.account import Account, Enrolment
from gateway.operators.entrance import Opened
from gateway.operators.model import Operator, Right, Role

Login = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$")]
Secret = Annotated[str, Field(min_length=1, max_length=256)]
OneRole = Annotated[Role, Field(strict=False)]
Roles = Annotated[list[OneRole], Field(min_length=1, max_length=5)]
WHO: dict[str, Any] = {"login": "an.mau", "roles": ["operator"], "rights": ["look", "operate", "approve"]}


class LogInIn(Received):
    """Đăng nhập bằng mật khẩu và yếu tố thứ hai."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "an.mau", "password": "<mật khẩu>", "code": "000000"}]}
    )

    login: Annotated[str, Field(max_length=100)] = told("Your login.", "Tên đăng nhập.")
    password: Annotated[str, Field(max_length=1000)] = told("Your password.", "Mật khẩu.")
    code: Annotated[str, Field(max_length=100)] = told(
        "Code of the authenticator app, or a recovery code.", "Mã của ứng dụng xác thực, hoặc mã dự phòng."
    )


class SessionOut(Sent):
    """A session that began."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "lts_<token>", "expires_at": "2026-11-23T17:15:00Z", **WHO}]}
    )

    token: str = told("Send it as a bearer token; shown once.", "Gửi kèm dạng Bearer; chỉ hiện một lần.")
    expires_at: datetime = told("When it is over at the latest.", "Thời điểm hết hạn muộn nhất.")
    login: str = told("Whose it is.", "Tên đăng nhập.")
    roles: list[Role] = told("Their roles.", "Các vai trò.")
    rights: list[Right] = told("What these allow.", "Các quyền.")

    @classmethod
    def of(cls, opened: Opened) -> SessionOut:
        me = MeOut.of(opened.operator)
        return cls(token=opened.token, expires_at=opened.expires_at, **me.model_dump())


class SessionEndOut(Sent):
    """Đã đăng xuất."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ended": True}]})

    ended: bool = told("Whether there was one of ours to end.", "Có phiên để kết thúc hay không.")


class MeOut(Sent):
    """Who you are here."""

    model_config = ConfigDict(json_schema_extra={"examples": [WHO]})

    login: str = told("Your login.", "Tên đăng nhập.")
    roles: list[Role] = told("Your roles.", "Các vai trò.")
    rights: list[Right] = told("What they allow.", "Các quyền.")

    @classmethod
    def of(cls, operator: Operator) -> MeOut:
        return cls(login=operator.login, roles=sorted(operator.roles), rights=sorted(operator.rights))


class OperatorIn(Received):
    """Người vận hành mới."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "binh.mau", "roles": ["auditor"], "password": "<mật khẩu>"}]}
    )

    login: Login = told("Theirs alone, for ever; no personal number.", "Tên đăng nhập; không dùng số định danh.")
    roles: Roles = told("What they may do.", "Các vai trò.")
    password: Secret = told("12 characters or more; they change it.", "Mật khẩu từ 12 ký tự.")
    title: Line | None = told("What people call the post.", "Chức danh.", default=None)


class RolesIn(Received):
    """Đổi vai trò."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"roles": ["viewer"]}]})

    roles: Roles = told("All of them; those that are not named are taken away.", "Toàn bộ vai trò mới.")


class OperatorStateIn(Received):
    """Khoá hoặc mở tài khoản."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"disabled": True}]})

    disabled: bool = told("true: closed at once, sessions too.", "true: khoá ngay, cả phiên đang mở.")


class OperatorOut(Sent):
    """An account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"login": "an.mau", "roles": ["operator"], "created_at": "2026-11-23T09:15:00Z"}]
        }
    )

    login: str = told("The login.", "Tên đăng nhập.")
    title: str | None = told("What people call the post.", "Chức danh.", default=None)
    roles: list[Role] = told("Their roles.", "Các vai trò.")
    created_at: datetime = told("Since when.", "Ngày tạo.")
    disabled_at: datetime | None = told("Since when it is closed.", "Thời điểm khoá.", default=None)
    last_login_at: datetime | None = told("When it was last used.", "Lần đăng nhập gần nhất.", default=None)

    @classmethod
    def of(cls, account: Account) -> OperatorOut:
        return cls(
            login=account.login,
            title=account.title or None,
            roles=sorted(account.roles),
            created_at=account.created_at,
            disabled_at=account.disabled_at,
            last_login_at=account.last_login_at,
        )


class OperatorsOut(Sent):
    """All accounts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"operators": [{"login": "an.mau", "roles": ["operator"], "created_at": "2026-11-23T09:15:00Z"}]}
            ]
        }
    )

    operators: list[OperatorOut] = told("By login.", "Theo tên đăng nhập.")


class EnrolmentOut(Sent):
    """What the operator is shown, once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "uri": "otpauth://totp/<login>?secret=<secret>",
                    "recovery_codes": ["<mã dự phòng>"],
                }
            ]
        }
    )

    uri: str = told("For the authenticator app.", "Địa chỉ cho ứng dụng xác thực.")
    recovery_codes: list[str] = told("Each is good once.", "Mã dự phòng, mỗi mã dùng một lần.")

    @classmethod
    def of(cls, enrolment: Enrolment) -> EnrolmentOut:
        return cls(uri=enrolment.uri, recovery_codes=list(enrolment.recovery_codes))


PARAMETERS = {"target": "national_portal", "count": 40}
ASKED: dict[str, Any] = {
    "id": "0A1B2C3D4E5F6A7B8C9D",
    "act": "release_many",
    "parameters": PARAMETERS,
    "reason": "Cổng đã khắc phục sự cố",
    "asked_by": "an.mau",
    "asked_at": "2026-11-23T09:15:00Z",
    "expires_at": "2026-11-24T09:15:00Z",
    "state": "asked",
}


class ApprovalAskIn(Received):
    """Đề nghị phê duyệt: a second person must allow exactly this."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{key: ASKED[key] for key in ("act", "parameters", "reason")}]}
    )

    act: Annotated[str, Field(pattern="^[a-z_]{1,40}$")] = told("What is to be done.", "Loại việc.")
    parameters: Annotated[dict[str, str | int], Field(max_length=20)] = told(
        "Exactly what; no personal data.", "Nội dung chính xác; không có dữ liệu cá nhân."
    )
    reason: Text = told("Why.", "Lý do.")


class ApprovalDecisionIn(Received):
    """Phê duyệt hoặc từ chối."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"allow": True}]})

    allow: bool = told("true: it may be done, once.", "true: được làm, một lần.")


class FourEyesOut(Sent):
    """What one asked for, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    id: str = told("Its id.", "Mã đề nghị.")
    act: str = told("What is to be done.", "Loại việc.")
    parameters: dict[str, str | int] = told("Exactly what.", "Nội dung chính xác.")
    reason: str = told("Why.", "Lý do.")
    asked_by: str = told("By whom.", "Người đề nghị.")
    asked_at: datetime = told("When.", "Thời điểm đề nghị.")
    expires_at: datetime = told("Over from then on.", "Thời điểm hết hiệu lực.")
    state: ApprovalState = told("asked, allowed, refused, used or expired.", "Trạng thái.")
    decided_by: str | None = told("Who decided.", "Người quyết định.", default=None)
    decided_at: datetime | None = told("When.", "Thời điểm quyết định.", default=None)
    used_at: datetime | None = told("When it was done.", "Thời điểm thực hiện.", default=None)

    @classmethod
    def of(cls, approval: Approval) -> FourEyesOut:
        return cls(
            id=approval.id,
            act=approval.act,
            parameters=dict(approval.parameters),
            reason=approval.reason,
            asked_by=approval.asked_by,
            asked_at=approval.asked_at,
            expires_at=approval.expires_at,
            state=approval.state,
            decided_by=approval.decided_by or None,
            decided_at=approval.decided_at,
            used_at=approval.used_at,
        )


class FourEyesListOut(Sent):
    """All of them, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"approvals": [ASKED]}]})

    approvals: list[FourEyesOut] = told("Newest first.", "Mới nhất trước.")
