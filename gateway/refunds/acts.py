"""What an officer does about a refund: the act and its leaf, together (PAY-16, SEC-04)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.refunds.model import Approval, Proof, Refund, RefundService


class RefundActs:
    """What the command line and the console call. Errors are those of `RefundService`."""

    def __init__(
        self,
        service: RefundService,
        recorder: Recorder,
        *,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._service = service
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def approve(self, refund_id: str, approval: Approval, *, context: Context) -> Refund:
        async with self._atomically():
            return await self._told(
                "approve_refund", self._service.approve(refund_id, approval, context=context), context
            )

    async def record(self, refund_id: str, proof: Proof, *, context: Context) -> Refund:
        async with self._atomically():
            return await self._told("record_refund", self._service.record(refund_id, proof, context=context), context)

    async def cancel(self, refund_id: str, *, by: str, context: Context) -> Refund:
        async with self._atomically():
            return await self._told("cancel_refund", self._service.cancel(refund_id, by=by, context=context), context)

    async def _told(self, operation: str, doing: Awaitable[Refund], context: Context) -> Refund:
        refund = await doing
        facts = {"state": refund.state.value, "amount": refund.amount, "payment_id": refund.payment_id}
        act = Act(operation=operation, reference=refund.refund_id, facts=facts)
        await self._recorder.record(act.entry(context, at=self._clock()))
        return refund
