"""Deliver what stands in the outbox: claim streams, send each stream's messages in order, record what came of it.

A worker that dies loses its lease, and whoever claims the stream next asks the target before it sends again. What to do
after an error is the error's own `retry`; there is no ladder of exception types here.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from gateway.delivery.asking import Asking, HeldError
from gateway.delivery.courier import AsksOtherwise, Courier, Delivered, FollowUp, Owner, context_of
from gateway.delivery.model import Claim, Message, Trouble
from gateway.delivery.places import Places
from gateway.delivery.policy import Policy
from gateway.delivery.store import NOTHING, Bell, Outbox
from gateway.delivery.troubles import of_error, of_open_answer, of_refusal, of_unknown
from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    GatewayError,
    Pending,
    Refused,
    RemoteError,
    TookEffect,
)
from gateway.sdk.errors import NOT_TRIED, Origin, Retry

log = structlog.get_logger()


class Worker:
    """One of any number of workers on the same outbox."""

    def __init__(
        self,
        outbox: Outbox,
        courier: Courier,
        *,
        name: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
        policy: Policy,
        follow_ups: Mapping[str, FollowUp],
        owners: Mapping[str, Owner] | None = None,
    ) -> None:
        """`follow_ups` and `owners` are named by operation. `atomically` opens the transaction that acknowledges."""
        self._outbox = outbox
        self._courier = courier
        self._asking = Asking(courier)
        self._name = name
        self._atomically = atomically
        self._clock = clock
        self._policy = policy
        self._follow_ups = follow_ups
        self._owners = owners or {}
        self._alone = self._follow_ups.keys() | self._owners.keys()
        self._claims = itertools.count(1)
        self._places = Places(courier, most=policy.streams)
        self._stopping = False

    async def run(self, bell: Bell, *, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is under way. Whoever cancels it cuts that off: leases run out,
        and what may have been sent is asked for first."""
        stopped, ringing = asyncio.create_task(stop.wait()), self._listen(bell)
        stopped.add_done_callback(self._places.stir)
        async with asyncio.TaskGroup() as serving:
            try:
                while not stop.is_set():
                    for claim in await self._claim():
                        serving.create_task(self._serve(claim))
                    await self._places.stirred.wait()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._places.enough.wait(), self._policy.gather_s)
                    if ringing.done():
                        ringing = self._listen(bell)
            finally:
                self._stopping = True
                ringing.cancel()
                stopped.cancel()

    def _listen(self, bell: Bell) -> asyncio.Task[None]:
        ringing = asyncio.create_task(bell.wait(self._policy.poll_s))
        ringing.add_done_callback(self._places.stir)
        return ringing

    async def drain(self) -> int:
        """Serve what is due now, once, and return how many streams that were."""
        claims = await self._claim()
        await asyncio.gather(*(self._serve(claim) for claim in claims))
        return len(claims)

    async def _claim(self) -> list[Claim]:
        room = self._places.room()
        if not room:
            return []
        owner = f"{self._name}/{next(self._claims)}"
        try:
            found = await self._outbox.claim(owner=owner, now=self._clock(), lease_s=self._policy.lease_s, room=room)
        except Exception:
            log.exception("outbox_not_readable")
            return []
        return self._places.fill(found, room=room)

    async def _serve(self, claim: Claim) -> None:
        """Send the claim's messages in order. Whatever goes wrong touches this stream only."""
        try:
            async with asyncio.timeout(self._left_s(claim)):
                await self._send_all(claim)
        except TimeoutError:
            # The lease is over or nearly so. Nothing is written: the next claim finds the stream unsettled.
            log.warning("lease_too_short", target=claim.stream.target)
        except Exception:
            log.exception("stream_not_served", target=claim.stream.target)
            await self._after_surprise(claim)
        finally:
            self._places.end(claim)

    async def _send_all(self, claim: Claim) -> None:
        going: Claim | None = claim
        while going and (left := [message for message in claim.messages if message.seq > going.acknowledged]):
            if self._stopping or self._left_s(claim) < self._policy.lease_s / 2:
                break
            together = self._together(going, left)
            with structlog.contextvars.bound_contextvars(trace_id=together[0].trace_id):
                going = await self._send(going, together)
        if going:
            await self._outbox.give_back(going, now=self._clock())

    def _together(self, claim: Claim, left: Sequence[Message]) -> Sequence[Message]:
        """The next messages that can go in one call. What must be asked about first, or has an owner, goes alone."""
        first = left[0]
        if first.seq <= claim.alone or first.operation in self._alone or self._asking.comes_first(claim, first):
            return [first]
        most = self._courier.most_together(claim.stream, first.operation)
        alike = itertools.takewhile(lambda m: m.operation == first.operation and not claim.doubts(m), left)
        return list(itertools.islice(alike, most))

    async def _send(self, claim: Claim, messages: Sequence[Message]) -> Claim | None:
        """The claim as it stands afterwards, if the stream can go on at once."""
        stream, message = claim.stream, messages[0]
        follow_up = self._follow_ups.get(message.operation)
        asked = follow_up or self._owners.get(message.operation)
        if asked and not await asked.needed(stream):
            return await self._kept(claim, message.seq, learned=NOTHING)
        sent = False
        try:
            call = await self._asking.before(claim, message)
            if isinstance(call, TookEffect):
                return await self._taken(claim, message, learned=call.learned)
            if len(messages) > 1:
                if not await self._outbox.intend(claim, seq=messages[-1].seq):
                    return _lost(claim)
                call = replace(call, parts=tuple(other.body for other in messages[1:]))
            sent = True
            done = await self._courier.deliver(stream, call, context=context_of(stream, message))
        except HeldError as exc:
            await self._hold(claim, exc.trouble)
        except GatewayError as exc:
            await self._after_error(claim, exc, sent=sent, is_question=not sent or follow_up is not None)
        else:
            return await self._after_outcome(claim, messages, done)
        return None

    async def _taken(
        self, claim: Claim, message: Message, *, learned: Mapping[str, str], told: Mapping[str, Any] = NOTHING
    ) -> Claim | None:
        """The target has it; its owner hears that in the transaction that acknowledges."""
        owner = self._owners.get(message.operation)
        if owner is None:
            return await self._kept(claim, message.seq, learned=learned)
        async with self._atomically():
            await owner.accepted(claim.stream, {**learned, **told})
            return await self._kept(claim, message.seq, learned=learned)

    async def _refused(self, claim: Claim, message: Message, refused: Refused) -> Claim | None:
        """An owner decides what follows, and a question may be put otherwise; anything else that is refused is a
        person's."""
        owner, follow_up = self._owners.get(message.operation), self._follow_ups.get(message.operation)
        async with self._atomically():
            if owner is not None:
                await owner.refused(claim.stream, refused)
            if owner is not None or (isinstance(follow_up, AsksOtherwise) and await follow_up.refused(claim.stream)):
                return await self._kept(claim, message.seq, learned=NOTHING)
        await self._hold(claim, of_refusal(refused))
        return None

    async def _kept(self, claim: Claim, seq: int, *, learned: Mapping[str, str]) -> Claim | None:
        """Acknowledge, and with the last message of the claim give the stream back."""
        last = seq == claim.messages[-1].seq
        if last:
            self._places.leave(claim)
        if not await self._outbox.acknowledge(claim, seq=seq, now=self._clock(), last=last, learned=learned):
            return _lost(claim)
        known = {**claim.known, **learned}
        return None if last else replace(claim, acknowledged=seq, attempts=0, known=known)

    async def _after_outcome(self, claim: Claim, messages: Sequence[Message], done: Delivered) -> Claim | None:
        match done.outcome:
            case Accepted() | Answered():
                return await self._acknowledge(claim, messages, done)
            case Pending(look_again_after_s=seconds):
                await self._look_again(claim, messages[0], at_least_s=seconds)
            case Absent() if messages[0].operation in self._follow_ups:
                await self._look_again(claim, messages[0], at_least_s=0)
            case Refused() as refused if len(messages) > 1:
                return await self._split(claim, messages, refused)
            case Refused() as refused:
                return await self._refused(claim, messages[0], refused)
            case _:
                await self._hold(claim, of_unknown())
        return None

    async def _split(self, claim: Claim, messages: Sequence[Message], refused: Refused) -> Claim | None:
        """One of them is bad: they go one by one, so that only that one is held. Whether the target kept the others
        is asked, unless it is known to keep nothing of a batch that it refuses."""
        last = messages[-1].seq
        log.warning("batch_split", target=claim.stream.target, messages=len(messages))
        if not refused.nothing_kept:
            return replace(claim, doubt=last)
        kept = await self._outbox.intend(claim, seq=claim.acknowledged)
        return replace(claim, alone=last) if kept else _lost(claim)

    async def _acknowledge(self, claim: Claim, messages: Sequence[Message], done: Delivered) -> Claim | None:
        follow_up, last = self._follow_ups.get(messages[0].operation), messages[-1].seq
        learned = done.outcome.learned if isinstance(done.outcome, Accepted) else NOTHING
        if isinstance(done.outcome, Accepted) and done.outcome.unfinished:
            last = claim.acknowledged  # what it told so far is durable before the rest of the message leaves
        if messages[0].operation in self._owners:
            return await self._taken(claim, messages[0], learned=learned, told=done.canonical)
        if not follow_up:
            return await self._kept(claim, last, learned=learned)
        try:
            async with self._atomically():
                await follow_up.conclude(claim.stream, done.canonical)
                return await self._kept(claim, last, learned=learned)
        except RemoteError as exc:  # the owner cannot accept this answer
            log.error("answer_not_accepted", target=claim.stream.target, code=exc.error_code)
            await self._hold(claim, of_error(exc))
            return None

    async def _look_again(self, claim: Claim, message: Message, *, at_least_s: float) -> None:
        wait: float | None = self._policy.backoff.wait_s(claim.attempts)
        if follow_up := self._follow_ups.get(message.operation):
            wait = await follow_up.next_wait_s(claim.stream, now=self._clock())
        if wait is None:
            await self._hold(claim, of_open_answer())
            return
        due = self._clock() + timedelta(seconds=max(wait, at_least_s))
        # A question may be put again as it is; a message that the target has already must not be sent again unasked.
        await self._outbox.retry(claim, of_open_answer(), due=due, unsettled=follow_up is None)

    async def _after_error(self, claim: Claim, exc: GatewayError, *, sent: bool, is_question: bool) -> None:
        """`sent`: the message itself was tried, rather than the question about it."""
        trouble, backoff = of_error(exc), self._policy.backoff
        log.warning("not_delivered", target=claim.stream.target, code=exc.error_code, attempts=claim.attempts + 1)
        asks_again = exc.retry is Retry.HOLD and is_question and claim.attempts < self._policy.doubts
        if exc.retry is Retry.BACKOFF or asks_again:
            wait = backoff.wait_s(claim.attempts, at_least_s=exc.retry_after_s or 0.0)
            counted = exc.error_code not in NOT_TRIED  # the wait must not grow
            # A fault of ours after the bytes left (the audit log was down) says nothing about what the target did.
            unsettled = claim.unsettled or (sent and exc.origin is Origin.OURS)
            due = self._clock() + timedelta(seconds=wait)
            await self._outbox.retry(claim, trouble, due=due, unsettled=unsettled, counted=counted)
        elif exc.retry is Retry.RECONCILE:
            wait = backoff.wait_s(claim.attempts, at_least_s=self._policy.settle_after_s)
            due = self._clock() + timedelta(seconds=wait)
            await self._outbox.retry(claim, trouble, due=due, unsettled=sent or claim.unsettled)
        else:
            await self._hold(claim, trouble)

    async def _after_surprise(self, claim: Claim) -> None:
        """A fault of ours that nobody foresaw: it waits and shows, and what may have left is asked about first."""
        due = self._clock() + timedelta(seconds=self._policy.backoff.wait_s(claim.attempts))
        with contextlib.suppress(Exception):  # the database itself may be what failed: then the lease runs out
            await self._outbox.retry(claim, of_error(GatewayError()), due=due, unsettled=True)

    async def _hold(self, claim: Claim, trouble: Trouble) -> None:
        log.warning("stream_held", target=claim.stream.target, code=trouble.code)
        await self._outbox.hold(claim, trouble)

    def _left_s(self, claim: Claim) -> float:
        return (claim.lease_until - self._clock()).total_seconds()


def _lost(claim: Claim) -> Claim | None:
    """Another worker has the stream by now; what was found out here is found out again there."""
    log.warning("lease_lost", target=claim.stream.target)
    return None
