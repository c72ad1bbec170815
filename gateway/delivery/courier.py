"""What the worker needs of others: somebody who carries a message, and what its owner does with the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from gateway.delivery.model import Message, StreamKey
from gateway.domain import Context
from gateway.observability import continue_trace
from gateway.sdk import Call, Outcome, Refused, Settlement


class Delivered(Protocol):
    """The end of one attempt."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def canonical(self) -> Mapping[str, Any]: ...


class Courier(Protocol):
    """Carries messages; the exchange does. Errors are `GatewayError`, and their `retry` says what happens next."""

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        """One attempt, never repeated here."""

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        """Ask the target what became of `call`."""

    def room(self, target: str, *, most: int) -> int:
        """How many messages the target may be sent at once now, up to `most`; 0 while it is left in peace."""

    def most_together(self, stream: StreamKey, operation: str) -> int:
        """How many messages of this operation the target takes in one call."""

    @property
    def targets(self) -> Sequence[str]:
        """Every target that messages can be carried to."""

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        """Whether the target wants to be asked before its first message of a stream."""


class FollowUp(Protocol):
    """What the owner of an operation adds to its delivery."""

    async def needed(self, stream: StreamKey) -> bool:
        """False: what the message would find out is known already; it counts as delivered unsent."""

    async def next_wait_s(self, stream: StreamKey, *, now: datetime) -> float | None:
        """Seconds until the question is asked again while the answer is open; None: a person must look."""

    async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
        """Act on the answer, in the transaction that acknowledges the message."""


@runtime_checkable
class AsksOtherwise(Protocol):
    """A follow-up that knows another way to put its question."""

    async def refused(self, stream: StreamKey) -> bool:
        """The target refused the question. True: it will be put otherwise, written in the transaction that counts this
        message as delivered. False: a person must look."""


class Owner(Protocol):
    """Who wants to know what became of its message. It is no question: it is never sent again unasked."""

    async def needed(self, stream: StreamKey) -> bool:
        """False: it shall not go out any more; it counts as delivered unsent."""

    async def accepted(self, stream: StreamKey, told: Mapping[str, Any]) -> None:
        """The target has it, and said this. Joins the transaction that acknowledges; may be heard twice."""

    async def refused(self, stream: StreamKey, refused: Refused) -> None:
        """The target said no: the owner decides what follows, and the stream goes on. Joins that transaction, too."""


def context_of(stream: StreamKey, message: Message) -> Context:
    """On whose behalf a message goes out: the worker's, in the trace of who told it."""
    return continue_trace(message.trace_id).context(tenant=stream.tenant, actor="worker")
