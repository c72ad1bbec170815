"""The outbox in a dictionary: the same rules as PostgreSQL's, for tests and for reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.delivery.model import Claim, Draft, Message, StreamKey, StreamView, Trouble, Verdict, state_of

MOST_MESSAGES = 50


@dataclass(slots=True)
class _Stream:
    messages: list[Message] = field(default_factory=list)
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


class MemoryOutbox:
    def __init__(self) -> None:
        self._streams: dict[StreamKey, _Stream] = {}
        self.bell = asyncio.Event()

    async def enqueue(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        for draft in drafts:
            stream = self._streams.setdefault(draft.stream, _Stream())
            if not stream.held and not stream.owner and stream.head == stream.tail:
                stream.due = draft.due or now
            stream.messages.append(message_of(draft, seq=stream.tail + 1))
        self.bell.set()

    async def claim(self, *, owner: str, now: datetime, lease_s: float, limit: int) -> Sequence[Claim]:
        until = now + timedelta(seconds=lease_s)
        return [self._lend(key, owner=owner, until=until) for key in self._due(now)[:limit]]

    async def acknowledge(self, claim: Claim, *, seq: int, now: datetime) -> bool:
        for stream in self._owned(claim):
            stream.head, stream.attempts, stream.unsettled = seq, 0, False
            stream.trouble, stream.acknowledged_at = None, now
            return True
        return False

    async def release(self, claim: Claim, *, now: datetime) -> bool:
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

    async def resume(self, stream: StreamKey, verdict: Verdict, *, now: datetime) -> bool:
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

    def _lend(self, name: StreamKey, *, owner: str, until: datetime) -> Claim:
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
            messages=tuple(stream.messages[stream.head : stream.head + MOST_MESSAGES]),
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
