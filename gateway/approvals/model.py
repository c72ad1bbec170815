"""Four eyes (PDP-13, SEC-09): an act with its exact parameters is asked for by one operator, allowed by another, and
then done once, by the one who asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.operators.model import Operator, Right

ACTS: Mapping[str, str] = {
    "export_bodies": "Xuất gói chứng cứ có nội dung trao đổi",
    "release_many": "Gửi lại nhiều bản tin",
    "breach_pack": "Lập hồ sơ vi phạm dữ liệu cá nhân",
    "erase_bodies": "Xoá nội dung trao đổi",
    "lift_hold": "Gỡ lệnh giữ dữ liệu",
}
"""What needs four eyes, and how it is called on the page where it is allowed."""

RIGHT_FOR: Mapping[str, Right] = {
    "export_bodies": Right.UNSEAL,
    "release_many": Right.OPERATE,
    "breach_pack": Right.PRIVACY,
    "erase_bodies": Right.PRIVACY,
    "lift_hold": Right.PRIVACY,
}
"""Who may ask for it, and do it once it is allowed. Whoever allows it has `Right.APPROVE`."""


class ApprovalState(StrEnum):
    ASKED = "asked"
    ALLOWED = "allowed"
    REFUSED = "refused"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """`parameters` say exactly what: the same act with others needs another approval. They hold no personal data."""

    id: str
    tenant: str
    act: str
    parameters: Mapping[str, str | int]
    reason: str = field(repr=False)
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    state: ApprovalState = ApprovalState.ASKED
    decided_by: str = ""
    decided_at: datetime | None = None
    used_at: datetime | None = None


class Approvals(Protocol):
    """Each step is a leaf."""

    async def ask(self, act: str, parameters: Mapping[str, str | int], *, reason: str, by: Operator) -> Approval: ...

    async def decide(self, approval_id: str, *, allow: bool, by: Operator) -> Approval:
        """`NotAllowedError` (`caller.own_request`) for whoever asked; `ConflictError` when it is decided or expired."""

    async def use(self, act: str, parameters: Mapping[str, str | int], *, by: Operator) -> Approval:
        """Spend what was allowed, once. `NotAllowedError` (`caller.needs_approval`) when there is none for exactly
        this, asked by `by`, allowed and not expired."""

    async def waiting(self, tenant: str) -> Sequence[Approval]: ...

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Approval]: ...
