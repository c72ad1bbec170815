"""The outbox in a dictionary: the same rules as PostgreSQL's, for tests and for reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gateway.delivery.model import Claim, Draft, Lane, Message, StreamKey, StreamView, Trouble, Verdict, state_of

MOST_MESSAGES = 50
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Stream:
    messages: list[Message] = field(default_factory=list)
    taken_at: list[datetime] = field(default_factory=list)
    head: int = 0
    due: datetime | None = None
    owner: str = ""
    attempts: int = 0
    unsettled: bool = False
    held: bool = False
    trouble: Trouble | None = None
    acknowledged_at: datetime | None = None

    @property
    def tail(self) -> int:
        return len(self.messages)


@dataclass(slots=True)
class _Brake:
    """A lane that a person stopped or slowed."""

    paused: bool
    rate: float | None = None
    paced_at: datetime = LONG_AGO

    def lets_through(self, now: datetime) -> bool:
        """Whether one more message may go; at most one second's worth is saved up."""
        if self.rate is None:
            return not self.paused
        self.paced_at = max(self.paced_at, now - timedelta(seconds=1))
        step = timedelta(seconds=1 / self.rate)
        if self.paced_at + step > now:
            return False
        self.paced_at += step
        return True


class MemoryOutbox:
    def __init__(self) -> None:
        self._streams: dict[StreamKey, _Stream] = {}
        self._brakes: dict[tuple[str, str], _Brake] = {}
        self.bell = asyncio.Event()

    async def enqueue(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        for draft in drafts:
            stream = self._streams.setdefault(draft.stream, _Stream())
            if not stream.held and not stream.owner and stream.head == stream.tail:
                stream.due = draft.due or now
            stream.messages.append(message_of(draft, seq=stream.tail + 1))
            stream.taken_at.append(now)
        self.bell.set()

    async def claim(self, *, owner: str, now: datetime, lease_s: float, room: Mapping[str, int]) -> Sequence[Claim]:
        until, left = now + timedelta(seconds=lease_s), dict(room)
        lent = []
        for name in self._due(now):
            brake = self._brakes.get((name.tenant, name.target), _Brake(paused=False))
            if left.get(name.target, 0) > 0 and brake.lets_through(now):
                left[name.target] -= 1
                most = MOST_MESSAGES if brake.rate is None else 1
                lent.append(self._lend(name, owner=owner, until=until, most=most))
        return lent

    async def acknowledge(self, claim: Claim, *, seq: int, now: datetime) -> bool:
        for stream in self._owned(claim):
            stream.head, stream.attempts, stream.unsettled = seq, 0, False
            stream.trouble, stream.acknowledged_at = None, now
            return True
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
            stream.owner, stream.due, stream.unsettled, stream.trouble = "", due, unsettled, trouble
            stream.attempts += counted
            return True
        return False

    async def hold(self, claim: Claim, trouble: Trouble) -> bool:
        for stream in self._owned(claim):
            stream.owner, stream.due, stream.held, stream.unsettled = "", None, True, True
            stream.trouble = trouble
            stream.attempts += 1
            return True
        return False

    async def release(self, stream: StreamKey, verdict: Verdict, *, now: datetime) -> bool:
        found = self._streams.get(stream)
        if found is None or not found.held or (verdict is Verdict.REPLACED and found.head + 1 == found.tail):
            return False
        found.held, found.attempts, found.unsettled = False, 0, verdict in {Verdict.UNKNOWN, Verdict.REPLACED}
        if verdict in {Verdict.ARRIVED, Verdict.REPLACED}:
            found.head, found.trouble = found.head + 1, None
        if verdict is Verdict.ARRIVED:
            found.acknowledged_at = now
        found.due = now if found.head < found.tail else None
        return True

    async def stop(self, stream: StreamKey, trouble: Trouble) -> bool:
        found = self._streams.get(stream)
        if found is None or found.held or found.head == found.tail:
            return False
        found.unsettled = found.unsettled or bool(found.owner)
        found.held, found.due, found.owner, found.trouble = True, None, "", trouble
        return True

    async def doubt(self, tenant: str) -> int:
        owing = [
            s for name, s in self._streams.items() if name.tenant == tenant and s.head < s.tail and not s.unsettled
        ]
        for stream in owing:
            stream.unsettled = True
        return len(owing)

    async def held(self, tenant: str, target: str, *, code: str = "", limit: int) -> Sequence[StreamView]:
        found = [
            _view(name, stream, stream.taken_at[0])
            for name, stream in sorted(self._streams.items(), key=lambda item: item[0])
            if (name.tenant, name.target, stream.held) == (tenant, target, True)
        ]
        return [view for view in found if not code or (view.trouble and view.trouble.code == code)][:limit]

    async def pause(self, tenant: str, target: str, *, now: datetime) -> None:
        self._brakes[tenant, target] = _Brake(paused=True, paced_at=now)

    async def resume(self, tenant: str, target: str, *, rate: float | None = None, now: datetime) -> None:
        self._brakes[tenant, target] = _Brake(paused=False, rate=rate, paced_at=now)

    async def lanes(self, tenant: str) -> Sequence[Lane]:
        owing = {name: stream for name, stream in self._streams.items() if name.tenant == tenant}
        targets = sorted({name.target for name, stream in owing.items() if stream.head < stream.tail})
        return [self._lane(tenant, target) for target in targets]

    def _lane(self, tenant: str, target: str) -> Lane:
        streams = [
            stream
            for name, stream in self._streams.items()
            if (name.tenant, name.target) == (tenant, target) and stream.head < stream.tail
        ]
        brake = self._brakes.get((tenant, target), _Brake(paused=False))
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

    async def hurry(self, stream: StreamKey, *, now: datetime) -> None:
        found = self._streams.get(stream)
        if found and not found.owner and found.due and found.due > now:
            found.due = now

    async def views(self, tenant: str, key: str, *, now: datetime) -> Sequence[StreamView]:
        names = sorted(name for name in self._streams if (name.tenant, name.key) == (tenant, key))
        return [_view(name, self._streams[name], now) for name in names]

    def _due(self, now: datetime) -> list[StreamKey]:
        waiting = [(stream.due, name) for name, stream in self._streams.items() if stream.due and stream.due <= now]
        return [name for _, name in sorted(waiting)]

    def _lend(self, name: StreamKey, *, owner: str, until: datetime, most: int) -> Claim:
        stream = self._streams[name]
        stream.unsettled = stream.unsettled or bool(stream.owner)
        stream.owner, stream.due = owner, until
        return Claim(
            stream=name,
            owner=owner,
            lease_until=until,
            attempts=stream.attempts,
            unsettled=stream.unsettled,
            acknowledged=stream.head,
            messages=tuple(stream.messages[stream.head : stream.head + most]),
        )

    def _owned(self, claim: Claim) -> Iterable[_Stream]:
        """The stream, if the claim still has it."""
        stream = self._streams[claim.stream]
        return [stream] if stream.owner == claim.owner else []


def message_of(draft: Draft, *, seq: int) -> Message:
    return Message(
        seq=seq,
        operation=draft.operation,
        call_id=draft.call_id,
        at=draft.at,
        mapping_version=draft.mapping_version,
        body=draft.body,
        trace_id=draft.trace_id,
    )


def _view(name: StreamKey, stream: _Stream, now: datetime) -> StreamView:
    return StreamView(
        stream=name,
        state=state_of(held=stream.held, owner=stream.owner, due=stream.due, now=now),
        head=stream.head,
        tail=stream.tail,
        attempts=stream.attempts,
        unsettled=stream.unsettled,
        next_attempt_at=None if stream.owner else stream.due,
        acknowledged_at=stream.acknowledged_at,
        trouble=stream.trouble,
    )
