"""A person decides that a parked step will never count. The step and the reason stay on record (STA-04, SEC-04)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from gateway.audit.acts import Act
from gateway.audit.model import Entry
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.dossiers.store import DossierStore, Step
from gateway.sdk.errors import NotFoundError, UnprocessableError

LONGEST_REASON = 2000


class Dismissing:
    """The command line and the console call it."""

    def __init__(
        self,
        store: DossierStore,
        *,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def dismiss(self, step: Step, *, reason: str, context: Context) -> None:
        """`reason`: a person's words, sealed beside the leaf. `NotFoundError`: no such step is parked."""
        if not 0 < len(reason.strip()) <= LONGEST_REASON:
            raise UnprocessableError("Say why.", vi="Phải ghi lý do.", what="reason_missing")
        code, event_id = step
        async with self._atomically():
            await self._store.lock(context.tenant, code)
            now = self._clock()
            if not await self._store.settle(context.tenant, code, event_id, settled_as="dismissed", now=now):
                raise NotFoundError("No step of this name is parked.", vi="Không có bước nào mang mã này đang chờ.")
            await self._recorder.record(_entry(step, reason, context=context, at=now))


def _entry(step: Step, reason: str, *, context: Context, at: datetime) -> Entry:
    return Act(
        operation="dismiss_step",
        reference=step[0],
        facts={"event_id": step[1]},
        bodies={"reason": reason.encode()},
    ).entry(context, at=at)
