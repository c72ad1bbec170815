"""Erase what the log keeps of one person: the bodies and their keys; every proof stays valid (PDP-08, PDP-11).

A term of law and a legal hold come first: what they keep is counted, and told as the lawful reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.audit.rows import Row, SealedBody
from gateway.observability import own_context
from gateway.operators.model import Operator
from gateway.privacy.log import Seen, SubjectIndex, all_of, seen
from gateway.privacy.model import Erased, Spending
from gateway.sdk.errors import GatewayError

ACT = "erase_bodies"
KEPT = "một phần phải lưu theo thời hạn của luật về nhật ký và chứng từ kế toán"
HELD = "một phần đang có lệnh giữ dữ liệu"


class Bodies(Protocol):
    """The part of `AuditStore` that has bodies."""

    async def bodies(self, tenant: str, *, first: int, last: int) -> Sequence[SealedBody]: ...

    async def erase_bodies(self, tenant: str, index: int) -> int: ...


class LogErasure:
    """Implements `Erasure`. `term`: how long the law keeps what a leaf of that kind and operation holds."""

    def __init__(
        self,
        index: SubjectIndex,
        bodies: Bodies,
        *,
        approvals: Spending,
        term: Callable[[Seen], timedelta],
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._index = index
        self._bodies = bodies
        self._approvals = approvals
        self._term = term
        self._recorder = recorder
        self._clock = clock

    async def erase(self, tenant: str, subject: bytes, *, reference: str, by: Operator) -> Erased:
        """`NotAllowedError` (`caller.needs_approval`) unless another operator allowed it for this request. Where the
        law keeps everything there is nothing to allow."""
        rows = [row async for row in all_of(self._index, tenant, subject) if await self._has_bodies(tenant, row)]
        due = [row for row in rows if row.recorded_at + self._term(seen(row)) <= self._clock()]
        if due:
            await self._approvals.use(ACT, {"reference": reference}, by=by)
        erased, kept = 0, len(rows) - len(due)
        try:
            for row in due:
                erased += bool(await self._bodies.erase_bodies(tenant, row.index))
        except GatewayError as exc:
            if erased:  # what an error broke off is proven as far as it went
                entry = self._entry(Erased(erased=erased), reference=reference, by=by)
                await self._recorder.record(replace(entry, outcome=exc.error_code))
            raise
        held = len(due) - erased
        reasons = [*([KEPT] if kept else []), *([HELD] if held else [])]
        done = Erased(erased=erased, held=held, kept=kept, kept_reason="; ".join(reasons))
        await self._recorder.record(self._entry(done, reference=reference, by=by))
        return done

    async def _has_bodies(self, tenant: str, row: Row) -> bool:
        return bool(await self._bodies.bodies(tenant, first=row.index, last=row.index))

    def _entry(self, done: Erased, *, reference: str, by: Operator) -> Entry:
        return Entry(
            kind=EntryKind.ADMIN,
            tenant=by.tenant,
            actor=by.actor,
            operation="erase_person",
            outcome="answered",
            occurred_at=self._clock(),
            trace_id=own_context(by.tenant).trace_id,
            reference=reference,
            facts={"erased": done.erased, "held": done.held, "kept": done.kept},
        )
