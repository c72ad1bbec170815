"""Streams and messages. A stream is everything that one target must learn about one dossier, in order.

ready ──claim──► claimed ──acknowledge──► ready (more to send) or idle
                    ├── retry ─────────► waiting (due later, with jitter)
                    ├── unsettled ─────► waiting, and asks what happened before it sends
                    └── hold ──────────► held (a person decides: `Verdict`) ──release──► ready or idle
claimed whose lease ran out (the worker died) ─► claimed again as *unsettled*: its bytes may have left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.sdk import Call

UPLOAD = "upload_file"
"""Hands a stored file over; offered by systems that want files before what names them. Changes nothing by itself."""


class StreamState(StrEnum):
    """What a stream is doing, as an officer reads it."""

    IDLE = "idle"
    READY = "ready"
    WAITING = "waiting"
    CLAIMED = "claimed"
    HELD = "held"


class Verdict(StrEnum):
    """What a person found out about the messages of a held stream that are in doubt: the first one, and those that left
    in one call with it."""

    UNKNOWN = "unknown"
    """Ask the target before it is sent."""
    ARRIVED = "arrived"
    """The target has them: they count as delivered, and the next one follows."""
    MISSING = "missing"
    """The target has none of them: they are sent without asking."""
    REPLACED = "replaced"
    """The first shall not go out as it is: the newest message of its operation goes in its place, and in that of every
    version between (a dossier that was refused, then corrected). The target is asked first."""
    DROPPED = "dropped"
    """The first shall never go out, and nothing stands for it (a step that should not have been told)."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class StreamKey:
    """A stream's name. `target` is a connector's id; `key` is a dossier code, a payment reference, or for anything else
    its kind, a colon, and what names it (`answer:90001`)."""

    tenant: str
    target: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before it has a place in its stream. `body` is in the target's own vocabulary, so that a retry sends
    the same content whatever the mapping has become since; `mapping_version` says which one made it."""

    stream: StreamKey
    operation: str
    call_id: str
    at: datetime
    mapping_version: int
    body: Mapping[str, Any] = field(repr=False)
    trace_id: str = ""
    again: bool = False
    """It may have been delivered before: the target is asked, and it is sent only if it is missing there."""
    due: datetime | None = None
    """Do not send before this moment, if the stream was idle (the first step of a payment's query ladder)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message with its place: `seq` counts from 1 without gaps."""

    seq: int
    operation: str
    call_id: str
    at: datetime
    mapping_version: int
    body: Mapping[str, Any] = field(repr=False)
    trace_id: str = ""
    again: bool = False
    taken_at: datetime | None = None
    """When it was put into its stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A delivered message, as a person sees it who may send it again. `superseded`: a later message of the same
    operation was put into the stream; `tail`: the newest message of the stream when that was read."""

    stream: StreamKey
    seq: int
    operation: str
    at: datetime
    mapping_version: int
    superseded: bool
    tail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSearch:
    """Which delivered messages: taken in from `since` to before `until`; an empty `operation` or `key` is any."""

    target: str
    since: datetime
    until: datetime
    operation: str = ""
    key: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A stream lent to one worker until `lease_until`, with its oldest undelivered messages.

    `doubt`: the target may already have the messages up to this one; it is asked before they are sent.
    `acknowledged`: how many messages of this stream the target has accepted so far.
    """

    stream: StreamKey
    owner: str
    lease_until: datetime
    attempts: int
    doubt: int
    acknowledged: int
    messages: tuple[Message, ...]
    alone: int = 0
    """Messages up to this one go one by one: a batch with them was refused."""
    known: Mapping[str, str] = field(default_factory=dict)
    """What the target told in its answers to the messages before (`Accepted.learned`)."""

    @property
    def unsettled(self) -> bool:
        """The next message may have reached the target."""
        return self.doubt > self.acknowledged

    def doubts(self, message: Message) -> bool:
        return message.again or message.seq <= self.doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a stream waits or is held: a stable code and two sentences without personal data."""

    code: str
    detail: str
    detail_vi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamView:
    """What `GET …/sync` and the console show of one stream."""

    stream: StreamKey
    state: StreamState
    head: int
    """Sequence number of the last acknowledged message."""
    tail: int
    """Sequence number of the newest message."""
    attempts: int
    unsettled: bool
    next_attempt_at: datetime | None
    acknowledged_at: datetime | None
    trouble: Trouble | None
    known: Mapping[str, str] = field(default_factory=dict)
    """What the target told in its answers so far, and later messages need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Everything that one target still has to learn, in numbers."""

    target: str
    waiting: int
    """Streams that are due or will be."""
    claimed: int
    held: int
    messages: int
    """Messages not delivered yet, those of held streams included."""
    oldest: datetime | None
    """When the oldest of them was taken in."""
    paused: bool
    rate: float | None
    """Messages a second that a person allows; None: no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says of the messages of a held stream that are in doubt. `count`: with `arrived`, so many of those
    that left together. `learned`: what the target told by another way."""

    verdict: Verdict = Verdict.UNKNOWN
    count: int | None = None
    learned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """The first message of a held stream: all that a verdict must fit. `operation`: empty: its message is gone."""

    seq: int
    operation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldGroup:
    """Held streams of one target with the same code of their trouble; the sentences are one stream's, as an example."""

    target: str
    code: str
    streams: int
    detail: str
    detail_vi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneBrake:
    """A lane that a person stopped, or lets run at a set pace."""

    target: str
    paused: bool
    rate: float | None
    """Messages a second; None: no limit."""
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message without its body, which is personal. `acknowledged_at` None: not delivered yet, or not told when."""

    seq: int
    operation: str
    call_id: str
    at: datetime
    mapping_version: int
    trace_id: str
    again: bool
    taken_at: datetime
    acknowledged_at: datetime | None


def call_of(message: Message, *, known: Mapping[str, str]) -> Call:
    """The call that a message is, whenever it is made: same identifiers, same body."""
    return Call(operation=message.operation, body=message.body, call_id=message.call_id, at=message.at, known=known)


def state_of(*, held: bool, owner: str, due: datetime | None, now: datetime) -> StreamState:
    """Read a stream's state off its row."""
    if held:
        return StreamState.HELD
    if owner:
        return StreamState.CLAIMED
    if due is None:
        return StreamState.IDLE
    return StreamState.READY if due <= now else StreamState.WAITING
