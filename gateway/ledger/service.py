"""Compare every dossier with its copy, send again what is missing there, and leave the rest to a person (SYN-12).

Comparing is asking: the same question that a worker puts before it repeats a message whose answer was lost. So nothing
here knows what a target's messages look like. What moves while it is compared is not judged.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.delivery.model import Message, Past, StreamKey, StreamState, StreamView, call_of
from gateway.delivery.store import Outbox
from gateway.domain import Context
from gateway.ledger.model import Care, Finding, Line, Report, Round
from gateway.ledger.store import LedgerStore, Period
from gateway.sdk import Call, CannotTell, GatewayError, SendNow, Settlement

PAGE = 40
AT_ONCE = 4
"""Questions to one target at a time: a round must not crowd out the day's work."""
PATIENCE = 2
"""Rounds in which the gateway repairs by itself; after that a person must look."""

log = structlog.get_logger()


Seen = Callable[[int], Awaitable[None]]


class Comparer(Protocol):
    """Asks the target; the exchange does."""

    async def compare(self, stream: StreamKey, calls: Sequence[Call], *, context: Context) -> Sequence[Settlement]: ...
    def replaces(self, stream: StreamKey, operation: str) -> bool: ...
    def compares(self, stream: StreamKey, operation: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one comparison found, and the messages that the target lacks."""

    finding: Finding
    detail: str = ""
    detail_vi: str = ""
    lacking: tuple[Message, ...] = ()


class Ledger:
    """Rounds of comparison, and the report made of them."""

    def __init__(
        self,
        store: LedgerStore,
        outbox: Outbox,
        comparer: Comparer,
        *,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._comparer = comparer
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def order(self, target: str, *, context: Context, repair: bool = True, seen: Seen | None = None) -> Round:
        """`reconcile` by a person's will, which is a leaf before anything is asked."""
        await self._recorder.record(_order(target, context, repair=repair, at=self._clock()))
        return await self.reconcile(target, context=context, repair=repair, seen=seen)

    async def reconcile(self, target: str, *, context: Context, repair: bool = True, seen: Seen | None = None) -> Round:
        """Compare every stream of `target`. `seen` is told how many were looked at so far, and may end it by an error.
        A crash ends the round without an end; what was found stays, and the next round begins anew."""
        found = Round(target=target, began_at=self._clock())
        await self._store.record(context.tenant, found)
        counts: Counter[str] = Counter()
        async for page in self._pages(context.tenant, target):
            busy = asyncio.Semaphore(AT_ONCE)

            async def check(view: StreamView, busy: asyncio.Semaphore = busy) -> Line:
                async with busy:
                    return await self._check(view, context=context, repair=repair)

            counts.update(line.finding.value for line in await asyncio.gather(*map(check, page)))
            if seen:
                await seen(counts.total())
        done = replace(found, ended_at=self._clock(), counts=dict(counts))
        await self._store.record(context.tenant, done)
        log.info("reconciled", target=target, **done.counts)
        return done

    async def report(self, tenant: str, period: Period, *, limit: int = 1000) -> Report:
        return Report(
            target=period.target,
            within_s=period.within_s,
            cut_off=period.cut_off,
            days=await self._store.days(tenant, period),
            unsynced=await self._store.unsynced(tenant, period, limit=limit),
            last_round=await self._store.last_round(tenant, period.target),
        )

    async def _pages(self, tenant: str, target: str) -> AsyncIterator[Sequence[StreamView]]:
        after = ""
        while page := await self._outbox.walk(tenant, target, after=after, limit=PAGE):
            yield page
            after = page[-1].stream.key

    async def _check(self, view: StreamView, *, context: Context, repair: bool) -> Line:
        judged = await self._judge(view, context=context)
        before = await self._store.line(view.stream)
        same = before is not None and before.finding is judged.finding
        rounds = before.rounds + 1 if before and same else 1
        line = Line(
            stream=view.stream,
            finding=judged.finding,
            care=_care(judged, rounds, repair=repair),
            head=view.head,
            rounds=rounds,
            detail=judged.detail,
            detail_vi=judged.detail_vi,
            checked_at=self._clock(),
        )
        async with self._atomically():
            if line.care is Care.REPAIRING and not await self._repaired(view, judged.lacking):
                line = replace(line, finding=Finding.UNDER_WAY, care=Care.NONE, rounds=1, detail="", detail_vi="")
            await self._store.note(line)
            if line.care is not Care.NONE or (before and before.care is not Care.NONE):
                await self._recorder.record(_entry(line, context))
        return line

    async def _repaired(self, view: StreamView, lacking: Sequence[Message]) -> bool:
        """False: more was told since the comparison, and what lacked then must not go out behind it."""
        for place, message in enumerate(lacking):
            past = _past(view, message)
            if not await self._outbox.replay(past, now=self._clock(), tail=past.tail + place):
                return False
        return True

    async def _judge(self, view: StreamView, *, context: Context) -> Judged:
        if view.state is StreamState.HELD:
            trouble = view.trouble
            return Judged(
                finding=Finding.HELD,
                detail=trouble.detail if trouble else "",
                detail_vi=trouble.detail_vi if trouble else "",
            )
        if view.head < view.tail or not view.tail:
            return Judged(finding=Finding.UNDER_WAY)
        messages = self._standing(view.stream, await self._outbox.history(view.stream))
        if not messages:
            return Judged(finding=Finding.NOT_SHOWN)
        calls = [call_of(message, known=view.known) for message in messages]
        try:
            settlements = await self._comparer.compare(view.stream, calls, context=context)
        except GatewayError as exc:
            return Judged(finding=Finding.NOT_ASKED, detail=exc.detail, detail_vi=exc.detail_vi)
        views = await self._outbox.views(view.stream.tenant, view.stream.key, now=self._clock())
        if view.tail not in {
            now.tail for now in views if now.stream == view.stream
        }:  # told more meanwhile: what was seen may be either side of it
            return Judged(finding=Finding.UNDER_WAY)
        return self._compared(view.stream, list(zip(messages, settlements, strict=True)))

    def _standing(self, stream: StreamKey, history: Sequence[Message]) -> list[Message]:
        """What must still be seen at the target: the newest of messages that replace one another, then every other one
        once, however often it was sent. In this order it is sent again, for a step needs its dossier."""
        standing: dict[str, Message] = {}
        for message in history:
            if not self._comparer.compares(stream, message.operation):
                continue
            replaces = self._comparer.replaces(stream, message.operation)
            standing[message.operation if replaces else message.call_id] = message
        states = {message.seq for message in standing.values() if self._comparer.replaces(stream, message.operation)}
        return sorted(standing.values(), key=lambda message: (message.seq not in states, message.seq))

    def _compared(self, stream: StreamKey, found: Sequence[tuple[Message, Settlement]]) -> Judged:
        lacking = tuple(message for message, settlement in found if isinstance(settlement, SendNow))
        states = [
            settlement
            for message, settlement in found
            if isinstance(settlement, SendNow) and self._comparer.replaces(stream, message.operation)
        ]
        if any(settlement.call.hints.get("exists") is False for settlement in states):
            return _missing(lacking)
        if states:
            return _different(lacking, sorted({name for settlement in states for name in settlement.differs}))
        if lacking:
            return _steps_missing(lacking)
        if any(isinstance(settlement, CannotTell) for _, settlement in found):
            return CANNOT_TELL
        return Judged(finding=Finding.EQUAL)


CANNOT_TELL = Judged(
    finding=Finding.CANNOT_TELL,
    detail="What the target shows does not decide whether it holds everything; compare by hand.",
    detail_vi="Bên nhận không cho thấy đủ để biết đã có hết hay chưa; cần cán bộ đối chiếu.",
)


def _missing(lacking: tuple[Message, ...]) -> Judged:
    return Judged(
        finding=Finding.MISSING,
        detail="The target acknowledged this dossier and does not hold it.",
        detail_vi="Bên nhận từng xác nhận hồ sơ này nhưng nay không có.",
        lacking=lacking,
    )


def _different(lacking: tuple[Message, ...], names: Sequence[str]) -> Judged:
    fields = ", ".join(names) or "?"
    return Judged(
        finding=Finding.DIFFERENT,
        detail=f"The target holds another content in: {fields}.",
        detail_vi=f"Nội dung tại bên nhận khác ở các trường: {fields}.",
        lacking=lacking,
    )


def _steps_missing(lacking: tuple[Message, ...]) -> Judged:
    return Judged(
        finding=Finding.STEPS_MISSING,
        detail=f"{len(lacking)} step(s) are missing at the target.",
        detail_vi=f"Bên nhận thiếu {len(lacking)} bước xử lý.",
        lacking=lacking,
    )


def _care(judged: Judged, rounds: int, *, repair: bool) -> Care:
    if judged.finding in {Finding.CANNOT_TELL, Finding.HELD}:
        return Care.PERSON
    if not judged.lacking:
        return Care.NONE
    return Care.REPAIRING if repair and rounds <= PATIENCE else Care.PERSON


def _past(view: StreamView, message: Message) -> Past:
    return Past(
        stream=view.stream,
        seq=message.seq,
        operation=message.operation,
        at=message.at,
        mapping_version=message.mapping_version,
        superseded=False,
        tail=view.tail,
    )


def _entry(line: Line, context: Context) -> Entry:
    """Each discrepancy, its repair and its end are evidence."""
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant=context.tenant,
        actor=context.actor,
        operation="reconcile",
        outcome=line.finding.value,
        occurred_at=line.checked_at,
        trace_id=context.trace_id,
        system=line.stream.target,
        reference=line.stream.key,
        facts={"care": line.care.value, "rounds": line.rounds, "head": line.head},
    )


def _order(target: str, context: Context, *, repair: bool, at: datetime) -> Entry:
    return Entry(
        kind=EntryKind.ADMIN,
        tenant=context.tenant,
        actor=context.actor,
        operation="reconcile",
        outcome="answered",
        occurred_at=at,
        trace_id=context.trace_id,
        reference=target,
        facts={"repair": int(repair)},
    )
