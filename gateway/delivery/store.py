"""The port to the outbox. PostgreSQL implements it (`postgres`), and a dictionary for tests (`memory`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from gateway.delivery.model import (
    Claim,
    Draft,
    HeldGroup,
    Lane,
    LaneBrake,
    Message,
    MessageView,
    Past,
    PastSearch,
    StreamKey,
    StreamView,
    Stuck,
    Trouble,
    Verdict,
)

NOTHING: Mapping[str, str] = MappingProxyType({})


class Outbox(Protocol):
    """Every write that takes a `Claim` is fenced by its owner: a worker that lost its lease changes nothing and
    is told so by `False`."""

    async def enqueue(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        """Append in order. Joins the transaction that is open (`Database.transaction`)."""

    async def claim(self, *, owner: str, now: datetime, lease_s: float, room: Mapping[str, int]) -> Sequence[Claim]:
        """Lend the due streams that nobody holds, and those whose lease ran out (as *unsettled*): of each target as
        many as `room` says, the longest due first, none of a paused lane, and of a lane with a rate one message each.
        `owner` is used for one claim only, or the fence would not tell a worker from its former self."""

    async def intend(self, claim: Claim, *, seq: int) -> bool:
        """Several messages, up to `seq`, are about to leave in one call: if the worker dies, all of them are in doubt.
        With the last acknowledged number it says that none of them can have been taken."""

    async def acknowledge(
        self, claim: Claim, *, seq: int, now: datetime, last: bool = False, learned: Mapping[str, str] = NOTHING
    ) -> bool:
        """The target has everything up to `seq`, and told what is `learned`, which the stream keeps; with the last
        acknowledged number only that is kept. Joins the transaction that is open. The lease is kept, unless this was
        the `last` that is sent of the claim: then the stream is given back with it."""

    async def give_back(self, claim: Claim, *, now: datetime) -> bool:
        """The stream is ready again at once if anything is left."""

    async def retry(
        self, claim: Claim, trouble: Trouble, *, due: datetime, unsettled: bool, counted: bool = True
    ) -> bool:
        """Try the same message again at `due`. `unsettled`: what has left may have arrived; otherwise nothing is in
        doubt any more. `counted`: it was an attempt, so the next wait is longer."""

    async def hold(self, claim: Claim, trouble: Trouble) -> bool:
        """Stop this stream, and only this one, until a person releases it."""

    async def release(
        self,
        stream: StreamKey,
        verdict: Verdict,
        *,
        now: datetime,
        count: int | None = None,
        learned: Mapping[str, str] = NOTHING,
    ) -> bool:
        """Let a held stream go on, with what a person says of the messages in doubt; of the first `count` of them,
        where only so many arrived, and with what is `learned` from the target by other ways. False: it was not held,
        fewer are in doubt, or nothing later stands for the message. Joins the transaction that is open."""

    async def stop(self, stream: StreamKey, trouble: Trouble) -> bool:
        """Hold a stream by a person's will, a worker's claim notwithstanding. False: it is held, or has nothing to
        send."""

    async def supersede(self, stream: StreamKey, operation: str) -> int:
        """Make every undelivered message of an operation that replaces say what the newest of them says; files that
        the newest names go before all. How many were changed. Joins the transaction that is open."""

    async def doubt(self, tenant: str) -> int:
        """Have every target asked before the next message of any stream is sent: after a restore nobody knows what
        went out since. How many streams that are."""

    async def held(
        self, tenant: str, target: str, *, code: str = "", after: str = "", limit: int
    ) -> Sequence[StreamView]:
        """Held streams of one target by key, those after `after`; `code` of their trouble given or not."""

    async def stuck(self, stream: StreamKey) -> Stuck | None:
        """The first message of a held stream, which stays held until the open transaction ends. None: it is not
        held."""

    async def pause(self, tenant: str, target: str, *, now: datetime) -> None:
        """Lend no stream of this lane any more. What is lent already ends as it ends."""

    async def resume(self, tenant: str, target: str, *, rate: float | None = None, now: datetime) -> None:
        """Let the lane run, at `rate` messages a second if one is given (a backlog must not flood who just came
        back)."""

    async def paused(self, tenant: str) -> frozenset[str]:
        """Every target that is paused, whether or not it has something to learn."""

    async def lanes(self, tenant: str) -> Sequence[Lane]:
        """Every target that has something to learn."""

    async def delivered(self, tenant: str, search: PastSearch) -> Sequence[Past]:
        """Messages that were delivered, oldest first."""

    async def tally(self, tenant: str, target: str, *, since: datetime, until: datetime) -> int:
        """How many of the messages that were taken in from `since` to before `until` are delivered."""

    async def replay(self, past: Past, *, now: datetime, tail: int | None = None) -> bool:
        """Put a delivered message into its stream once more: the same identifiers and content, made by the mapping
        version that ran. The target is asked first. False: no such message was delivered, or the newest message is not
        `tail` any more, so that what was judged by it may be overtaken. Joins the open transaction."""

    async def walk(self, tenant: str, target: str, *, after: str, limit: int) -> Sequence[StreamView]:
        """Every stream of a target, page by page: by key, those after `after`."""

    async def first(self, stream: StreamKey) -> Message | None:
        """The oldest message that is not delivered yet."""

    async def history(self, stream: StreamKey) -> Sequence[Message]:
        """What a stream delivered, in order."""

    async def hurry(self, stream: StreamKey, *, now: datetime) -> None:
        """Make a waiting stream due now (a payer came back from the bank page)."""

    async def views(self, tenant: str, key: str, *, now: datetime) -> Sequence[StreamView]:
        """All streams of one dossier or payment, by target."""


class Board(Protocol):
    """What people see of the outbox beyond what workers need; nothing here opens a body."""

    async def groups(self, tenant: str, *, limit: int) -> Sequence[HeldGroup]:
        """Held streams, counted by target and code; the most first."""

    async def brakes(self, tenant: str) -> Sequence[LaneBrake]:
        """Lanes that are stopped or slowed, those with nothing to send, too."""

    async def messages(self, stream: StreamKey, *, before: int | None = None, limit: int) -> Sequence[MessageView]:
        """Of one stream the newest first, those before the number `before`."""

    async def count(self, tenant: str, target: str) -> int:
        """All streams of a target."""


class Bell(Protocol):
    """Rings when something was enqueued."""

    async def wait(self, timeout_s: float) -> None:
        """Return when it rings or the time is over. May return early; must not be relied on for more than speed."""
