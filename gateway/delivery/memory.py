"""The outbox in a dictionary: the same rules as PostgreSQL's, for tests and for reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.delivery.memory_brake import Brake
from gateway.delivery.memory_stream import MemoryStream, again, message_of, past_of, replace_first, supersede, view_of
from gateway.delivery.model import (
    Claim,
    Draft,
    Lane,
    Message,
    Past,
    PastSearch,
    StreamKey,
    StreamView,
    Stuck,
    Trouble,
    Verdict,
)
from gateway.delivery.store import NOTHING

MOST_MESSAGES = 50


class MemoryOutbox:
    def __init__(self) -> None:
        self.streams: dict[StreamKey, MemoryStream] = {}
        self.brakes: dict[tuple[str, str], Brake] = {}
        self.bell = asyncio.Event()

    async def enqueue(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        for draft in drafts:
            stream = self.streams.setdefault(draft.stream, MemoryStream())
            if not stream.held and not stream.owner and stream.head == stream.tail:
                stream.due = draft.due or now
            stream.messages.append(message_of(draft, seq=stream.tail + 1, taken_at=now))
            stream.taken_at.append(now)
        self.bell.set()

    async def claim(self, *, owner: str, now: datetime, lease_s: float, room: Mapping[str, int]) -> Sequence[Claim]:
        until, left = now + timedelta(seconds=lease_s), dict(room)
        lent = []
        for name in self._due(now):
            brake = self.brakes.get((name.tenant, name.target), Brake(paused=False))
            if left.get(name.target, 0) > 0 and brake.lets_through(now):
                left[name.target] -= 1
                most = MOST_MESSAGES if brake.rate is None else 1
                lent.append(self._lend(name, owner=owner, until=until, most=most))
        return lent

    async def intend(self, claim: Claim, *, seq: int) -> bool:
        for stream in self._owned(claim):
            stream.doubt = seq
            return True
        return False

    async def acknowledge(
        self, claim: Claim, *, seq: int, now: datetime, last: bool = False, learned: Mapping[str, str] = NOTHING
    ) -> bool:
        for stream in self._owned(claim):
            stream.acknowledged_at = now if stream.head < seq else stream.acknowledged_at
            stream.told_at |= dict.fromkeys(range(stream.head + 1, seq + 1), now)
            stream.head, stream.attempts, stream.trouble = seq, 0, None
            stream.known |= learned
            return await self.give_back(claim, now=now) if last else True
        return False

    async def give_back(self, claim: Claim, *, now: datetime) -> bool:
        for stream in self._owned(claim):
            stream.owner, stream.due = "", now if stream.head < stream.tail else None
            return True
        return False

    async def retry(
        self, claim: Claim, trouble: Trouble, *, due: datetime, unsettled: bool, counted: bool = True
    ) -> bool:
        for stream in self._owned(claim):
            stream.owner, stream.due, stream.trouble = "", due, trouble
            stream.doubt = max(stream.doubt, stream.head + 1) if unsettled else stream.head
            stream.attempts += counted
            return True
        return False

    async def hold(self, claim: Claim, trouble: Trouble) -> bool:
        for stream in self._owned(claim):
            stream.owner, stream.due, stream.held, stream.trouble = "", None, True, trouble
            stream.doubt = max(stream.doubt, stream.head + 1)
            stream.attempts += 1
            return True
        return False

    async def release(
        self,
        stream: StreamKey,
        verdict: Verdict,
        *,
        now: datetime,
        count: int | None = None,
        learned: Mapping[str, str] = NOTHING,
    ) -> bool:
        found = self.streams.get(stream)
        if found is None or not found.held or (verdict is Verdict.REPLACED and not replace_first(found)):
            return False
        in_doubt = max(found.doubt - found.head, 1)
        passed = {Verdict.ARRIVED: count or in_doubt, Verdict.DROPPED: 1}.get(verdict, 0)
        if verdict is Verdict.ARRIVED and passed > in_doubt:
            return False
        if verdict is Verdict.MISSING:
            looked_at = range(found.head, found.head + in_doubt)
            for index in looked_at:
                found.messages[index] = replace(found.messages[index], again=False)
            found.doubt = found.head
        elif verdict is not Verdict.ARRIVED:
            found.doubt = max(found.doubt, found.head + passed + 1)
        if verdict is Verdict.ARRIVED:
            found.told_at |= dict.fromkeys(range(found.head + 1, found.head + passed + 1), now)
        found.held, found.attempts, found.head = False, 0, found.head + passed
        found.known |= learned
        found.trouble = None if passed else found.trouble
        found.acknowledged_at = now if verdict is Verdict.ARRIVED else found.acknowledged_at
        found.due = now if found.head < found.tail else None
        return True

    async def stop(self, stream: StreamKey, trouble: Trouble) -> bool:
        found = self.streams.get(stream)
        if found is None or found.held or found.head == found.tail:
            return False
        found.doubt = max(found.doubt, found.head + 1) if found.owner else found.doubt
        found.held, found.due, found.owner, found.trouble = True, None, "", trouble
        return True

    async def supersede(self, stream: StreamKey, operation: str) -> int:
        found = self.streams.get(stream)
        return supersede(found, operation) if found else 0

    async def doubt(self, tenant: str) -> int:
        owing = [
            s for name, s in self.streams.items() if name.tenant == tenant and s.head < s.tail and s.doubt < s.tail
        ]
        for stream in owing:
            stream.doubt = stream.tail
        return len(owing)

    async def stuck(self, stream: StreamKey) -> Stuck | None:
        found = self.streams.get(stream)
        if found is None or not found.held:
            return None
        return Stuck(seq=found.head + 1, operation=found.messages[found.head].operation)

    async def held(
        self, tenant: str, target: str, *, code: str = "", after: str = "", limit: int
    ) -> Sequence[StreamView]:
        found = [
            view_of(name, stream, stream.taken_at[0])
            for name, stream in sorted(self.streams.items(), key=lambda item: item[0])
            if (name.tenant, name.target, stream.held) == (tenant, target, True) and name.key > after
        ]
        return [view for view in found if not code or (view.trouble and view.trouble.code == code)][:limit]

    async def pause(self, tenant: str, target: str, *, now: datetime) -> None:
        self.brakes[tenant, target] = Brake(paused=True, paced_at=now, set_at=now)

    async def resume(self, tenant: str, target: str, *, rate: float | None = None, now: datetime) -> None:
        self.brakes.pop((tenant, target), None)
        if rate is not None:
            self.brakes[tenant, target] = Brake(paused=False, rate=rate, paced_at=now, set_at=now)

    async def paused(self, tenant: str) -> frozenset[str]:
        return frozenset(target for (owner, target), brake in self.brakes.items() if owner == tenant and brake.paused)

    async def lanes(self, tenant: str) -> Sequence[Lane]:
        owing = {name: stream for name, stream in self.streams.items() if name.tenant == tenant}
        targets = sorted({name.target for name, stream in owing.items() if stream.head < stream.tail})
        return [self._lane(tenant, target) for target in targets]

    def _lane(self, tenant: str, target: str) -> Lane:
        streams = [
            stream
            for name, stream in self.streams.items()
            if (name.tenant, name.target) == (tenant, target) and stream.head < stream.tail
        ]
        brake = self.brakes.get((tenant, target), Brake(paused=False))
        return Lane(
            target=target,
            waiting=sum(not stream.owner and stream.due is not None for stream in streams),
            claimed=sum(bool(stream.owner) for stream in streams),
            held=sum(stream.held for stream in streams),
            messages=sum(stream.tail - stream.head for stream in streams),
            oldest=min(stream.taken_at[stream.head] for stream in streams),
            paused=brake.paused,
            rate=brake.rate,
        )

    async def delivered(self, tenant: str, search: PastSearch) -> Sequence[Past]:
        found = [
            (stream.taken_at[message.seq - 1], name, message.seq, past_of(name, stream, message))
            for name, stream in self.streams.items()
            for message in stream.messages[: stream.head]
            if (name.tenant, name.target) == (tenant, search.target)
            and search.key in {"", name.key}
            and search.operation in {"", message.operation}
            and search.since <= stream.taken_at[message.seq - 1] < search.until
        ]
        return [past for *_, past in sorted(found, key=lambda item: item[:3])][: search.limit]

    async def tally(self, tenant: str, target: str, *, since: datetime, until: datetime) -> int:
        streams = (s for name, s in self.streams.items() if (name.tenant, name.target) == (tenant, target))
        return sum(since <= taken < until for stream in streams for taken in stream.taken_at[: stream.head])

    async def replay(self, past: Past, *, now: datetime, tail: int | None = None) -> bool:
        stream = self.streams.get(past.stream)
        if stream is None or not 1 <= past.seq <= stream.head or tail not in {None, stream.tail}:
            return False
        await self.enqueue([again(stream.messages[past.seq - 1], past.stream)], now=now)
        return True

    async def walk(self, tenant: str, target: str, *, after: str, limit: int) -> Sequence[StreamView]:
        names = sorted(n for n in self.streams if (n.tenant, n.target) == (tenant, target) and n.key > after)
        return [view_of(name, self.streams[name], self.streams[name].taken_at[-1]) for name in names[:limit]]

    async def first(self, stream: StreamKey) -> Message | None:
        found = self.streams.get(stream)
        return found.messages[found.head] if found and found.head < found.tail else None

    async def history(self, stream: StreamKey) -> Sequence[Message]:
        found = self.streams[stream]
        return found.messages[: found.head]

    async def hurry(self, stream: StreamKey, *, now: datetime) -> None:
        found = self.streams.get(stream)
        if found and not found.owner and found.due and found.due > now:
            found.due = now

    async def views(self, tenant: str, key: str, *, now: datetime) -> Sequence[StreamView]:
        names = sorted(name for name in self.streams if (name.tenant, name.key) == (tenant, key))
        return [view_of(name, self.streams[name], now) for name in names]

    def _due(self, now: datetime) -> list[StreamKey]:
        waiting = [(stream.due, name) for name, stream in self.streams.items() if stream.due and stream.due <= now]
        return [name for _, name in sorted(waiting)]

    def _lend(self, name: StreamKey, *, owner: str, until: datetime, most: int) -> Claim:
        stream = self.streams[name]
        stream.doubt = max(stream.doubt, stream.head + 1) if stream.owner else stream.doubt
        stream.owner, stream.due = owner, until
        return Claim(
            stream=name,
            owner=owner,
            lease_until=until,
            attempts=stream.attempts,
            doubt=stream.doubt,
            acknowledged=stream.head,
            messages=tuple(stream.messages[stream.head : stream.head + most]),
            known=dict(stream.known),
        )

    def _owned(self, claim: Claim) -> Iterable[MemoryStream]:
        """The stream, if the claim still has it."""
        stream = self.streams[claim.stream]
        return [stream] if stream.owner == claim.owner else []
