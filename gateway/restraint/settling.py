"""A person's word about an alarm, and the end of a block that it brought: act and leaf are one transaction (SEC-04)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from gateway.alarms.model import Alarm, AlarmService
from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.restraint.store import RestraintStore
from gateway.sdk.errors import FieldProblem, UnprocessableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Who looked at it, and what they found out; sealed wherever it is kept."""

    by: str
    reason: str


class Settling:
    """Command line and console call it; whether somebody may is decided before."""

    def __init__(
        self,
        alarms: AlarmService,
        store: RestraintStore,
        *,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._alarms = alarms
        self._store = store
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def settle(self, alarm_id: int, word: Word, *, context: Context, lift: bool = False) -> Sequence[str]:
        """Whom it set free. `NotFoundError`; `ConflictError`: it was settled before."""
        _check(word)
        async with self._atomically():
            alarm = await self._alarms.settle(context.tenant, alarm_id, by=word.by, reason=word.reason)
            lifted = await self._lift(alarm, context) if lift else []
            await self._record("settle_alarm", alarm, lifted=lifted, word=word, context=context)
        return lifted

    async def lift(self, alarm_id: int, word: Word, *, context: Context) -> Sequence[str]:
        """Let whoever an alarm blocked look up again, whether it is settled or not. Whom it set free."""
        _check(word)
        async with self._atomically():
            alarm = await self._alarms.find(context.tenant, alarm_id)
            lifted = await self._lift(alarm, context)
            await self._record("lift_block", alarm, lifted=lifted, word=word, context=context)
        return lifted

    async def _lift(self, alarm: Alarm, context: Context) -> Sequence[str]:
        return await self._store.lift(context.tenant, blocked(alarm), now=self._clock())

    async def _record(
        self, operation: str, alarm: Alarm, *, lifted: Sequence[str], word: Word, context: Context
    ) -> None:
        entry = Act(
            operation=operation,
            reference=f"alarm:{alarm.id}",
            facts={"kind": alarm.occasion.kind, "about": alarm.occasion.about, "lifted": " ".join(lifted)},
            bodies={"by": word.by.encode(), "reason": word.reason.encode()},
        ).entry(context, at=self._clock())
        await self._recorder.record(entry)


def blocked(alarm: Alarm) -> list[str]:
    """The parties that were blocked as it was raised."""
    return str(alarm.occasion.facts.get("held", "")).split()


def _check(word: Word) -> None:
    missing = [
        FieldProblem(pointer=f"/{name}", detail="It must be written.", detail_vi="Phải ghi.")
        for name in ("by", "reason")
        if not getattr(word, name).strip()
    ]
    if missing:
        raise UnprocessableError(
            "Who looked at it and what was found out must be written.",
            vi="Phải ghi người xem xét và kết luận.",
            fields=missing,
        )
