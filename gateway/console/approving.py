"""Four eyes on a page: what was asked for and how it stands, and how one is told that it is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from gateway.approvals.model import Approval, ApprovalState
from gateway.console.visit import Visit
from gateway.sdk.errors import NotAllowedError

LOOKED_AT = 200
"""Newest approvals that are looked through."""
STATES: Mapping[ApprovalState, tuple[str, str, str]] = {
    ApprovalState.ASKED: ("chờ người khác phê duyệt", "waits for somebody else", "late"),
    ApprovalState.ALLOWED: ("đã được phê duyệt", "allowed", "good"),
    ApprovalState.REFUSED: ("bị từ chối", "refused", "bad"),
    ApprovalState.USED: ("đã dùng", "used", "calm"),
    ApprovalState.EXPIRED: ("đã hết hạn", "expired", "calm"),
}
"""In both languages, with the kind of badge."""


async def mine(visitor: Visit, act: str) -> Sequence[Approval]:
    """What the visitor asked for of that act, newest first."""
    listed = await visitor.desk.services.late().approvals.listed(visitor.tenant, limit=LOOKED_AT)
    return [each for each in listed if each.act == act and each.asked_by == visitor.operator.login]


async def standing(visitor: Visit, act: str, parameters: Mapping[str, str | int]) -> Approval | None:
    """The newest of exactly this that still waits or can be used."""
    alive = {ApprovalState.ASKED, ApprovalState.ALLOWED}
    return next(
        (each for each in await mine(visitor, act) if each.parameters == parameters and each.state in alive), None
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """A missing approval is told as what to press, not as what to type."""
    try:
        yield
    except NotAllowedError as exc:
        if exc.error_code != "caller.needs_approval":
            raise
        raise NotAllowedError(
            "This takes an approval for exactly this: press “Ask for approval”; when another operator has allowed it, "
            "do it again.",
            vi="Việc này cần người khác phê duyệt đúng nội dung này: hãy bấm “Đề nghị phê duyệt”, khi đã được phê "
            "duyệt thì làm lại.",
            what="needs_approval",
        ) from exc
