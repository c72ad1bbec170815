"""Retention on its stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

from gateway.approvals.model import Approval, Approvals
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.operators.model import Operator
from gateway.retention.nightly import ScheduledErasure
from gateway.retention.service import Retention
from gateway.sdk.errors import NotAllowedError


class NobodyAllows:
    """Implements `Approvals` where there are none: what takes four eyes is refused."""

    async def ask(self, act: str, parameters: Mapping[str, str | int], *, reason: str, by: Operator) -> Approval:  # noqa: ARG002 - the port's shape
        _refuse()

    async def decide(self, approval_id: str, *, allow: bool, by: Operator) -> Approval:  # noqa: ARG002 - the port's shape
        _refuse()

    async def use(self, act: str, parameters: Mapping[str, str | int], *, by: Operator) -> Approval:  # noqa: ARG002 - the port's shape
        _refuse()

    async def waiting(self, tenant: str) -> Sequence[Approval]:  # noqa: ARG002 - the port's shape
        return ()


def retention_of(ground: Ground, stores: Stores, approvals: Approvals | None = None) -> Retention:
    return Retention(stores.retention, approvals or NobodyAllows(), ground.recorder, clock=utc_now)


def scheduled_erasure(ground: Ground, stores: Stores) -> ScheduledErasure:
    own = ground.settings.retention
    return ScheduledErasure(stores.retention, ground.recorder, tenant=ground.tenant, settings=own, clock=utc_now)


def _refuse() -> NoReturn:
    raise NotAllowedError(
        "A second person must allow this first.",
        vi="Việc này phải được người thứ hai chấp thuận.",
        what="needs_approval",
    )
