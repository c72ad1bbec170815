"""A stream in memory, and what is read off it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.delivery.model import UPLOAD, Draft, Message, Past, StreamKey, StreamView, Trouble, state_of


@dataclass(slots=True)
class MemoryStream:
    messages: list[Message] = field(default_factory=list)
    taken_at: list[datetime] = field(default_factory=list)
    head: int = 0
    due: datetime | None = None
    owner: str = ""
    attempts: int = 0
    doubt: int = 0
    held: bool = False
    trouble: Trouble | None = None
    acknowledged_at: datetime | None = None
    known: dict[str, str] = field(default_factory=dict)
    told_at: dict[int, datetime] = field(default_factory=dict)
    """When each message was acknowledged."""

    @property
    def tail(self) -> int:
        return len(self.messages)


def message_of(draft: Draft, *, seq: int, taken_at: datetime) -> Message:
    return Message(
        seq=seq,
        operation=draft.operation,
        call_id=draft.call_id,
        at=draft.at,
        mapping_version=draft.mapping_version,
        body=draft.body,
        trace_id=draft.trace_id,
        again=draft.again,
        taken_at=taken_at,
    )


def replace_first(stream: MemoryStream) -> bool:
    """Put the newest message of the same operation in the place of the first one and of those between, behind the files
    that it names."""
    return supersede(stream, stream.messages[stream.head].operation) > 0


def supersede(stream: MemoryStream, operation: str) -> int:
    """The newest undelivered message of the operation takes the place of those before it, too."""
    places = [index for index in range(stream.head, stream.tail) if stream.messages[index].operation == operation]
    for index in places[:-1]:
        told = stream.messages[index]
        newest = stream.messages[places[-1]]
        stream.messages[index] = replace(newest, seq=told.seq, taken_at=told.taken_at, again=told.again)
    lift_files(stream)
    return len(places[:-1])


def lift_files(stream: MemoryStream) -> None:
    """Uploads go before everything that waits and may name their files by now; what is in doubt stays so. Nothing
    moves under the hands of a worker."""
    if stream.owner:
        return
    waiting = stream.messages[stream.head :]
    lifted = sorted(waiting, key=lambda message: (message.operation != UPLOAD, message.seq))
    in_doubt = [place for place, message in enumerate(lifted, stream.head + 1) if message.seq <= stream.doubt]
    stream.doubt = max(in_doubt, default=stream.doubt)
    for place, (message, before) in enumerate(zip(lifted, waiting, strict=True), stream.head):
        stream.messages[place] = replace(message, seq=before.seq, taken_at=before.taken_at)


def again(message: Message, stream: StreamKey) -> Draft:
    """The same message for another delivery: what it says and the mapping that made it do not change."""
    return Draft(
        stream=stream,
        operation=message.operation,
        call_id=message.call_id,
        at=message.at,
        mapping_version=message.mapping_version,
        body=message.body,
        trace_id=message.trace_id,
        again=True,
    )


def past_of(name: StreamKey, stream: MemoryStream, message: Message) -> Past:
    later = stream.messages[message.seq :]
    return Past(
        stream=name,
        seq=message.seq,
        operation=message.operation,
        at=message.at,
        mapping_version=message.mapping_version,
        superseded=any(other.operation == message.operation for other in later),
        tail=stream.tail,
    )


def view_of(name: StreamKey, stream: MemoryStream, now: datetime) -> StreamView:
    return StreamView(
        stream=name,
        state=state_of(held=stream.held, owner=stream.owner, due=stream.due, now=now),
        head=stream.head,
        tail=stream.tail,
        attempts=stream.attempts,
        unsettled=stream.doubt > stream.head,
        next_attempt_at=None if stream.owner else stream.due,
        acknowledged_at=stream.acknowledged_at,
        trouble=stream.trouble,
        known=dict(stream.known),
    )
