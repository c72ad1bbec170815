"""One receipt on its way to the tax authority: where it stands, and send it now (PAY-13)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.delivery.model import StreamKey, StreamState, StreamView
from gateway.delivery.store import Outbox
from gateway.domain import Context
from gateway.receipts.transmission import stream_of
from gateway.sdk.errors import ConflictError


class TaxDesk:
    """`target`: the configured system that takes receipts; empty: nobody is told."""

    def __init__(
        self,
        outbox: Outbox,
        recorder: Recorder,
        *,
        target: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self.target = target
        self._outbox = outbox
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def view(self, receipt_id: str, *, tenant: str) -> StreamView | None:
        """The stream of this receipt and of those that adjust it. None: the authority was never told of any."""
        views = await self._outbox.views(tenant, stream_of(receipt_id), now=self._clock())
        return next((view for view in views if self.target and view.stream.target == self.target), None)

    async def hurry(self, receipt_id: str, *, context: Context) -> None:
        """Send it now instead of at its next try. `ConflictError`: it does not wait: it was taken, or is held, and then
        a person looks at what the authority said."""
        view = await self.view(receipt_id, tenant=context.tenant)
        if view is None or view.state is not StreamState.WAITING:
            raise ConflictError(
                "This receipt does not wait for its next try.",
                vi="Biên lai này không ở trạng thái chờ gửi lại.",
                what="receipt_not_waiting",
            )
        stream = StreamKey(tenant=context.tenant, target=self.target, key=stream_of(receipt_id))
        async with self._atomically():
            await self._outbox.hurry(stream, now=self._clock())
            act = Act(operation="hurry_receipt", reference=receipt_id)
            await self._recorder.record(act.entry(context, at=self._clock()))
