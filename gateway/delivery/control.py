"""What people do to the outbox: stop and start a lane, hold and release a dossier, send again. Each act and its leaf
are one transaction: no evidence, no act (SEC-04)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime

import orjson

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.delivery.model import Past, PastSearch, Said, StreamKey, Verdict
from gateway.delivery.store import Outbox
from gateway.delivery.troubles import of_operator
from gateway.domain import Context
from gateway.sdk.errors import NotFoundError


class Control:
    """The command line and the console call it; whether somebody may is decided before."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        recorder: Recorder,
        targets: Sequence[str],
        replaces: Callable[[str, str], bool],
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        """`replaces` tells of (target, operation) whether the newest message stands for all before it."""
        self._outbox = outbox
        self._recorder = recorder
        self._targets = tuple(targets)
        self._replaces = replaces
        self._atomically = atomically
        self._clock = clock

    async def pause(self, target: str, *, context: Context) -> None:
        """Send nothing more to one system; what comes in waits."""
        self.check_target(target)
        async with self._atomically():
            await self._outbox.pause(context.tenant, target, now=self._clock())
            await self._record("pause_target", target, {}, context=context)

    async def resume(self, target: str, *, context: Context, rate: float | None = None) -> None:
        """`rate`: messages a second at most."""
        self.check_target(target)
        async with self._atomically():
            await self._outbox.resume(context.tenant, target, rate=rate, now=self._clock())
            await self._record("resume_target", target, {"rate": str(rate or "")}, context=context)

    async def ask_first(self, *, context: Context) -> int:
        """After a restore: each system is asked before anything is sent again. How many streams that are."""
        async with self._atomically():
            count = await self._outbox.doubt(context.tenant)
            await self._record("ask_first", "", {"streams": count}, context=context)
        return count

    async def hold(self, stream: StreamKey, *, context: Context) -> bool:
        """False: it is held already, or has nothing to send."""
        async with self._atomically():
            done = await self._outbox.stop(stream, of_operator())
            if done:
                await self._record("hold_stream", stream.key, {"target": stream.target}, context=context)
        return done

    async def release(self, stream: StreamKey, said: Said, *, context: Context, seq: int | None = None) -> bool:
        """Let one held stream go on. `seq`: only if this is still the message that it is held at. False: it is not
        held, or what was said does not suit its first message: only a state can be replaced, and only what is no state
        can be dropped, else a dossier would go out of step, or never be told."""
        async with self._atomically():
            stuck = await self._outbox.stuck(stream)
            if stuck is None or seq not in {None, stuck.seq} or not self._suits(stream, stuck.operation, said.verdict):
                return False
            done = await self._outbox.release(
                stream, said.verdict, now=self._clock(), count=said.count, learned=said.learned
            )
            if done:
                counted = {"count": said.count} if said.count else {}
                facts = {"target": stream.target, "verdict": said.verdict.value, **counted}
                await self._record("release_stream", stream.key, facts, context=context, bodies=_sealed(said.learned))
        return done

    def choices(self, stream: StreamKey, operation: str) -> Sequence[Verdict]:
        """What can be said of a held stream whose first message is of this operation."""
        return [verdict for verdict in Verdict if self._suits(stream, operation, verdict)]

    async def replays(self, tenant: str, search: PastSearch) -> Sequence[Past]:
        """Delivered messages that may be sent again, each with the tail that its stream has when those before it are
        sent again, too. A dossier's older version is never offered: a newer one stands for it, and sending it would
        turn the dossier back."""
        self.check_target(search.target)
        put, chosen = Counter[StreamKey](), list[Past]()
        for past in await self._outbox.delivered(tenant, search):
            if not (past.superseded and self._replaces(search.target, past.operation)):
                chosen.append(replace(past, tail=past.tail + put[past.stream]))
                put[past.stream] += 1
        return chosen

    async def replay(self, past: Past, *, context: Context) -> bool:
        """Send it again as it was; the target is asked first. A state is left alone if anything was told meanwhile: a
        newer one must not be overtaken by it."""
        is_state = self._replaces(past.stream.target, past.operation)
        async with self._atomically():
            done = await self._outbox.replay(past, now=self._clock(), tail=past.tail if is_state else None)
            if done:
                facts: dict[str, str | int] = {
                    "target": past.stream.target,
                    "operation": past.operation,
                    "seq": past.seq,
                }
                await self._record("replay_message", past.stream.key, facts, context=context)
        return done

    def check_target(self, target: str) -> None:
        if target not in self._targets:
            raise NotFoundError(
                f"No such system is configured; there are {', '.join(self._targets)}.",
                vi=f"Chưa cấu hình hệ thống này; hiện có {', '.join(self._targets)}.",
            )

    def _suits(self, stream: StreamKey, operation: str, verdict: Verdict) -> bool:
        if verdict not in {Verdict.REPLACED, Verdict.DROPPED}:
            return True
        return self._replaces(stream.target, operation) is (verdict is Verdict.REPLACED)

    async def _record(
        self,
        operation: str,
        reference: str,
        facts: Mapping[str, str | int],
        *,
        context: Context,
        bodies: Mapping[str, bytes] | None = None,
    ) -> None:
        entry = Act(
            operation=operation,
            reference=reference,
            facts=dict(facts),
            bodies=bodies or {},
        ).entry(context, at=self._clock())
        await self._recorder.record(entry)


def _sealed(learned: Mapping[str, str]) -> dict[str, bytes]:
    """What somebody typed stands beside the leaf and not in it: nobody checks that it speaks of no person."""
    return {"learned": orjson.dumps(dict(learned))} if learned else {}
